"""The Chinese catalogue is whole, and what is compiled is what is written."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

PACKAGE = Path("kbserver").resolve()
CATALOGUE = PACKAGE / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    return read_po(BytesIO(CATALOGUE.read_bytes()), locale="zh")


@pytest.fixture(scope="module")
def used() -> set[str]:
    found = extract_from_dir(str(PACKAGE), METHODS, keywords=KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def singular(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def test_every_message_has_chinese_words(chinese: Catalog, used: set[str]) -> None:
    translated = {singular(message) for message in chinese if message.id and all(_texts(message))}

    assert used - translated == set()


def test_the_catalogue_holds_nothing_that_is_no_longer_said(chinese: Catalog, used: set[str]) -> None:
    assert {singular(message) for message in chinese if message.id} - used == set()


def test_placeholders_are_the_same_in_both_languages(chinese: Catalog) -> None:
    wrong = [
        singular(message)
        for message in chinese
        if message.id and any(_places(text) != _places(singular(message)) for text in _texts(message))
    ]

    assert wrong == []


def test_chinese_words_end_no_sentence_with_a_latin_mark(chinese: Catalog) -> None:
    texts = [text for message in chinese if message.id for text in _texts(message)]
    wrong = [text for text in texts if re.search(r"[\u3400-\u9fff][.,!?;]", text)]

    assert wrong == []


def test_the_compiled_catalogue_is_up_to_date(chinese: Catalog) -> None:
    compiled = read_mo(BytesIO(CATALOGUE.with_suffix(".mo").read_bytes()))
    fresh = BytesIO()
    write_mo(fresh, chinese)
    expected = read_mo(BytesIO(fresh.getvalue()))

    assert _pairs(compiled) == _pairs(expected)


def _texts(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def _places(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s|\{n\}", text))


def _pairs(catalogue: Catalog) -> dict[str, tuple[str, ...]]:
    return {singular(message): _texts(message) for message in catalogue if message.id}
