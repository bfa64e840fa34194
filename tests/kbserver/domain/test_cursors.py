from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbserver.domain.cursors import Cursor, pack, unpack
from kbserver.domain.limits import MAX_CURSOR_CHARS, MAX_DEPTH
from kbserver.errors import InvalidCursor

KEY = b"k" * 32


def test_a_cursor_comes_back_as_it_was() -> None:
    cursor = Cursor(7, ()).followed_by(7, ["KB-1", "KB-2"])

    assert unpack(pack(cursor, "query", KEY), "query", KEY) == cursor


def test_a_cursor_remembers_what_was_shown() -> None:
    cursor = Cursor(7, ()).followed_by(7, ["KB-1"])

    assert (cursor.has_shown("KB-1"), cursor.has_shown("KB-2")) == (True, False)


@pytest.mark.parametrize(("query", "key"), [("another", KEY), ("query", b"x" * 32)], ids=["query", "key"])
def test_a_cursor_is_good_for_its_query_and_installation_only(query: str, key: bytes) -> None:
    text = pack(Cursor(1, ()), "query", KEY)

    with pytest.raises(InvalidCursor):
        unpack(text, query, key)


def test_a_cursor_with_one_changed_character_is_refused() -> None:
    text = pack(Cursor(1, ()).followed_by(1, ["KB-1"]), "query", KEY)

    for position, char in enumerate(text):
        forged = text[:position] + ("A" if char != "A" else "B") + text[position + 1 :]
        if forged.rstrip("=")[:-1] != text[:-1] or len(text) % 4 == 0:
            with pytest.raises(InvalidCursor):
                unpack(forged, "query", KEY)


@given(st.text(max_size=300))
def test_any_text_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(InvalidCursor):
        unpack(text, "query", KEY)


def test_the_deepest_cursor_is_within_the_limit() -> None:
    cursor = Cursor(999_999_999, ()).followed_by(1, [f"KB-{n}" for n in range(MAX_DEPTH)])

    assert len(pack(cursor, "query", KEY)) <= MAX_CURSOR_CHARS
