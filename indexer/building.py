"""Writing the index: all of it aside, or the changed articles as one small segment more.

Only commits hold the writer's lock. A full build and a merge prepare their
segment beside the living index and then take over what was committed meanwhile.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer import generations
from indexer.articles import Article
from indexer.generations import building_folder, finish_folder
from indexer.manifest import Manifest, SegmentEntry, VectorEntry
from indexer.segments import IndexedArticle, Segment, indexed, write_segment
from indexer.tokenizing import Tokenizer
from indexer.vector_index import write_vectors
from indexer.vectorising import PassageEncoder, StoppedError, Vectoriser, VectorStore

log = logging.getLogger(__name__)

INLINE_PASSAGES = 20
"""Up to this many passages are encoded before an update is committed; more follow in a later generation."""

LOCK_WAIT = 30.0

Floats = NDArray[np.float32]
Progress = Callable[[str, int, int], None]
"""Told the step ("words" or "vectors"), the passages done and the passages in all."""


class RebuildNeededError(RuntimeError):
    """The index was made by other rules and must be built anew; the message says why."""


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update changed: articles indexed and removed, and passages that wait for vectors."""

    indexed: int
    removed: int
    pending_vectors: int


def build_index(
    root: Path,
    articles: Iterable[Article],
    *,
    encoder: PassageEncoder | None,
    tokenizer: Tokenizer,
    sequence: int = 0,
    cache: VectorStore | None = None,
    progress: Progress | None = None,
) -> Manifest:
    """Build the whole index from `articles` aside and make it current; the manifest it became.

    Of articles with the same id the last counts. `sequence` is the outbox
    position of the articles; changes committed while the build ran are kept,
    and the manifest's sequence is `sequence`, so that they are replayed.
    Without an encoder, or if it fails, all vectors are pending.
    IndexBusyError if another build runs or the lock cannot be had.
    """
    latest = {article.id: article for article in articles}
    pairs = [edition for article in latest.values() for edition in indexed(article)]
    vectoriser = Vectoriser(encoder, cache) if encoder else None
    with generations.build_lock(root):
        started = generations.current_manifest(root)
        draft = Manifest(0, tokenizer.version, vectoriser.model if vectoriser else "", sequence)
        with building_folder(root / "segments") as words, building_folder(root / "vectors") as meaning:
            means, has_vectors = _write_parts(words, meaning, pairs, tokenizer, vectoriser, progress)
            with generations.writer_lock(root, LOCK_WAIT):
                entry = finished(words, pairs, meaning if has_vectors else None, draft.model)
                now = generations.current_manifest(root) or draft
                gone = {segment.id for segment in started.segments} if started else set()
                segments = replaced(root, now, started or draft, gone, entry)
                return committed(root, replace(draft, segments=segments, averages=means))


def _write_parts(
    words: Path,
    meaning: Path,
    pairs: Sequence[IndexedArticle],
    tokenizer: Tokenizer,
    vectoriser: Vectoriser | None,
    progress: Progress | None,
) -> tuple[dict[str, float], bool]:
    """The segment's words in `words` and, on a second thread, its vectors in `meaning`, if they could be had."""
    texts = [passage.encoded_text for _, passages in pairs for passage in passages]
    stop = threading.Event()
    with ThreadPoolExecutor(1, "encode") as pool:
        future = None
        if vectoriser and texts:
            step = _counted(progress, "vectors", len(texts))
            future = pool.submit(_write_meaning, meaning, vectoriser, texts, step, stop)
        try:
            means = write_segment(words, pairs, tokenizer, {}, _counted(progress, "words", len(texts)))
            return means, future is not None and future.result()
        finally:
            stop.set()


def _write_meaning(
    folder: Path,
    vectoriser: Vectoriser,
    texts: Sequence[str],
    progress: Callable[[int], None] | None,
    stop: threading.Event,
) -> bool:
    """Whether the vectors of `texts` are in `folder`: not if the encoder fails."""
    try:
        vectors = vectoriser.vectors(texts, progress, stop)
    except StoppedError:
        raise
    except Exception:
        log.exception("the encoder failed; the index is built without vectors")
        return False
    write_vectors(folder, vectors)
    return True


def _counted(progress: Progress | None, step: str, total: int) -> Callable[[int], None] | None:
    if progress is None:
        return None
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        progress(step, done, total)

    return count


def finished(words: Path, pairs: Sequence[IndexedArticle], meaning: Path | None, model: str) -> SegmentEntry:
    """The entry of a segment whose files are made durable here. The writer's lock is held."""
    name, files = finish_folder(words)
    passages = sum(len(passages) for _, passages in pairs)
    articles = len({record.id for record, _ in pairs})
    entry = SegmentEntry(name, articles, passages, files)
    return replace(entry, vectors=finished_vectors(meaning, model)) if meaning else entry


def finished_vectors(folder: Path, model: str) -> VectorEntry:
    """The entry of vectors whose files are made durable here. The writer's lock is held."""
    name, files = finish_folder(folder)
    return VectorEntry(name, model, files)


def replaced(
    root: Path, now: Manifest, started: Manifest, gone: set[str], entry: SegmentEntry
) -> tuple[SegmentEntry, ...]:
    """The segments of `now` with `entry` in place of the segments `gone`, largest first.

    What changed since `started` wins: an article that was deleted or written
    again meanwhile is a tombstone in `entry`.
    """
    before = {segment.id: set(segment.tombstones) for segment in started.segments}
    kept = [segment for segment in now.segments if segment.id not in gone]
    newer = {id_ for segment in kept for id_ in live_articles(root, segment)}
    for segment in now.segments:
        if segment.id in gone:
            newer |= set(segment.tombstones) - before.get(segment.id, set())
    own = live_articles(root, entry)
    entry = replace(entry, tombstones=tuple(sorted(newer & own.keys())))
    return tuple(sorted([entry, *kept], key=lambda segment: -segment.passages))


def live_articles(root: Path, entry: SegmentEntry) -> dict[str, str]:
    """Content hash per article that counts in a segment."""
    folder = root / "segments" / entry.id
    generations.VERIFIER.verify(folder, entry.files)
    dead = set(entry.tombstones)
    return {r.id: r.content_hash for r in Segment(folder).records if r.id not in dead}


def committed(root: Path, manifest: Manifest) -> Manifest:
    """`manifest` as the new current generation. The writer's lock is held."""
    manifest = replace(manifest, generation=generations.next_generation(root))
    generations.commit(root, manifest)
    return manifest
