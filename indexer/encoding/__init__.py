"""Texts to vectors: the model, the queue in front of it and the cache behind it.

Importing this package loads numpy and the standard library only; onnxruntime is
loaded with a model, and torch never, except in the process that prepares one.
"""

from indexer.encoding.encoder import Encoder, Vectors
from indexer.encoding.errors import (
    EncoderBusy,
    EncoderClosed,
    EncoderTimeout,
    EncodingError,
    ModelUnavailable,
)
from indexer.encoding.hashing import HashEncoder
from indexer.encoding.vector_cache import VectorCache

__all__ = [
    "Encoder",
    "EncoderBusy",
    "EncoderClosed",
    "EncoderTimeout",
    "EncodingError",
    "HashEncoder",
    "ModelUnavailable",
    "VectorCache",
    "Vectors",
]
