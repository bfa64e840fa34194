"""Keeping the index current: changed articles become a small segment, older versions tombstones.

A commit never copies what is there, so it takes as long at a hundred thousand
passages as at a hundred. `maintain` joins the small segments later.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from indexer import generations
from indexer.articles import Article
from indexer.building import (
    INLINE_PASSAGES,
    LOCK_WAIT,
    Floats,
    RebuildNeededError,
    UpdateReport,
    committed,
    finished,
    finished_vectors,
    replaced,
)
from indexer.generations import DamageError, building_folder
from indexer.manifest import Manifest, SegmentEntry
from indexer.segments import IndexedArticle, Segment, content_hash, indexed, write_segment
from indexer.tokenizing import Tokenizer
from indexer.vector_index import write_vectors
from indexer.vectorising import PassageEncoder, Vectoriser, VectorStore

log = logging.getLogger(__name__)

MAX_DELTAS = 8
"""With more small segments than this the smallest are joined."""

MAX_STALE_SHARE = 0.25
"""Everything is rebuilt aside once small segments and tombstones reach this share of the base."""

SMALL_BASE = 200
"""A base of fewer passages than this is not rebuilt for its share alone."""


class IndexWriter:
    """Applies changes to the index under `root`; several may exist, commits take turns."""

    def __init__(
        self,
        root: Path,
        *,
        tokenizer: Tokenizer,
        encoder: PassageEncoder | None = None,
        cache: VectorStore | None = None,
    ) -> None:
        self.root = root
        self._tokenizer = tokenizer
        self._vectoriser = Vectoriser(encoder, cache) if encoder else None
        self._records: dict[str, dict[str, str]] = {}

    @property
    def sequence(self) -> int:
        """The outbox position up to which changes are in the index; replay from there after a start.

        0 for an empty index; after damage it is that of the generation still whole.
        """
        return self._manifest().sequence

    def update(self, changed: Iterable[Article], deleted: Iterable[str] = (), sequence: int = 0) -> UpdateReport:
        """Make `changed` searchable and `deleted` not, durably, before it returns.

        Articles whose content is indexed already are skipped, so replaying is
        harmless. Up to INLINE_PASSAGES new passages are encoded at once; with
        more, or if the encoder fails, their vectors are pending (`fill_pending`).
        RebuildNeededError if the index was made by another tokenizer,
        DamageError if no generation is whole, IndexBusyError if the lock is not had.
        """
        wanted = {article.id: article for article in changed}
        with generations.writer_lock(self.root, LOCK_WAIT):
            manifest = self._manifest()
            if manifest.tokenizer != self._tokenizer.version:
                raise RebuildNeededError("the index was made by another tokenizer; build it anew")
            live = self._live(manifest)
            stale = [article for article in wanted.values() if live.get(article.id) != content_hash(article)]
            pairs = [edition for article in stale for edition in indexed(article)]
            removed = (set(deleted) - wanted.keys()) & live.keys()
            if pairs or removed or sequence > manifest.sequence:
                manifest = self._add(manifest, pairs, removed, sequence)
        return UpdateReport(len(stale), len(removed), self._pending(manifest))

    def fill_pending(self) -> int:
        """Encode what waits for vectors, one segment and generation after the other; what still waits.

        Nothing is locked while the encoder works. 0 without an encoder would be untrue, so the count stays.
        """
        vectoriser = self._vectoriser
        while vectoriser and (waiting := self._waiting(self._manifest())):
            segment = self._open(waiting[0])
            texts = [segment.passage(row).encoded_text for row in range(segment.passages)]
            vectors = vectoriser.vectors(texts)
            with building_folder(self.root / "vectors") as folder:
                write_vectors(folder, vectors)
                self._attach(waiting[0].id, folder, vectoriser.model)
        return self._pending(self._manifest())

    def maintain(self) -> bool:
        """Join small segments, or rebuild all aside, if it is time; whether anything was done.

        Searches and updates go on meanwhile.
        """
        joined = False
        with generations.build_lock(self.root):
            while chosen := _to_join(manifest := self._manifest()):
                if not self._join(manifest, chosen):
                    break
                joined = True
        return joined

    def _manifest(self) -> Manifest:
        problems: list[str] = []
        manifest = generations.whole_manifest(self.root, problems)
        if manifest is None and problems:
            raise DamageError("no generation of the index is whole: " + "; ".join(problems))
        for problem in problems:
            log.error("damaged index, an older generation is used: %s", problem)
        model = self._vectoriser.model if self._vectoriser else ""
        return manifest or Manifest(0, self._tokenizer.version, model, 0)

    def _live(self, manifest: Manifest) -> dict[str, str]:
        """Content hash per article that can be found."""
        live: dict[str, str] = {}
        for entry in manifest.segments:
            records = self._records.get(entry.id)
            if records is None:
                records = {r.id: r.content_hash for r in self._open(entry).records}
                self._records[entry.id] = records
            dead = set(entry.tombstones)
            live.update((id_, digest) for id_, digest in records.items() if id_ not in dead)
        return live

    def _open(self, entry: SegmentEntry) -> Segment:
        folder = self.root / "segments" / entry.id
        generations.VERIFIER.verify(folder, entry.files)
        return Segment(folder)

    def _add(self, manifest: Manifest, pairs: Sequence[IndexedArticle], removed: set[str], sequence: int) -> Manifest:
        stale = removed | {record.id for record, _ in pairs}
        segments = [self._buried(entry, stale) for entry in manifest.segments]
        averages = manifest.averages
        with ExitStack() as stack:
            if pairs:
                words = stack.enter_context(building_folder(self.root / "segments"))
                averages = {**write_segment(words, pairs, self._tokenizer, averages), **averages}
                meaning = stack.enter_context(building_folder(self.root / "vectors"))
                vectors = self._inline_vectors(pairs)
                if vectors is not None:
                    write_vectors(meaning, vectors)
                model = self._vectoriser.model if self._vectoriser else ""
                segments.append(finished(words, pairs, None if vectors is None else meaning, model))
            return committed(
                self.root,
                replace(
                    manifest,
                    segments=tuple(segments),
                    averages=averages,
                    sequence=max(sequence, manifest.sequence),
                ),
            )

    def _buried(self, entry: SegmentEntry, stale: set[str]) -> SegmentEntry:
        dead = set(entry.tombstones) | (stale & self._records[entry.id].keys())
        return replace(entry, tombstones=tuple(sorted(dead)))

    def _inline_vectors(self, pairs: Sequence[IndexedArticle]) -> Floats | None:
        texts = [passage.encoded_text for _, passages in pairs for passage in passages]
        if not self._vectoriser or not texts or self._vectoriser.missing(texts) > INLINE_PASSAGES:
            return None
        try:
            return self._vectoriser.vectors(texts)
        except Exception:
            log.exception("the encoder failed; the vectors of this update are pending")
            return None

    def _waiting(self, manifest: Manifest) -> list[SegmentEntry]:
        """Segments without vectors of the present model, smallest first."""
        model = self._vectoriser.model if self._vectoriser else manifest.model
        waiting = [
            entry
            for entry in manifest.segments
            if entry.passages and (entry.vectors is None or entry.vectors.model != model)
        ]
        return sorted(waiting, key=lambda entry: entry.passages)

    def _pending(self, manifest: Manifest) -> int:
        return sum(entry.passages for entry in self._waiting(manifest))

    def _attach(self, segment: str, folder: Path, model: str) -> None:
        with generations.writer_lock(self.root, LOCK_WAIT):
            manifest = self._manifest()
            if segment not in {entry.id for entry in manifest.segments}:
                return
            vectors = finished_vectors(folder, model)
            segments = tuple(
                replace(entry, vectors=vectors) if entry.id == segment else entry for entry in manifest.segments
            )
            committed(self.root, replace(manifest, segments=segments, model=model))

    def _join(self, started: Manifest, chosen: Sequence[SegmentEntry]) -> bool:
        """Write the living articles of `chosen` as one segment in their place; False if one is gone by then."""
        everything = len(chosen) == len(started.segments)
        pairs, vectors = self._collected(chosen)
        with building_folder(self.root / "segments") as words, building_folder(self.root / "vectors") as meaning:
            frozen: Mapping[str, float] = {} if everything else started.averages
            means = write_segment(words, pairs, self._tokenizer, frozen)
            if vectors is not None:
                write_vectors(meaning, vectors)
            with generations.writer_lock(self.root, LOCK_WAIT):
                now = self._manifest()
                gone = {entry.id for entry in chosen}
                if not gone <= {entry.id for entry in now.segments}:
                    return False
                model = (chosen[0].vectors.model if chosen[0].vectors else "") if vectors is not None else ""
                entry = finished(words, pairs, meaning if vectors is not None else None, model)
                segments = replaced(self.root, now, started, gone, entry)
                averages = means if everything else now.averages
                committed(self.root, replace(now, segments=segments, averages=averages))
                return True

    def _collected(self, chosen: Sequence[SegmentEntry]) -> tuple[list[IndexedArticle], Floats | None]:
        """Living articles of `chosen`, and their vectors if all have those of one model."""
        models = {entry.vectors.model if entry.vectors else "" for entry in chosen if entry.passages}
        pairs: list[IndexedArticle] = []
        parts: list[Floats] = []
        for entry in chosen:
            segment, dead = self._open(entry), set(entry.tombstones)
            alive = [at for at, record in enumerate(segment.records) if record.id not in dead]
            pairs += [(segment.records[at], segment.article_passages(at)) for at in alive]
            if entry.vectors and len(models) == 1:
                folder = self.root / "vectors" / entry.vectors.id
                stored = np.load(folder / "vectors.f16.npy", mmap_mode="r", allow_pickle=False)
                rows = [np.arange(*segment.starts[at : at + 2]) for at in alive]
                parts += [stored[r].astype(np.float32) for r in rows if len(r)]
        return pairs, np.concatenate(parts) if parts else None


def _to_join(manifest: Manifest) -> tuple[SegmentEntry, ...]:
    """The segments that should become one: all, the smallest, or none."""
    if not manifest.segments:
        return ()
    base, deltas = manifest.segments[0], manifest.segments[1:]
    mean = base.passages / max(base.articles, 1)
    stale = sum(entry.passages for entry in deltas) + len(base.tombstones) * mean
    if stale > max(MAX_STALE_SHARE * base.passages, SMALL_BASE):
        return manifest.segments
    if len(deltas) > MAX_DELTAS:
        return tuple(sorted(deltas, key=lambda entry: entry.passages)[:MAX_DELTAS])
    return ()
