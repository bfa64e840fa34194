"""Numbers in addresses and forms: plain digits within bounds, or a sentence."""

from __future__ import annotations

from flask import request

from kbserver.errors import N_, InvalidInput

MAX_PAGE = 100_000
MAX_DIGITS = 15


def page_number() -> int:
    """The page that the address asks for, 1 where it asks for none."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS and 1 <= int(text) <= MAX_PAGE):
        raise InvalidInput(N_("The page must be a whole number from 1."), field="page")
    return int(text)


def row_numbers(name: str) -> list[int]:
    """The numbers that a form sends under one name, each once, in their order."""
    texts = request.form.getlist(name)
    if not all(text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS for text in texts):
        raise InvalidInput(N_("This is not a number of a row."), field=name)
    return list(dict.fromkeys(map(int, texts)))


def form_number(name: str) -> int:
    """The number that a form sends under that name."""
    found = row_numbers(name)
    if len(found) != 1:
        raise InvalidInput(N_("This is not a number of a row."), field=name)
    return found[0]
