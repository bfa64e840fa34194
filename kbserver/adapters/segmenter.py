"""Lines in words, Chinese ones segmented."""

from __future__ import annotations

import re

import rjieba

_RUNS = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W_\u3400-\u9fff\uf900-\ufaff]+|\s+|.", re.DOTALL)
_IS_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


class WordSegmenter:
    """Splits by jieba's dictionary; safe to share between threads."""

    def __init__(self) -> None:
        self._jieba = rjieba.Jieba()

    def words(self, line: str) -> list[str]:
        """The line in words, spaces and marks; joined, they are the line again."""
        parts: list[str] = []
        for run in _RUNS.findall(line):
            parts += self._jieba.cut(run) if _IS_HAN.match(run) else [run]
        return parts
