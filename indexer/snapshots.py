"""One opened generation: every segment's rows side by side, what may be read of them, and its facets.

A snapshot never changes. Threads search it while the next one is opened; the
switch is one assignment.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer import generations
from indexer.articles import Audience, Filters, PassageKind
from indexer.generations import VERIFIER, DamageError
from indexer.manifest import Manifest, SegmentEntry
from indexer.postings import Floats, Ints
from indexer.segments import AUDIENCES, ArticleRecord, Edition, Segment
from indexer.vector_index import SegmentVectors, half_dot

log = logging.getLogger(__name__)

Mask = NDArray[np.bool_]

MASKS_KEPT = 64
"""Filter combinations whose masks are kept; a mask takes one byte a passage."""

OPEN_ATTEMPTS = 3
"""How often to look again when a generation was swept while it was being opened."""


@dataclass(frozen=True, slots=True)
class Part:
    """A segment with its vectors, and where its rows and articles start in the snapshot."""

    segment: Segment
    vectors: SegmentVectors | None
    row: int
    article: int


@dataclass(frozen=True, slots=True)
class Readable:
    """What a reader may read whatever the filters say.

    How rare a word is, and what all passages have in common, must not depend on
    texts that are hidden from the reader, or scores would tell of them.
    """

    articles: Mask
    rows: Mask
    mean: Floats | None
    """The mean of their vectors."""


@dataclass(frozen=True, slots=True)
class Visible:
    """Which articles and rows a search may use; None means all of them."""

    articles: Mask | None
    rows: Mask | None
    readable: Readable | None = None
    """What statistics are taken of; None where nothing is hidden from the reader."""


class Snapshot:
    """The rows and articles of one generation, numbered through all of its segments."""

    def __init__(self, manifest: Manifest | None, parts: list[Part], problems: tuple[str, ...] = ()) -> None:
        self.manifest = manifest
        self.parts = parts
        self.problems = problems
        self.records = [record for part in parts for record in part.segment.records]
        self.kinds: NDArray[np.uint8] = _joined([part.segment.kinds for part in parts], np.uint8)
        spans = _joined([np.diff(part.segment.starts) for part in parts], np.int64)
        self.starts: Ints = np.concatenate([[0], np.cumsum(spans)]).astype(np.int64)
        self.owner: NDArray[np.int32] = np.repeat(np.arange(len(spans), dtype=np.int32), spans)
        self.alive = self._living()
        self.ids = np.array([record.id for record in self.records], np.object_)
        self._inside = {self.records[at].id: int(at) for at in self._of_edition(Edition.INSIDE)}
        self.by_id = self._inside | {
            self.records[at].id: int(at) for at in self._of_edition(Edition.WHOLE, Edition.OUTSIDE)
        }
        self.title_rows = np.full(len(self.records), -1, np.int64)
        titles = np.flatnonzero(self.kinds == PassageKind.TITLE)
        self.title_rows[self.owner[titles]] = titles
        self._audience = np.array([AUDIENCES.index(r.audience) for r in self.records], np.int8)
        readers = np.array([r.readers for r in self.records], np.int8).reshape(-1, 2)
        self._first_reader, self._last_reader = readers[:, 0], readers[:, 1]
        self._lang = np.array([record.lang for record in self.records], np.str_)
        self.facets = FacetTable(self.records)
        self._masks: OrderedDict[object, Visible] = OrderedDict()
        self._lock = threading.Lock()
        self.mean_vector = self._mean_vector()

    @property
    def generation(self) -> int:
        """The number of the generation, 0 for an empty index."""
        return self.manifest.generation if self.manifest else 0

    @property
    def rows(self) -> int:
        """How many passages are in it, those of replaced articles included."""
        return len(self.owner)

    @property
    def pending(self) -> int:
        """How many passages have no vector here."""
        return sum(part.segment.passages for part in self.parts if part.vectors is None)

    def visible(self, reader: Audience, filters: Filters, hidden: frozenset[str] = frozenset()) -> Visible:
        """What `reader` may see without the `hidden` articles, and `filters` let through; kept for the next search."""
        key = (reader, filters.lang, filters.audience, tuple(sorted(filters.facets.items())), hidden)
        with self._lock:
            if key in self._masks:
                self._masks.move_to_end(key)
                return self._masks[key]
        visible = self._mask(reader, filters, hidden)
        with self._lock:
            self._masks[key] = visible
            if len(self._masks) > MASKS_KEPT:
                self._masks.popitem(last=False)
        return visible

    def place(self, article_id: str, visible: Visible) -> int | None:
        """The number of the visible edition of an article; None when there is none."""
        return next((at for at in self._places(article_id) if visible.articles is None or visible.articles[at]), None)

    def _places(self, article_id: str) -> list[int]:
        return [held[article_id] for held in (self.by_id, self._inside) if article_id in held]

    def _is_for(self, reader: Audience) -> Mask:
        code = AUDIENCES.index(reader)
        return np.asarray((self._first_reader <= code) & (code <= self._last_reader))

    def _statistics(self, reader: Audience, readable: Mask) -> Readable | None:
        if np.array_equal(readable, self.alive):
            return None
        rows = self._is_for(reader)[self.owner]
        total, count = np.zeros(0, np.float32), 0
        for part in self.parts:
            if part.vectors is not None:
                own = rows[part.row : part.row + part.segment.passages]
                found = part.vectors.sum_for(AUDIENCES.index(reader), own)
                total = total + found if len(total) else found
                count += int(np.count_nonzero(own))
        mean = (total / max(count, 1)).astype(np.float32) if len(total) else None
        return Readable(readable, readable[self.owner], mean)

    def _mask(self, reader: Audience, filters: Filters, hidden: frozenset[str]) -> Visible:
        readable = self.alive & self._is_for(reader)
        readable[[at for one in hidden for at in self._places(one)]] = False
        mask = readable.copy()
        if filters.audience is not None:
            mask &= self._audience == AUDIENCES.index(filters.audience)
        if filters.lang:
            mask &= self._lang == filters.lang
        for facet, values in filters.facets.items():
            mask &= self.facets.holders(facet, values)
        return (
            Visible(None, None) if mask.all() else Visible(mask, mask[self.owner], self._statistics(reader, readable))
        )

    def locate(self, row: int) -> tuple[Part, int]:
        """The part that holds `row`, and the row's number in it."""
        part = next(part for part in reversed(self.parts) if part.row <= row)
        return part, row - part.row

    def cosines(self, query: Floats, rows: Ints) -> Floats:
        """Exact cosines of `rows` (ascending); 0 where a vector is pending."""
        cosines = np.zeros(len(rows), np.float32)
        for part in self.parts:
            start, end = np.searchsorted(rows, [part.row, part.row + part.segment.passages])
            if part.vectors is not None and end > start:
                cosines[start:end] = part.vectors.cosines(query, rows[start:end] - part.row)
        return cosines

    def nearest(self, query: Floats, k: int, visible: Visible) -> tuple[Ints, Floats]:
        """The k visible rows nearest to `query`, best first, with their cosines."""
        rows: list[Ints] = []
        cosines: list[Floats] = []
        for part in self.parts:
            if part.vectors is None:
                continue
            end = part.row + part.segment.passages
            allowed = None if visible.rows is None else visible.rows[part.row : end]
            found, scores = part.vectors.nearest(query, k, allowed)
            rows.append(found + part.row)
            cosines.append(scores)
        if not rows:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        all_rows, all_cosines = np.concatenate(rows), np.concatenate(cosines)
        best = np.lexsort((all_rows, -all_cosines))[:k]
        return all_rows[best], all_cosines[best]

    def article_cosines(self, query: Floats, articles: Ints) -> Floats:
        """The query dot the mean of each article's vectors (`articles` ascending); 0 where they are pending."""
        cosines = np.zeros(len(articles), np.float32)
        for part in self.parts:
            start, end = np.searchsorted(articles, [part.article, part.article + len(part.segment.records)])
            if part.vectors is not None and end > start:
                means = part.vectors.article_means(part.segment.starts)
                cosines[start:end] = half_dot(means, articles[start:end] - part.article, query)
        return cosines

    def _of_edition(self, *editions: Edition) -> Iterator[int]:
        """Living articles of these editions."""
        return (int(at) for at in np.flatnonzero(self.alive) if self.records[at].edition in editions)

    def _living(self) -> Mask:
        alive = np.ones(len(self.records), np.bool_)
        entries = {entry.id: entry for entry in self.manifest.segments} if self.manifest else {}
        for part in self.parts:
            dead = set(entries[part.segment.id].tombstones)
            for at, record in enumerate(part.segment.records):
                alive[part.article + at] = record.id not in dead
        return alive

    def _mean_vector(self) -> Floats | None:
        held = [part.vectors for part in self.parts if part.vectors is not None]
        if not held:
            return None
        total = np.sum([vectors.sum for vectors in held], axis=0)
        mean: Floats = (total / max(sum(vectors.rows for vectors in held), 1)).astype(np.float32)
        return mean


class FacetTable:
    """Which article has which facet value, counted for any set of articles."""

    def __init__(self, records: list[ArticleRecord]) -> None:
        codes: dict[tuple[str, str], int] = {}
        pairs = [
            (at, codes.setdefault((facet, value), len(codes)))
            for at, record in enumerate(records)
            for facet, values in record.facets.items()
            for value in values
        ]
        self._codes = codes
        self._names = list(codes)
        self._order = np.empty(len(codes), np.int64)
        self._order[sorted(range(len(codes)), key=self._names.__getitem__)] = np.arange(len(codes))
        table = np.array(pairs, np.int64).reshape(-1, 2)
        self._articles, self._values = table[:, 0], np.ascontiguousarray(table[:, 1])
        self._starts = np.searchsorted(self._articles, np.arange(len(records) + 1))
        self._size = len(records)

    def holders(self, facet: str, values: tuple[str, ...]) -> Mask:
        """Articles that have any of `values`."""
        mask = np.zeros(self._size, np.bool_)
        for value in values:
            code = self._codes.get((facet, value), -1)
            mask[self._articles[self._values == code]] = True
        return mask

    def counts(self, articles: Mask) -> dict[str, dict[str, int]]:
        """How many of `articles` have each value, most frequent first; values of none are left out."""
        chosen = np.flatnonzero(articles)
        starts = self._starts[chosen]
        sizes = self._starts[chosen + 1] - starts
        before = np.cumsum(sizes) - sizes
        places = np.arange(sizes.sum()) + np.repeat(starts - before, sizes)
        counts = np.bincount(self._values[places], minlength=len(self._names))
        used = np.flatnonzero(counts)
        found: dict[str, dict[str, int]] = {}
        for code in used[np.lexsort((self._order[used], -counts[used]))].tolist():
            facet, value = self._names[code]
            found.setdefault(facet, {})[value] = int(counts[code])
        return found


def open_snapshot(root: Path, model: str | None, before: Snapshot | None = None) -> Snapshot:
    """The newest generation that is whole, reusing what `before` has open; never raises for damage.

    Vectors of another model than `model` count as pending. If no generation is
    whole, what is whole of the newest is served; `problems` says what is not.
    """
    problems: list[str] = []
    for _ in range(OPEN_ATTEMPTS):
        pointer = generations.read_pointer(root)
        problems.clear()
        for manifest in generations.readable_manifests(root, problems):
            try:
                parts = _open_parts(root, manifest, model, before)
                return Snapshot(manifest, parts, tuple(problems))
            except Exception as error:  # damage shows as any exception whatever
                problems.append(f"generation {manifest.generation}: {error}")
        if generations.read_pointer(root) == pointer:
            break
    return _salvaged(root, model, before, problems)


def _open_parts(root: Path, manifest: Manifest, model: str | None, before: Snapshot | None) -> list[Part]:
    parts: list[Part] = []
    row = article = 0
    for entry in manifest.segments:
        segment = _segment(root, entry, before)
        parts.append(Part(segment, _vectors(root, entry, model, before), row, article))
        row += segment.passages
        article += len(segment.records)
    return parts


def _segment(root: Path, entry: SegmentEntry, before: Snapshot | None) -> Segment:
    folder = root / "segments" / entry.id
    VERIFIER.verify(folder, entry.files)
    for part in before.parts if before else ():
        if part.segment.id == entry.id:
            return part.segment
    segment = Segment(folder)
    if segment.passages != entry.passages or segment.articles != entry.articles:
        raise DamageError(f"{entry.id}: the segment's counts differ from the manifest's")
    return segment


def _vectors(root: Path, entry: SegmentEntry, model: str | None, before: Snapshot | None) -> SegmentVectors | None:
    if entry.vectors is None:
        return None
    folder = root / "vectors" / entry.vectors.id
    VERIFIER.verify(folder, entry.vectors.files)
    if entry.vectors.model != model:
        return None
    for part in before.parts if before else ():
        if part.vectors is not None and part.vectors.id == entry.vectors.id:
            return part.vectors
    return SegmentVectors(folder, entry.passages)


def _salvaged(root: Path, model: str | None, before: Snapshot | None, problems: list[str]) -> Snapshot:
    """Whatever is whole of the newest generation that can be read; empty without one."""
    manifest = generations.current_manifest(root)
    parts: list[Part] = []
    row = article = 0
    for entry in manifest.segments if manifest else ():
        try:
            segment = _segment(root, entry, before)
        except Exception:
            log.error("segment %s is damaged and left out", entry.id)
            continue
        try:
            vectors = _vectors(root, entry, model, before)
        except Exception:
            log.error("the vectors of segment %s are damaged and left out", entry.id)
            vectors = None
        parts.append(Part(segment, vectors, row, article))
        row, article = row + segment.passages, article + len(segment.records)
    return Snapshot(manifest, parts, tuple(problems))


def _joined(arrays: list[NDArray], kind: type) -> NDArray:  # type: ignore[type-arg]
    return np.concatenate(arrays) if arrays else np.empty(0, kind)
