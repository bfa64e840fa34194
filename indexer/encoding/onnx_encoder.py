"""A prepared model on onnxruntime: the only encoder that the running server needs."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.encoding.encoder import MAX_PASSAGE_TOKENS, MAX_QUERY_TOKENS, Vectors
from indexer.encoding.prepared import PreparedModel

BATCH_TOKENS = 1200
"""Padded tokens in one batch. Measured on two cores without VNNI: about 8 passages of 140 tokens
ran a quarter faster than 32 of them, because the activations still fit into the cache."""


class OnnxEncoder:
    """Encodes with a prepared model; safe to share between threads, which take turns.

    Raises `ModelUnavailable` when a file of the model is missing or damaged.
    """

    def __init__(self, model: PreparedModel, *, threads: int | None = None) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        model.verify()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.inter_op_num_threads = 1
        # Spinning threads would take the core that the search itself needs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(str(model.onnx_path), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(model.tokenizer_path))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._lock = threading.Lock()
        self._prompts = model.prompts
        self._limit = model.max_tokens
        self._end = self._tokenizer.encode("").ids[-1]
        self.model_hash = model.model_hash
        self.dimensions = model.dimensions

    def encode_query(self, text: str) -> Vectors:
        """The vector of a question: float32, one dimension, length 1."""
        ids = self._tokens([self._prompts.query + text], MAX_QUERY_TOKENS)
        vector: Vectors = self._run(ids)[0]
        return vector

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """One row of float32 per text, in the order given, each of length 1."""
        ids = self._tokens([self._prompts.passage + text for text in texts], MAX_PASSAGE_TOKENS)
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for places in _batches([len(tokens) for tokens in ids]):
            vectors[places] = self._run([ids[place] for place in places])
        return vectors

    def close(self) -> None:
        """Give the model's memory back."""
        self._session = None

    def _tokens(self, texts: Sequence[str], most: int) -> list[list[int]]:
        """Token ids of each text, cut at `most` with the closing token kept."""
        most = min(most, self._limit)
        # A sentencepiece token is rarely shorter than one character, so what lies far
        # beyond the limit is not even tokenised.
        with self._lock:
            found = self._tokenizer.encode_batch([text[: most * 12] for text in texts])
        return [
            encoding.ids if len(encoding.ids) <= most else [*encoding.ids[: most - 1], self._end] for encoding in found
        ]

    def _run(self, batch: Sequence[list[int]]) -> Vectors:
        width = max(map(len, batch))
        ids = np.zeros((len(batch), width), np.int64)
        mask = np.zeros((len(batch), width), np.int64)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        with self._lock:
            feeds: dict[str, npt.NDArray[np.int64]] = {"input_ids": ids, "attention_mask": mask}
            output: Any = self._session.run(None, feeds)[0]
        return np.asarray(output, np.float32)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of texts of similar length, so that little is spent on padding; all places once."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda at: (lengths[at], at)):
        if batch and (len(batch) + 1) * lengths[place] > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
