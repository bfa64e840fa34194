"""Texts to vectors: the model, the queue in front of it and the cache behind it.

Importing this package loads numpy and the standard library only; onnxruntime is
loaded with a model, and torch never, except in the process that prepares one.
"""

from indexer.encoding.catalog import is_prepared, list_models, load_encoder, prepare_model
from indexer.encoding.encoder import Encoder, Vectors
from indexer.encoding.errors import (
    EncoderBusy,
    EncoderClosed,
    EncoderTimeout,
    EncodingError,
    ModelUnavailable,
)
from indexer.encoding.hashing import HashEncoder
from indexer.encoding.prepared import PreparedModel
from indexer.encoding.queue import EncoderQueue
from indexer.encoding.vector_cache import VectorCache

__all__ = [
    "Encoder",
    "EncoderBusy",
    "EncoderClosed",
    "EncoderQueue",
    "EncoderTimeout",
    "EncodingError",
    "HashEncoder",
    "ModelUnavailable",
    "PreparedModel",
    "VectorCache",
    "Vectors",
    "is_prepared",
    "list_models",
    "load_encoder",
    "prepare_model",
]
