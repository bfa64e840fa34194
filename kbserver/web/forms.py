"""Reading values of forms and addresses, with a sentence for those that cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from kbserver.domain.limits import MAX_ROW_NUMBER
from kbserver.errors import N_, InvalidInput

Choice = TypeVar("Choice", bound=StrEnum)


def chosen(kind: type[Choice], values: Mapping[str, str], name: str) -> Choice:
    """What was chosen of a few answers; raises `InvalidInput` for any other."""
    try:
        return kind(values.get(name, ""))
    except ValueError:
        raise InvalidInput(N_("Please choose one of the answers."), field=name) from None


def whole_number(values: Mapping[str, str], name: str) -> int:
    """The value as a number from 0; raises `InvalidInput`.

    >>> whole_number({"version": "3"}, "version")
    3
    """
    text = values.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MAX_ROW_NUMBER):
        raise InvalidInput(N_("This must be a whole number."), field=name)
    return int(text)


def moment(values: Mapping[str, str], name: str) -> datetime | None:
    """The value as a moment in the machine's time zone, None when it is empty; raises `InvalidInput`."""
    text = values.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidInput(N_("Please give a day and a time, such as 2026-09-01 18:00."), field=name) from error


def day(values: Mapping[str, str], name: str) -> date | None:
    """The value as a day, None when it is empty; raises `InvalidInput`."""
    text = values.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(N_("Please give a day, such as 2026-09-01."), field=name) from error
