"""Texts to vectors, each text once: from the cache where it is, else from the encoder and into the cache."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

BATCH = 256
"""Texts between two looks at whether to stop, and the unit that reaches the cache."""


class PassageEncoder(Protocol):
    """What indexing needs of an encoder."""

    @property
    def model_hash(self) -> str:
        """Names the vector space; vectors of different hashes are never mixed."""

    @property
    def dimensions(self) -> int:
        """The length of a vector."""

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """One L2-normalised row per text."""


class VectorStore(Protocol):
    """What indexing needs of a vector cache."""

    def get_many(self, model_hash: str, texts: Sequence[str], dimensions: int) -> tuple[Floats, NDArray[np.bool_]]:
        """A row for each text, and which rows were found."""

    def put_many(self, model_hash: str, texts: Sequence[str], vectors: Floats) -> None:
        """Keep the vectors of `texts`."""


class StoppedError(RuntimeError):
    """The work was called off."""


class Vectoriser:
    """An encoder behind a cache."""

    def __init__(self, encoder: PassageEncoder, cache: VectorStore | None = None) -> None:
        self.encoder = encoder
        self.cache = cache

    @property
    def model(self) -> str:
        """The hash of the encoder's model."""
        return self.encoder.model_hash

    def missing(self, texts: Sequence[str]) -> int:
        """How many of `texts` the encoder would have to read."""
        return len(set(texts)) - len(self._known(list(dict.fromkeys(texts))))

    def vectors(
        self,
        texts: Sequence[str],
        progress: Callable[[int], None] | None = None,
        stop: threading.Event | None = None,
    ) -> Floats:
        """One row per text. Equally long texts are encoded together, which spares padding.

        `progress` is told how many texts each step settled. StoppedError once `stop` is set.
        """
        rows: dict[str, list[int]] = {}
        for row, text in enumerate(texts):
            rows.setdefault(text, []).append(row)
        found = np.empty((len(texts), self.encoder.dimensions), np.float32)
        distinct = sorted(rows, key=len)
        for start in range(0, len(distinct), BATCH):
            if stop and stop.is_set():
                raise StoppedError("encoding was called off")
            batch = distinct[start : start + BATCH]
            for text, vector in self._batch(batch).items():
                found[rows[text]] = vector
            if progress:
                progress(sum(len(rows[text]) for text in batch))
        return found

    def _batch(self, texts: list[str]) -> dict[str, Floats]:
        known = self._known(texts)
        unknown = [text for text in texts if text not in known]
        if not unknown:
            return known
        vectors = np.asarray(self.encoder.encode_passages(unknown), np.float32)
        if vectors.shape != (len(unknown), self.encoder.dimensions) or not np.isfinite(vectors).all():
            raise ValueError("the encoder gave no usable vectors")
        if self.cache is not None:
            self.cache.put_many(self.model, unknown, vectors)
        return known | dict(zip(unknown, vectors, strict=True))

    def _known(self, texts: list[str]) -> dict[str, Floats]:
        if self.cache is None:
            return {}
        rows, found = self.cache.get_many(self.model, texts, self.encoder.dimensions)
        return {texts[at]: rows[at] for at in np.flatnonzero(found)}
