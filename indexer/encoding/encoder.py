"""What every encoder offers: texts in, vectors of one length out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]

MAX_QUERY_TOKENS = 512
"""Tokens of a query that are read; an asker may paste a whole mail."""

MAX_PASSAGE_TOKENS = 320
"""Tokens of a passage that are read. Passages are cut at an estimate of 230 tokens, so this
leaves room for the title in front and for text that the estimate judges too short."""


class Encoder(Protocol):
    """Turns texts into unit vectors whose inner product says how alike the meanings are."""

    @property
    def model_hash(self) -> str:
        """Names the vector space; vectors of different hashes must never be compared."""

    @property
    def dimensions(self) -> int:
        """Length of every vector."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """One row of float32 per text, in the order given, each of length 1."""

    def encode_query(self, text: str) -> Vectors:
        """The vector of a question: float32, one dimension, length 1."""

    def close(self) -> None:
        """Give back memory, threads and processes; the encoder is not used afterwards."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """What the model was trained to see in front of a query and of a passage."""

    query: str = ""
    passage: str = ""
