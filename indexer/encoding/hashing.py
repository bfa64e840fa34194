"""Vectors without a model, for tests and for machines too small for one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from zlib import crc32

import numpy as np

from indexer.encoding.encoder import Vectors

_GRAM_WEIGHTS = {1: 0.3, 2: 1.0, 3: 0.7}
"""Characters alone say little, pairs are about a Chinese word, triples tell near ones apart."""

_MAX_CHARS = 4000
"""Characters of a text that are read, so that no text takes long."""


class HashEncoder:
    """Character n-grams hashed into a fixed number of signed features, scaled to length 1.

    Texts that share wording come out alike; synonyms do not. The same text gives
    the same vector on every machine and in every process.

    >>> encoder = HashEncoder()
    >>> printer, mail = encoder.encode_passages(["打印机脱机怎么办", "收不到邮件"])
    >>> query = encoder.encode_query("打印机脱机")
    >>> float(query @ printer) > 0.5 > float(query @ mail)
    True
    """

    def __init__(self, dimensions: int = 256) -> None:
        if dimensions < 8:
            raise ValueError("dimensions must be at least 8")
        self.dimensions = dimensions
        self.model_hash = f"hash-1-{dimensions}"

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            self._fill(row, text)
        return vectors

    def encode_query(self, text: str) -> Vectors:
        vector: Vectors = self.encode_passages([text])[0]
        return vector

    def close(self) -> None:
        pass

    def _fill(self, row: Vectors, text: str) -> None:
        for code, weight in _grams(text):
            # The lowest bit picks the sign, so that colliding features cancel
            # on average instead of making every pair of texts look alike.
            row[(code >> 1) % self.dimensions] += weight if code & 1 else -weight
        norm = float(np.linalg.norm(row))
        if norm > 0:
            row /= norm
        else:
            row[0] = 1.0


def _grams(text: str) -> Iterator[tuple[int, float]]:
    normal = unicodedata.normalize("NFKC", text[:_MAX_CHARS]).casefold()
    for word in normal.split():
        for size, weight in _GRAM_WEIGHTS.items():
            for start in range(len(word) - size + 1):
                yield crc32(word[start : start + size].encode("utf-8", "replace")), weight
