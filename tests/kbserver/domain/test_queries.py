from __future__ import annotations

import pytest

from indexer.articles import Filters
from kbserver.domain.queries import checked_filters, checked_query
from kbserver.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \t　\n", ""),
        ("a\x00b\x07\x1b", "ab"),
        ("a\nb", "a b"),
        ("一" * 512, "一" * 512),
        ("   " + "一" * 512 + "   ", "一" * 512),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
    ],
)
def test_a_query_is_cleaned(text: str, expected: str) -> None:
    assert checked_query(text) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("一" * 513, "513 characters"),
        ("x" * 1_000_000, "1000000 characters"),
        ("a " * 100, "100 words"),
        ("\ud800", "Unicode"),
    ],
    ids=["513", "a million", "100 words", "surrogate"],
)
def test_a_query_that_cannot_be_used_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        checked_query(text)


def test_too_many_filter_values_are_refused() -> None:
    with pytest.raises(InvalidInput, match="product"):
        checked_filters(Filters({"product": tuple(map(str, range(21)))}))
