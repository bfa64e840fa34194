"""What one generation of the index consists of, in a file that proves itself whole.

A manifest names every file with its size and SHA-256. It is the only thing
that is trusted unread: Whoosh's table of contents is a pickle and FAISS loads
damaged files without a word, so nothing is opened before its hash was checked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

SCHEMA = 3
"""Raised whenever the files of a segment change their meaning; an older index is then rebuilt."""


class ManifestError(ValueError):
    """The manifest is damaged or of another schema; the message says which."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """Size and SHA-256 of one file."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class VectorEntry:
    """The vectors of one segment, kept apart because they may follow later than its words."""

    id: str
    model: str
    files: Mapping[str, FileEntry]


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One immutable segment, and which of its articles no longer count."""

    id: str
    articles: int
    passages: int
    files: Mapping[str, FileEntry]
    tombstones: tuple[str, ...] = ()
    """Ids of articles that a later segment replaced or that were deleted, sorted."""
    vectors: VectorEntry | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation: an ordered set of segments, the largest (base) first."""

    generation: int
    tokenizer: str
    model: str
    """Hash of the encoder of every vector in it; empty when it was built without an encoder."""
    sequence: int
    """The last outbox sequence whose change is in it."""
    segments: tuple[SegmentEntry, ...] = ()
    averages: Mapping[str, float] = field(default_factory=dict)
    """Mean length per keyword lane, frozen when the base was built, so that stored scores stay valid."""
    schema: int = SCHEMA

    @property
    def articles(self) -> int:
        """How many articles can be found."""
        return sum(segment.articles - len(segment.tombstones) for segment in self.segments)

    @property
    def passages(self) -> int:
        """How many passages are stored, those of replaced articles included."""
        return sum(segment.passages for segment in self.segments)

    @property
    def pending(self) -> int:
        """How many passages still wait for their vectors."""
        return sum(segment.passages for segment in self.segments if segment.vectors is None)

    def parts(self) -> Iterator[tuple[str, Mapping[str, FileEntry]]]:
        """Folder (relative to the index) and files of everything the generation needs."""
        for segment in self.segments:
            yield f"segments/{segment.id}", segment.files
            if segment.vectors:
                yield f"vectors/{segment.vectors.id}", segment.vectors.files

    def to_bytes(self) -> bytes:
        """The manifest as a file: its SHA-256, then JSON."""
        body = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=1).encode()
        return hashlib.sha256(body).hexdigest().encode() + b"\n" + body

    @classmethod
    def from_bytes(cls, content: bytes) -> Manifest:
        """The manifest that `to_bytes` wrote; ManifestError if a single bit of it changed."""
        digest, _, body = content.partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            raise ManifestError("the manifest is damaged")
        try:
            return _manifest(json.loads(body))
        except (KeyError, TypeError, ValueError) as error:
            raise ManifestError(f"the manifest cannot be read: {error}") from error


def _manifest(content: dict[str, Any]) -> Manifest:
    if content["schema"] != SCHEMA:
        raise ManifestError(f"schema {content['schema']}, this version reads {SCHEMA}")
    segments = tuple(_segment(segment) for segment in content.pop("segments"))
    return Manifest(segments=segments, **content)


def _segment(content: dict[str, Any]) -> SegmentEntry:
    vectors = content.pop("vectors")
    return SegmentEntry(
        **content | {"files": _files(content["files"]), "tombstones": tuple(content["tombstones"])},
        vectors=VectorEntry(**vectors | {"files": _files(vectors["files"])}) if vectors else None,
    )


def _files(content: dict[str, dict[str, Any]]) -> dict[str, FileEntry]:
    return {name: FileEntry(**entry) for name, entry in content.items()}
