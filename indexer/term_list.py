"""All terms of one field of a segment in order, in one mapped block: prefixes and near misses in one scan."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_HAN_BYTES = 3


def term_arrays(terms: Sequence[bytes]) -> dict[str, NDArray[Any]]:
    """`terms`, which are in order, as the arrays that a `TermList` reads."""
    ends = np.cumsum([len(term) + 1 for term in terms], dtype=np.int64)
    text = b"".join(term + b"\n" for term in terms)
    return {"text": np.frombuffer(text, np.uint8), "starts": np.concatenate([[0], ends]).astype(np.int64)}


class TermList:
    """Terms in code-point order; safe to share between threads."""

    def __init__(self, text: NDArray[np.uint8], starts: NDArray[np.int64]) -> None:
        self._bytes = text
        self._text = memoryview(text)  # type: ignore[arg-type]
        self._starts = starts

    def __len__(self) -> int:
        return len(self._starts) - 1

    def _term(self, at: int) -> bytes:
        return bytes(self._text[int(self._starts[at]) : int(self._starts[at + 1]) - 1])

    def starting_with(self, prefix: str, limit: int) -> list[str]:
        """The first `limit` terms that start with `prefix`."""
        block = self._block(prefix, limit)
        return block.decode("utf-8", "replace").split("\n")[:-1]

    def one_han_off(self, word: str, limit: int) -> list[str]:
        """Of the first `limit` terms that start as the Han word does those that differ in one other character."""
        # Han characters take three bytes each, so all terms of that length are one table of them.
        first, last = self._range(word[0], limit)
        wanted = np.frombuffer(word.encode(), np.uint8)
        starts = self._starts[first:last]
        starts = starts[self._starts[first + 1 : last + 1] - starts == len(wanted) + 1]
        table = self._bytes[starts[:, None] + np.arange(len(wanted))]
        same = (table == wanted).reshape(len(table), len(word), _HAN_BYTES).all(axis=2)
        near = table[same.sum(axis=1) == len(word) - 1]
        return [row.tobytes().decode("utf-8", "replace") for row in near]

    def _block(self, prefix: str, limit: int) -> bytes:
        first, last = self._range(prefix, limit)
        return bytes(self._text[int(self._starts[first]) : int(self._starts[last])])

    def _range(self, prefix: str, limit: int) -> tuple[int, int]:
        """The numbers of the first `limit` terms that start with `prefix`: [first, last)."""
        start = prefix.encode("utf-8", "replace")
        first = bisect_left(range(len(self)), start, key=self._term)
        most = min(first + limit, len(self))
        return first, bisect_left(range(len(self)), start + b"\xff", first, most, key=self._term)
