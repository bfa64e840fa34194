"""Two texts that came from the same one: where they agree, where not, and one text out of both."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


class Choice(enum.StrEnum):
    """Whose lines to take where two texts differ."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of two texts that stand at the same place."""

    mine: tuple[str, ...]
    theirs: tuple[str, ...]
    is_header: bool = False
    """Whether it belongs to the front matter, where one key must not stand twice."""

    @property
    def is_same(self) -> bool:
        """Whether both texts have these lines."""
        return self.mine == self.theirs


def blocks_of(mine: str, theirs: str) -> tuple[Block, ...]:
    """The two texts side by side, in reading order, equal and different lines in turn.

    >>> [block.is_same for block in blocks_of("a\\nb\\nc", "a\\nx\\nc")]
    [True, False, True]
    """
    left, right = mine.split("\n"), theirs.split("\n")
    above, beside = _header_size(left), _header_size(right)
    return (*_matched(left[:above], right[:beside], True), *_matched(left[above:], right[beside:], False))


def _matched(left: list[str], right: list[str], is_header: bool) -> Iterator[Block]:
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        yield Block(tuple(left[a:b]), tuple(right[c:d]), is_header)


def _header_size(lines: list[str]) -> int:
    """How many lines the front matter has, with the marks around it."""
    if lines[0].rstrip() != "---":
        return 0
    return next((number for number, line in enumerate(lines[1:], 2) if line.rstrip() == "---"), 0)


def merged(blocks: Sequence[Block], choices: Sequence[Choice]) -> str:
    """One text: what is the same, and at each difference in turn whose lines `choices` names.

    Where no choice is left, both are kept, so that nothing is lost by saying too little;
    in the front matter mine are.

    >>> merged(blocks_of("a\\nb", "a\\nc"), [Choice.BOTH])
    'a\\nb\\nc'
    """
    waiting = iter(choices)
    lines: list[str] = []
    for block in blocks:
        choice = Choice.MINE if block.is_same else next(waiting, Choice.BOTH)
        choice = Choice.MINE if block.is_header and choice is Choice.BOTH else choice
        lines += block.mine if choice is not Choice.THEIRS else ()
        lines += block.theirs if choice is not Choice.MINE else ()
    return "\n".join(lines)
