"""Paging marks: opaque, signed, and good for one query only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass

from kbserver.domain.limits import MAX_CURSOR_CHARS
from kbserver.errors import InvalidCursor

SIGNATURE_BYTES = 12
ID_HASH_CHARS = 6
"""Base64 characters kept of an article id's hash: 36 bits tell `MAX_DEPTH` articles apart."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a reader stands in a ranking: its generation and the articles shown so far.

    While the generation lasts, the next page follows by position. When the
    index has changed meanwhile, the articles shown are left out instead, so
    that none is shown twice.
    """

    generation: int
    shown: tuple[str, ...]
    """Short hashes of article ids, in the order shown."""

    @property
    def offset(self) -> int:
        """Hits on earlier pages."""
        return len(self.shown)

    def has_shown(self, article_id: str) -> bool:
        """Whether the article was on an earlier page."""
        return id_hash(article_id) in self.shown

    def followed_by(self, generation: int, article_ids: list[str]) -> Cursor:
        """The cursor after one more page."""
        return Cursor(generation, (*self.shown, *map(id_hash, article_ids)))


def id_hash(article_id: str) -> str:
    """A short hash of an article id."""
    digest = hashlib.sha256(article_id.encode()).digest()
    return base64.urlsafe_b64encode(digest)[:ID_HASH_CHARS].decode()


def query_key(*parts: object) -> str:
    """A key that differs when anything that decides the ranking differs."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def pack(cursor: Cursor, query: str, key: bytes) -> str:
    """The cursor as a text that only this installation can make."""
    content = f"{cursor.generation}.{''.join(cursor.shown)}".encode()
    return base64.urlsafe_b64encode(_signature(content, query, key) + content).decode().rstrip("=")


def unpack(text: str, query: str, key: bytes) -> Cursor:
    """The cursor in a text, `InvalidCursor` unless it was packed here for the same query."""
    if len(text) > MAX_CURSOR_CHARS or not text.isascii():
        raise InvalidCursor
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidCursor from None
    signature, content = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(content, query, key)):
        raise InvalidCursor
    generation, _, shown = content.decode("ascii").partition(".")
    step = ID_HASH_CHARS
    return Cursor(int(generation), tuple(shown[i : i + step] for i in range(0, len(shown), step)))


def _signature(content: bytes, query: str, key: bytes) -> bytes:
    return hmac.digest(key, query.encode() + b"\0" + content, "sha256")[:SIGNATURE_BYTES]
