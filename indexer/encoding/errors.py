"""What can go wrong with a model, each said in one sentence that a person can act on.

EncodingError
├── ModelUnavailable   there is no usable model: search answers from keywords
├── EncoderBusy        the queue is full
├── EncoderTimeout     the vector did not come in time
└── EncoderClosed      the encoder was shut down
"""

from __future__ import annotations


class EncodingError(Exception):
    """Any reason why a text has no vector; `str()` of it is fit for a log line or a page."""


class ModelUnavailable(EncodingError):
    """The model is missing, damaged, or cannot be prepared on this machine."""


class EncoderBusy(EncodingError):
    """More texts wait than the queue may hold; try again, or answer without meaning."""


class EncoderTimeout(EncodingError):
    """The deadline passed before the vector was there."""


class EncoderClosed(EncodingError):
    """The encoder was closed while, or before, it was asked."""
