"""All terms of one field of a segment in order, in one mapped block: prefixes and near misses in one scan."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def term_arrays(terms: Sequence[bytes]) -> dict[str, NDArray[Any]]:
    """`terms`, which are in order, as the arrays that a `TermList` reads."""
    ends = np.cumsum([len(term) + 1 for term in terms], dtype=np.int64)
    text = b"".join(term + b"\n" for term in terms)
    return {"text": np.frombuffer(text, np.uint8), "starts": np.concatenate([[0], ends]).astype(np.int64)}


class TermList:
    """Terms in code-point order; safe to share between threads."""

    def __init__(self, text: NDArray[np.uint8], starts: NDArray[np.int64]) -> None:
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

    def matching(self, prefix: str, pattern: str, limit: int) -> list[str]:
        """Of the first `limit` terms that start with `prefix` those that the expression fits as a whole."""
        lines = self._block(prefix, limit).decode("utf-8", "replace")
        return re.findall(rf"^(?:{pattern})$", lines, re.MULTILINE)

    def _block(self, prefix: str, limit: int) -> bytes:
        start = prefix.encode("utf-8", "replace")
        first = bisect_left(range(len(self)), start, key=self._term)
        most = min(first + limit, len(self))
        last = bisect_left(range(len(self)), start + b"\xff", first, most, key=self._term)
        return bytes(self._text[int(self._starts[first]) : int(self._starts[last])])
