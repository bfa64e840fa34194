from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kbserver.domain.merging import Choice, blocks_of, merged

TEXTS = st.lists(st.sampled_from(["", "a", "b", "c", "## 原因"]), max_size=12).map("\n".join)


@given(TEXTS, TEXTS)
def test_taking_one_side_everywhere_gives_that_text(mine: str, theirs: str) -> None:
    blocks = blocks_of(mine, theirs)

    assert merged(blocks, [Choice.MINE] * len(blocks)) == mine
    assert merged(blocks, [Choice.THEIRS] * len(blocks)) == theirs


@given(TEXTS, TEXTS)
def test_without_a_choice_no_line_is_lost(mine: str, theirs: str) -> None:
    kept = merged(blocks_of(mine, theirs), [])

    assert set(mine.split("\n")) | set(theirs.split("\n")) == set(kept.split("\n"))


def test_of_the_front_matter_one_side_is_taken() -> None:
    blocks = blocks_of("---\ntitle: a\ntags: [x]\n---\n\n甲", "---\ntitle: b\n---\n\n乙")

    assert merged(blocks, []) == "---\ntitle: a\ntags: [x]\n---\n\n甲\n乙"
    assert merged(blocks, [Choice.THEIRS]) == "---\ntitle: b\n---\n\n甲\n乙"


def test_each_difference_is_decided_by_itself() -> None:
    blocks = blocks_of("标题\n甲\n中\n乙", "标题\n丙\n中\n丁")

    assert merged(blocks, [Choice.THEIRS, Choice.BOTH]) == "标题\n丙\n中\n乙\n丁"
