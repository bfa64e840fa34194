"""A prepared model on onnxruntime: the only encoder that the running server needs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from indexer.encoding.encoder import MAX_PASSAGE_TOKENS, MAX_QUERY_TOKENS, Vectors
from indexer.encoding.prepared import PreparedModel


class OnnxEncoder:
    """Encodes with a prepared model, as many passages at once as there are `threads`; safe to share between threads.

    Every text is a run of its own on one core. Batches would be padded, and cores that share a
    text wait for each other in every layer: two of them took a fifth more CPU for the same passages.

    Raises `ModelUnavailable` when a file of the model is missing or damaged.
    """

    def __init__(self, model: PreparedModel, *, threads: int | None = None) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        model.verify()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            str(model.onnx_path), options, providers=["CPUExecutionProvider"]
        )
        self._wants_mask = len(self._session.get_inputs()) > 1
        self._tokenizer = Tokenizer.from_file(str(model.tokenizer_path))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._crew = ThreadPoolExecutor(threads or usable_cores(), "encode")
        self._prompts = model.prompts
        self._limit = model.max_tokens
        self._end = self._tokenizer.encode("").ids[-1]
        self.model_hash = model.model_hash
        self.dimensions = model.dimensions

    def encode_query(self, text: str) -> Vectors:
        """The vector of a question: float32, one dimension, length 1."""
        (ids,) = self._tokens([self._prompts.query + text], MAX_QUERY_TOKENS)
        return self._run(ids)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """One row of float32 per text, in the order given, each of length 1."""
        ids = self._tokens([self._prompts.passage + text for text in texts], MAX_PASSAGE_TOKENS)
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        # The longest first, so that no core is left with one when the others are done.
        order = sorted(range(len(ids)), key=lambda place: -len(ids[place]))
        for place, vector in zip(order, self._crew.map(self._run, [ids[place] for place in order]), strict=True):
            vectors[place] = vector
        return vectors

    def close(self) -> None:
        """Give the model's memory and threads back."""
        self._crew.shutdown()
        self._session = None

    def _tokens(self, texts: Sequence[str], most: int) -> list[list[int]]:
        """Token ids of each text, cut at `most` with the closing token kept."""
        most = min(most, self._limit)
        # A sentencepiece token is rarely shorter than one character, so what lies far
        # beyond the limit is not even tokenised.
        found = self._tokenizer.encode_batch([text[: most * 12] for text in texts])
        return [
            encoding.ids if len(encoding.ids) <= most else [*encoding.ids[: most - 1], self._end] for encoding in found
        ]

    def _run(self, tokens: list[int]) -> Vectors:
        ids = np.array([tokens], np.int64)
        feeds = {"input_ids": ids}
        if self._wants_mask:
            feeds["attention_mask"] = np.ones_like(ids)
        return np.asarray(self._session.run(None, feeds)[0][0], np.float32)


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
