from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbserver.adapters.segmenter import WordSegmenter
from kbserver.domain.text_diff import MAX_ROWS, RowKind, TextDiff, compare

WORDS = WordSegmenter().words


def marked(diff: TextDiff) -> list[tuple[str, str, str]]:
    """Each row: its kind and both sides, with brackets around what changed."""

    def side(found) -> str:
        return "".join(f"[{p.text}]" if p.is_changed else p.text for p in found.pieces) if found else ""

    return [(row.kind.value, side(row.old), side(row.new)) for row in diff.rows]


def test_a_changed_chinese_line_is_marked_by_words() -> None:
    diff = compare("2. 打开设备管理器，更新驱动程序。", "2. 打开设备管理器，卸载驱动程序。", WORDS)

    assert marked(diff) == [("changed", "2. 打开设备管理器，[更新]驱动程序。", "2. 打开设备管理器，[卸载]驱动程序。")]


def test_a_line_is_beside_the_one_it_was_before_not_beside_its_number() -> None:
    diff = compare("更新驱动程序\n完成\n", "先检查网线\n卸载驱动程序\n完成\n", WORDS)

    assert marked(diff) == [
        ("added", "", "[先检查网线]"),
        ("changed", "[更新]驱动程序", "[卸载]驱动程序"),
        ("same", "完成", "完成"),
    ]


def test_lines_far_from_a_change_are_counted_and_left_out() -> None:
    old = [str(n) for n in range(20)]
    new = [*old[:10], "X", *old[11:]]

    diff = compare("\n".join(old), "\n".join(new), WORDS)

    assert [row.kind.value for row in diff.rows] == [
        "skipped",
        *["same"] * 3,
        "removed",
        "added",
        *["same"] * 3,
        "skipped",
    ]
    assert (diff.rows[0].count, diff.rows[-1].count) == (7, 6)
    assert diff.rows[1].old.number == diff.rows[1].new.number == 8


def test_the_whole_text_can_be_asked_for() -> None:
    old = "\n".join(str(n) for n in range(20))

    assert len(compare(old, old + "\n20", WORDS, is_whole=True).rows) == 21


def test_equal_texts_have_no_rows() -> None:
    diff = compare("a\nb", "a\nb", WORDS)

    assert (diff.rows, diff.is_empty) == ((), True)


def test_what_is_not_shown_is_counted() -> None:
    diff = compare("", "\n".join(map(str, range(MAX_ROWS + 5))), WORDS)

    assert (len(diff.rows), diff.more_rows, diff.added) == (MAX_ROWS, 5, MAX_ROWS + 5)


LINES = st.lists(st.sampled_from(["", "重启服务", "重启打印机服务", "检查网线", "a b c", "a c"]), max_size=12)


@settings(deadline=None, max_examples=200)
@given(LINES, LINES)
def test_each_side_of_the_whole_comparison_is_its_text(old: list[str], new: list[str]) -> None:
    diff = compare("\n".join(old), "\n".join(new), WORDS, is_whole=True)

    for side, lines in (("old", "\n".join(old).splitlines()), ("new", "\n".join(new).splitlines())):
        shown = [getattr(row, side) for row in diff.rows if getattr(row, side)]
        assert ["".join(piece.text for piece in line.pieces) for line in shown] == lines
        assert [line.number for line in shown] == list(range(1, len(lines) + 1))


@settings(deadline=None, max_examples=200)
@given(LINES, LINES)
def test_a_line_counts_as_unchanged_only_where_it_is_the_same(old: list[str], new: list[str]) -> None:
    for row in compare("\n".join(old), "\n".join(new), WORDS).rows:
        if row.kind in (RowKind.SAME, RowKind.CHANGED):
            texts = ["".join(piece.text for piece in side.pieces) for side in (row.old, row.new)]
            assert (texts[0] == texts[1]) == (row.kind is RowKind.SAME)


def _lines(pattern: str, count: int, step: int = 1) -> str:
    return "\n".join(pattern % (n * step) for n in range(count))


RANDOM = random.Random(1)
HARD = {
    "every line new": (_lines("行 %d 甲", 9000), _lines("行 %d 乙", 9000, 7)),
    "two lines in turn": ("a\nb\n" * 60_000, "b\na\n" * 60_000),
    "one endless line": ("打印机" * 80_000, "打印机" * 40_000 + "x" + "打印机" * 40_000),
    "blank lines": ("\n" * 250_000, "\n" * 249_000),
    "shuffled": (_lines("%d", 1900), "\n".join(RANDOM.sample([str(n) for n in range(1900)], 1900))),
    "long repetitive paragraphs": (_lines("步骤 %d 打开设置 " * 1, 60) * 40, _lines("步骤 %d 关闭设置 ", 60, 7) * 40),
    "words in turn": ("\n".join("a b " * 500 for _ in range(60)), "\n".join("b a " * 501 for _ in range(60))),
}


@pytest.mark.parametrize(("old", "new"), HARD.values(), ids=HARD.keys())
def test_a_hard_comparison_ends_soon(old: str, new: str) -> None:
    started = time.process_time()

    diff = compare(old, new, WORDS)

    # Far above what it takes on any machine, and far below what a comparison without bounds takes.
    assert time.process_time() - started < 30
    assert not diff.is_empty
