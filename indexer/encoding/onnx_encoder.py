"""The encoder that serves: onnxruntime and a tokenizer, nothing of torch."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.encoding.encoder import Vectors
from indexer.encoding.errors import ModelUnavailable
from indexer.encoding.prepared import MODEL, TOKENIZER, PreparedModel, read_manifest, verify_files

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_CHARS_PER_TOKEN = 24
"""Characters of a text that are tokenized, per token that is read: the rest cannot matter."""


class OnnxEncoder:
    """Runs a prepared model, one text at a time and each text on one thread.

    One at a time is 1.5 times as fast as batches of 8 on processors without
    VNNI, since the states of a text stay in the second-level cache; nothing is
    padded; and the vector of a text does not depend on what else was asked at
    the moment, which it does in a batch that is rounded to 8 bits as a whole.
    Passages are shared out among `threads` threads. Every method may be called
    from any number of threads.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        self.model: PreparedModel = read_manifest(folder)
        verify_files(folder, self.model)
        self.model_hash = self.model.model_hash
        self.dimensions = self.model.dimensions
        self._tokenizer = _tokenizer(folder / TOKENIZER)
        self._session = _session(folder / MODEL)
        self._output = self._session.get_outputs()[0].name
        # Two threads inside one Rust tokenizer may meet 'Already borrowed'.
        self._tokenizing = threading.Lock()
        self._pool = ThreadPoolExecutor(threads, "encoder") if threads > 1 else None
        self._check()

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        limit, prompt = self.model.max_passage_tokens, self.model.prompts.passage
        rows = [self._tokens(prompt + text, limit) for text in texts]
        vectors = np.empty((len(rows), self.dimensions), np.float32)
        # Long ones first, so that no thread is left with a long one at the end.
        order = sorted(range(len(rows)), key=lambda row: -len(rows[row]))
        run = map if self._pool is None else self._pool.map
        for row, vector in zip(order, run(self._vector, [rows[i] for i in order]), strict=True):
            vectors[row] = vector
        return vectors

    def encode_query(self, text: str) -> Vectors:
        prompt, limit = self.model.prompts.query, self.model.max_query_tokens
        return self._vector(self._tokens(prompt + text, limit))

    def close(self) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def _tokens(self, text: str, limit: int) -> list[int]:
        # A lone surrogate cannot be handed to Rust.
        text = text[: limit * _CHARS_PER_TOKEN].encode("utf-8", "replace").decode()
        with self._tokenizing:
            encoding = self._tokenizer.encode(text)
        ids: list[int] = encoding.ids
        if len(ids) <= limit:
            return ids
        # The model marks the end of every text; a text cut short keeps its marks.
        ending = _trailing_ones(encoding.special_tokens_mask)
        return ids[: limit - ending] + ids[len(ids) - ending :]

    def _vector(self, tokens: list[int]) -> Vectors:
        ids = np.array([tokens], np.int64)
        vector: Vectors = self._session.run([self._output], {"input_ids": ids})[0][0]
        return vector

    def _check(self) -> None:
        vector = self.encode_query("测试 test")
        if vector.shape != (self.dimensions,) or not np.isfinite(vector).all():
            raise ModelUnavailable(
                f"The model {self.model.name} gives vectors of shape {vector.shape} and not of "
                f"{self.dimensions} finite numbers: prepare it again."
            )


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # onnxruntime would melt addition and normalisation into an operator of its
    # own whose loop is four times as slow as the two by themselves.
    keep_apart = ["SkipLayerNormFusion"]
    try:
        return onnxruntime.InferenceSession(
            str(path), options, ["CPUExecutionProvider"], disabled_optimizers=keep_apart
        )
    except Exception as error:
        raise ModelUnavailable(f"onnxruntime cannot open {path}: {error}") from error


def _tokenizer(path: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:
        raise ModelUnavailable(f"The tokenizer {path} cannot be opened: {error}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _trailing_ones(mask: Sequence[int]) -> int:
    """How many special tokens end a text.

    >>> _trailing_ones([1, 0, 0, 1]), _trailing_ones([0])
    (1, 0)
    """
    count = 0
    for special in reversed(mask):
        if not special:
            break
        count += 1
    return count
