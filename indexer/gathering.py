"""From a query's tokens and vector to the exact evidence of every candidate.

Each lane names its best rows or articles; then every candidate gets every
lane's exact value, so that fusion never has to guess what a lane did not list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.articles import PassageKind
from indexer.postings import K1, Floats, Ints, hashes_of, idf, top_rows
from indexer.signals import PassageEvidence, QueryFacts, own_meaning
from indexer.snapshots import Mask, Snapshot, Visible
from indexer.tokenizing import QueryTokens

TOP = 100
"""Rows or articles that each lane names."""

MAX_TERMS = 256
"""Terms of a query that are scored per lane, the weightiest first; a pasted mail has thousands."""

MAX_IDENTIFIED = 200
"""Articles named by their identifiers alone; beyond, those with the most and the best words."""

MATCH_SHARE = 0.5
"""An article matches when its words reach this share of what each word once would give."""

NEAR = 400
"""Rows whose cosine is taken from one scan; an article without a row among them is far in meaning,
so that the cosine of its telling rows stands for it."""


@dataclass(frozen=True, slots=True)
class LaneScores:
    """Scores of every document of one level, and the documents of each term."""

    scores: Floats
    lists: Sequence[Ints]
    ceiling: float
    """The sum of the terms' largest possible weights."""
    terms: int
    """Terms that occur at all."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Candidates of a query with their evidence."""

    evidence: PassageEvidence
    articles: Ints
    """[a] Article numbers in the snapshot."""
    rows: Ints
    """[p] Row numbers in the snapshot."""
    matched: Mask
    """Over all articles: those that hold a good share of the query or come near its meaning."""
    holders: Mapping[str, Ints]
    """Article numbers that hold each identifier of the query."""


class FieldQuery:
    """The terms of one field, looked up once in every segment."""

    def __init__(self, snapshot: Snapshot, field: str, weights: Mapping[str, float]) -> None:
        kept = sorted(weights, key=lambda term: (-weights[term], term))[:MAX_TERMS]
        self._weights = np.array([weights[term] for term in kept], np.float32)
        self._parts = [(part, part.segment.fields[field]) for part in snapshot.parts]
        hashes = hashes_of(kept)
        self._found = [postings.find(hashes) for _, postings in self._parts]
        self._snapshot = snapshot

    def scores(self, level: str) -> LaneScores:
        """BM25 of every document of `level` over all segments."""
        size = self._snapshot.rows if level == "passages" else len(self._snapshot.records)
        weights, terms = self._term_weights(level)
        scores = np.zeros(size, np.float32)
        lists: list[list[Ints]] = [[] for _ in weights]
        for (part, postings), found in zip(self._parts, self._found, strict=True):
            base = part.row if level == "passages" else part.article
            view = scores[base:]
            for at in np.flatnonzero((found >= 0) & (weights > 0)):
                documents, worth = postings.levels[level].postings(int(found[at]))
                view[documents] += weights[at] * worth
                lists[at].append(documents + base if base else documents)
        joined = [np.concatenate(found) if len(found) > 1 else found[0] for found in lists if found]
        return LaneScores(scores, joined, float(weights.sum() * (K1 + 1)), terms)

    def _term_weights(self, level: str) -> tuple[Floats, int]:
        counts = np.zeros(len(self._weights), np.int64)
        for (_, postings), found in zip(self._parts, self._found, strict=True):
            counts += postings.levels[level].frequencies(found)
        size = self._snapshot.rows if level == "passages" else len(self._snapshot.records)
        return self._weights * idf(size, counts), int(np.count_nonzero(counts))


def gather(snapshot: Snapshot, visible: Visible, tokens: QueryTokens, vector: Floats | None, words: bool) -> Gathered:
    """Candidates and evidence; `words` False leaves all keyword lanes out, `vector` None the meaning."""
    mean = snapshot.mean_vector
    if vector is not None:
        vector = own_meaning(vector, mean)
    queries = [
        FieldQuery(snapshot, "words", tokens.words if words else {}),
        FieldQuery(snapshot, "bigrams", tokens.bigrams if words else {}),
    ]
    passages = [_hidden(query.scores("passages"), visible.rows) for query in queries]
    articles = [_hidden(query.scores("articles"), visible.articles) for query in queries]
    titles = [query.scores("titles").scores for query in queries]
    holders = _holders(snapshot, tokens.identifiers if words else (), visible.articles)
    held = np.zeros(len(snapshot.records), np.float32)
    for documents in holders.values():
        held[documents] += 1
    near, cosines = (
        snapshot.nearest(vector, NEAR, visible)
        if vector is not None
        else (np.empty(0, np.int64), np.empty(0, np.float32))
    )
    chosen = [snapshot.owner[top_rows(lane.scores, lane.lists, TOP)] for lane in passages]
    chosen += [top_rows(lane.scores, lane.lists, TOP) for lane in articles]
    chosen += [snapshot.owner[near[:TOP]], _identified(held, articles)]
    found = np.unique(np.concatenate(chosen)).astype(np.int64)
    rows, owner = _telling(snapshot, found, passages, near)
    facts = QueryFacts(
        passages[0].ceiling,
        passages[1].ceiling,
        passages[0].terms,
        passages[1].terms,
        len(tokens.identifiers),
        float(vector @ mean) if vector is not None and mean is not None else 0.0,
        words,
        vector is not None,
    )
    row_cosines = snapshot.cosines(vector, rows) if vector is not None else np.zeros(len(rows), np.float32)
    title_rows = snapshot.title_rows[found]
    evidence = PassageEvidence(
        article_ids=tuple(snapshot.records[at].id for at in found),
        owner=owner,
        kind=snapshot.kinds[rows].astype(np.int64),
        words=passages[0].scores[rows],
        bigrams=passages[1].scores[rows],
        cosine=row_cosines,
        article_words=articles[0].scores[found],
        article_bigrams=articles[1].scores[found],
        title_words=titles[0][found],
        title_bigrams=titles[1][found],
        title_cosine=_at(row_cosines, rows, title_rows),
        identifiers=held[found],
        facts=facts,
        article_cosine=snapshot.article_cosines(vector, found) if vector is not None else np.empty(0, np.float32),
        holds=_table(found, holders),
    )
    matched = _matched(snapshot, visible, articles, held, near[:TOP], cosines[:TOP], facts)
    return Gathered(evidence, found, rows, matched, holders)


def _hidden(lane: LaneScores, mask: Mask | None) -> LaneScores:
    """The lane with every score that may not be seen at 0."""
    if mask is not None:
        lane.scores[~mask] = 0
    return lane


def _holders(snapshot: Snapshot, identifiers: Sequence[str], mask: Mask | None) -> dict[str, Ints]:
    hashes = hashes_of(identifiers)
    holders: dict[str, list[Ints]] = {identifier: [] for identifier in identifiers}
    for part in snapshot.parts:
        postings = part.segment.fields["identifiers"]
        for identifier, term in zip(identifiers, postings.find(hashes), strict=True):
            if term >= 0:
                documents = postings.levels["articles"].postings(int(term))[0] + part.article
                holders[identifier].append(documents if mask is None else documents[mask[documents]])
    return {name: np.concatenate(found) for name, found in holders.items() if found}


def _identified(held: Floats, articles: list[LaneScores]) -> Ints:
    found = np.flatnonzero(held)
    if len(found) <= MAX_IDENTIFIED:
        return found
    prose = articles[0].scores[found] + articles[1].scores[found]
    return found[np.lexsort((-prose, -held[found]))[:MAX_IDENTIFIED]]


def _rows_of(snapshot: Snapshot, articles: Ints) -> tuple[Ints, Ints]:
    """All rows of `articles`, ascending, and for each the place of its article."""
    starts, ends = snapshot.starts[articles], snapshot.starts[articles + 1]
    sizes = ends - starts
    owner = np.repeat(np.arange(len(articles)), sizes)
    before = np.cumsum(sizes) - sizes
    return np.arange(len(owner)) + (starts - before)[owner], owner


def _telling(snapshot: Snapshot, articles: Ints, passages: Sequence[LaneScores], near: Ints) -> tuple[Ints, Ints]:
    """Rows that can decide something for their article, ascending, with the place of the article.

    Titles and issue lines, the best rows by words and by bigrams, and those near in meaning.
    """
    rows, owner = _rows_of(snapshot, articles)
    telling = snapshot.kinds[rows] != PassageKind.SECTION
    starts = np.searchsorted(owner, np.arange(len(articles)))
    filled = np.flatnonzero(snapshot.starts[articles + 1] > snapshot.starts[articles])
    for lane in passages:
        scores = lane.scores[rows]
        if len(filled) and lane.terms:
            best = np.zeros(len(articles), np.float32)
            best[filled] = np.maximum.reduceat(scores, starts[filled])
            telling |= (scores > 0) & (scores >= best[owner])
    if len(near):
        close = np.zeros(snapshot.rows, np.bool_)
        close[near] = True
        telling |= close[rows]
    telling[starts[filled]] = True
    return rows[telling], owner[telling]


def _cosines(snapshot: Snapshot, vector: Floats | None, rows: Ints, near: Ints, cosines: Floats) -> Floats:
    """The exact cosine of each of `rows`: from the scan where it was met, else computed."""
    found = np.zeros(len(rows), np.float32)
    if vector is None:
        return found
    order = np.argsort(near)
    ascending = near[order]
    places = np.minimum(np.searchsorted(ascending, rows), max(len(near) - 1, 0))
    met = ascending[places] == rows if len(near) else np.zeros(len(rows), np.bool_)
    if len(near):
        found[met] = cosines[order][places[met]]
    found[~met] = snapshot.cosines(vector, rows[~met])
    return found


def _table(articles: Ints, holders: Mapping[str, Ints]) -> Mask:
    """Which of `articles` (ascending) holds which identifier."""
    table = np.zeros((len(articles), len(holders)), np.bool_)
    for at, documents in enumerate(holders.values()):
        table[:, at] = np.isin(articles, documents)
    return table


def _at(values: Floats, rows: Ints, wanted: Ints) -> Floats:
    """The values of the rows `wanted`; 0 where that is -1."""
    if not len(rows):
        return np.zeros(len(wanted), np.float32)
    places = np.searchsorted(rows, np.maximum(wanted, 0))
    return np.where(wanted >= 0, values[np.minimum(places, len(rows) - 1)], 0).astype(np.float32)


def _matched(
    snapshot: Snapshot,
    visible: Visible,
    articles: Sequence[LaneScores],
    held: Floats,
    near: Ints,
    cosines: Floats,
    facts: QueryFacts,
) -> Mask:
    """Articles to count: they hold half of the query's weight, an identifier, or come near in meaning."""
    matched = held > 0
    for lane in articles:
        if lane.terms:
            matched |= lane.scores >= MATCH_SHARE * lane.ceiling / (K1 + 1)
    if len(near):
        bound = facts.mean_cosine + 0.7 * (float(cosines[0]) - facts.mean_cosine)
        matched[snapshot.owner[near[cosines >= bound]]] = True
    return matched if visible.articles is None else matched & visible.articles
