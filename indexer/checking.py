"""Does the index hold what it should? Each drift by name, and what repairs it."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer import generations
from indexer.articles import Article
from indexer.building import build_index
from indexer.generations import DamageError, Verifier
from indexer.manifest import Manifest, SegmentEntry
from indexer.segments import ArticleRecord, Edition, Segment
from indexer.tokenizing import Tokenizer
from indexer.updating import IndexWriter
from indexer.vectorising import PassageEncoder, VectorStore


class DriftKind(enum.StrEnum):
    """In which way the index is not what it should be."""

    NO_INDEX = "no_index"
    DAMAGED = "damaged"
    WRONG_TOKENIZER = "wrong_tokenizer"
    WRONG_MODEL = "wrong_model"
    VECTOR_COUNT = "vector_count"
    PENDING = "pending"
    MISSING = "missing"
    EXTRA = "extra"
    STALE = "stale"
    DUPLICATE = "duplicate"


NEEDS_REBUILD = frozenset(
    {DriftKind.NO_INDEX, DriftKind.DAMAGED, DriftKind.WRONG_TOKENIZER, DriftKind.VECTOR_COUNT, DriftKind.DUPLICATE}
)


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference: what kind, the article or part concerned, and a sentence."""

    kind: DriftKind
    id: str
    detail: str


def check_index(
    root: Path,
    expected: Mapping[str, str] | None = None,
    *,
    tokenizer: Tokenizer | None = None,
    model: str | None = None,
) -> list[Drift]:
    """All drift of the current generation, every file read anew; empty when there is none.

    `expected` maps the id of each article that should be found to its
    `segments.content_hash`; None leaves the articles unchecked. `tokenizer` and
    `model` (the encoder's hash) are checked when given.
    """
    problems: list[str] = []
    manifest = next(generations.readable_manifests(root, problems), None)
    drifts = [Drift(DriftKind.DAMAGED, "index", problem) for problem in problems]
    if manifest is None:
        return [*drifts, Drift(DriftKind.NO_INDEX, "index", "no generation can be read")]
    drifts += _rules(manifest, tokenizer, model)
    verifier, live = Verifier(), dict[tuple[str, Edition], ArticleRecord]()
    for entry in manifest.segments:
        drifts += _check_segment(root, entry, verifier, live)
    if expected is None:
        return drifts
    return drifts + _compare(expected, {record.id: record.content_hash for record in live.values()})


def repair(
    root: Path,
    articles: Iterable[Article],
    *,
    tokenizer: Tokenizer,
    encoder: PassageEncoder | None = None,
    cache: VectorStore | None = None,
    sequence: int = 0,
) -> list[Drift]:
    """Make the index hold exactly `articles`, by an update where that is enough; what was wrong."""
    from indexer.segments import content_hash

    wanted = {article.id: article for article in articles}
    expected = {id_: content_hash(article) for id_, article in wanted.items()}
    model = encoder.model_hash if encoder else None
    drifts = check_index(root, expected, tokenizer=tokenizer, model=model)
    if any(drift.kind in NEEDS_REBUILD for drift in drifts):
        build_index(root, wanted.values(), encoder=encoder, tokenizer=tokenizer, sequence=sequence, cache=cache)
    elif drifts:
        writer = IndexWriter(root, tokenizer=tokenizer, encoder=encoder, cache=cache)
        extra = [drift.id for drift in drifts if drift.kind == DriftKind.EXTRA]
        writer.update(wanted.values(), extra, sequence)
        writer.fill_pending()
    return drifts


def _rules(manifest: Manifest, tokenizer: Tokenizer | None, model: str | None) -> list[Drift]:
    drifts: list[Drift] = []
    if tokenizer and manifest.tokenizer != tokenizer.version:
        detail = f"made by tokenizer {manifest.tokenizer}, not {tokenizer.version}"
        drifts.append(Drift(DriftKind.WRONG_TOKENIZER, "index", detail))
    for entry in manifest.segments:
        if entry.passages and entry.vectors is None:
            detail = f"{entry.passages} passages have no vectors yet"
            drifts.append(Drift(DriftKind.PENDING, entry.id, detail))
        elif model and entry.vectors and entry.vectors.model != model:
            detail = f"vectors of model {entry.vectors.model}, not {model}"
            drifts.append(Drift(DriftKind.WRONG_MODEL, entry.id, detail))
    return drifts


def _check_segment(
    root: Path, entry: SegmentEntry, verifier: Verifier, live: dict[tuple[str, Edition], ArticleRecord]
) -> list[Drift]:
    try:
        verifier.verify(root / "segments" / entry.id, entry.files)
        if entry.vectors:
            verifier.verify(root / "vectors" / entry.vectors.id, entry.vectors.files)
        segment = Segment(root / "segments" / entry.id)
    except (DamageError, OSError, ValueError, KeyError) as error:
        return [Drift(DriftKind.DAMAGED, entry.id, str(error))]
    drifts = _check_vectors(root, entry)
    for record in segment.records:
        if record.id in entry.tombstones:
            continue
        if (record.id, record.edition) in live:
            detail = "the article counts in more than one segment"
            drifts.append(Drift(DriftKind.DUPLICATE, record.id, detail))
        live[record.id, record.edition] = record
    return drifts


def _check_vectors(root: Path, entry: SegmentEntry) -> list[Drift]:
    if entry.vectors is None:
        return []
    path = root / "vectors" / entry.vectors.id / "vectors.f16.npy"
    stored = np.load(path, mmap_mode="r", allow_pickle=False)
    if len(stored) == entry.passages:
        return []
    detail = f"{len(stored)} vectors for {entry.passages} passages"
    return [Drift(DriftKind.VECTOR_COUNT, entry.id, detail)]


def _compare(expected: Mapping[str, str], live: Mapping[str, str]) -> list[Drift]:
    missing = [
        Drift(DriftKind.MISSING, id_, "published but not indexed") for id_ in sorted(expected.keys() - live.keys())
    ]
    extra = [Drift(DriftKind.EXTRA, id_, "indexed but not published") for id_ in sorted(live.keys() - expected.keys())]
    stale = [
        Drift(DriftKind.STALE, id_, "another version is published")
        for id_ in sorted(expected.keys() & live.keys())
        if expected[id_] != live[id_]
    ]
    return missing + extra + stale
