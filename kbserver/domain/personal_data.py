"""What in a text looks like a person's data or a secret, and so does not belong into an article."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass


class PersonalKind(enum.StrEnum):
    """What a stretch of text looks like."""

    PHONE = "phone"
    EMAIL = "email"
    ID_NUMBER = "id_number"
    CARD = "card"
    PASSWORD = "password"


@dataclass(frozen=True, slots=True)
class PersonalData:
    """One finding: its kind, the line counted from 1, and enough of it to be found again."""

    kind: PersonalKind
    line: int
    shown: str


EXAMPLE_DOMAINS = re.compile(
    r"(?i)(?:.*\.)?(?:example\.[a-z.]+|contoso\.[a-z]+|fabrikam\.[a-z]+|[\w-]+\.(?:example|test|invalid|local))"
)
"""Mail domains that belong to nobody and are made for writing about."""

MAX_LINE_CHARS = 20_000
"""Characters of one line that are looked at; a longer one is data, not prose."""

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


def _is_id_number(text: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, text, strict=False))
    return _ID_CHECKS[total % 11] == text[-1].upper()


def _is_card(text: str) -> bool:
    """Whether the digits carry the check digit of payment cards (Luhn)."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(text), 1)]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _is_somebodys_mail(text: str) -> bool:
    return EXAMPLE_DOMAINS.fullmatch(text.rpartition("@")[2]) is None


def _is_password(text: str) -> bool:
    """Whether a value behind `password:` is one, and not a word, a place to fill in or a row of stars."""
    return re.search(r"[0-9!@#$^&]", text) is not None and len(set(text.lower())) > 2


def _always(_: str) -> bool:
    return True


_RULES: tuple[tuple[PersonalKind, re.Pattern[str], Callable[[str], bool]], ...] = (
    (PersonalKind.ID_NUMBER, re.compile(r"(?<![\w-])([1-9][0-9]{16}[0-9Xx])(?![\w-])"), _is_id_number),
    (PersonalKind.CARD, re.compile(r"(?<![\w-])([3-6][0-9]{15,18})(?![\w-])"), _is_card),
    (
        PersonalKind.PHONE,
        re.compile(r"(?<![\w.-])((?:\+?86[- ]?)?1[3-9][0-9](?:[- ]?[0-9]{4}){2}|0[0-9]{2,3}-[2-9][0-9]{6,7})(?![\w-])"),
        _always,
    ),
    (
        PersonalKind.EMAIL,
        re.compile(r"(?<![\w.+-])([\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5})(?![\w@])", re.ASCII),
        _is_somebodys_mail,
    ),
    (
        PersonalKind.PASSWORD,
        re.compile(
            r"(?i)(?:密码|口令|passw(?:or)?d|passphrase|pwd)[ \t]{0,3}(?:[:：=]|是|为)[ \t]{0,3}[\"'`“]?"
            r"([!-~]{4,64}?)(?=[\"'`”\s，。；、,;]|$)"
        ),
        _is_password,
    ),
)
_PLACE_TO_FILL_IN = re.compile(r"[<{\[$%*]")


def personal_data_in(text: str) -> tuple[PersonalData, ...]:
    """Everything in the text that looks personal or secret, in reading order; each place once.

    >>> [found.shown for found in personal_data_in("联系 13812345678\\n或 li.na@corp.cn，密码：Abc12345")]
    ['138…78', 'li.…cn', 'Abc…45']
    >>> personal_data_in("密码：见信封；user@example.com；password: <新密码>；400-800-1234")
    ()
    """
    lines = text.split("\n")
    return tuple(found for number, line in enumerate(lines, 1) for found in _in_line(line[:MAX_LINE_CHARS], number))


def _in_line(line: str, number: int) -> Iterator[PersonalData]:
    found: dict[int, tuple[int, PersonalKind]] = {}
    for kind, pattern, is_real in _RULES:
        for match in pattern.finditer(line):
            start, end = match.span(1)
            is_new = all(end <= other or start >= until for other, (until, _) in found.items())
            if is_new and not _PLACE_TO_FILL_IN.match(match[1]) and is_real(match[1]):
                found[start] = (end, kind)
    for start in sorted(found):
        end, kind = found[start]
        yield PersonalData(kind, number, f"{line[start : start + 3]}…{line[end - 2 : end]}")
