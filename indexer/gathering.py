"""From a query's tokens and vector to the exact evidence of every candidate.

Each lane names its best rows or articles; then every candidate gets every
lane's exact value, so that fusion never has to guess what a lane did not list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.articles import PassageKind
from indexer.lanes import FieldQuery, Lane
from indexer.postings import K1, Floats, Ints, hashes_of
from indexer.signals import PassageEvidence, QueryFacts, own_meaning
from indexer.snapshots import Mask, Snapshot, Visible
from indexer.tokenizing import QueryTokens

TOP = 100
"""Rows or articles that each lane names."""

MAX_IDENTIFIED = 200
"""Articles named by their identifiers alone; beyond, those with the most and the best words."""

MATCH_SHARE = 0.5
"""An article matches when its words reach this share of what each word once would give."""

NEAR = 400
"""Rows whose cosine is taken from one scan; an article without a row among them is far in meaning,
so that the cosine of its telling rows stands for it."""


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


@dataclass(frozen=True, slots=True)
class Keywords:
    """All that the keyword lanes say of a query; the words' lane comes first, then that of the bigrams."""

    passages: Sequence[Lane]
    articles: Sequence[Lane]
    titles: Sequence[Lane]
    holders: Mapping[str, Ints]
    """As in `Gathered`."""
    held: Floats
    """Over all articles: how many identifiers of the query each one holds."""
    identifiers: int
    """How many the query has."""
    are_wanted: bool
    """False when all lanes were left out."""


def gather(snapshot: Snapshot, visible: Visible, tokens: QueryTokens, vector: Floats | None, words: bool) -> Gathered:
    """Candidates and evidence; `words` False leaves all keyword lanes out, `vector` None the meaning."""
    return joined(snapshot, visible, look_up(snapshot, visible, tokens, words), vector)


def look_up(snapshot: Snapshot, visible: Visible, tokens: QueryTokens, words: bool = True) -> Keywords:
    """What the keyword lanes say; needs no vector, so that it can be done while the encoder reads."""
    readable = visible.readable
    queries = [
        FieldQuery(snapshot, "words", tokens.words if words else {}),
        FieldQuery(snapshot, "bigrams", tokens.bigrams if words else {}),
    ]
    counted = readable.articles if readable else None
    passages = [query.lane("passages", TOP, visible.rows, readable.rows if readable else None) for query in queries]
    articles = [query.lane("articles", TOP, visible.articles, counted) for query in queries]
    titles = [query.lane("titles", 0, counted=counted) for query in queries]
    holders = _holders(snapshot, tokens.identifiers if words else (), visible.articles)
    held = np.zeros(len(snapshot.records), np.float32)
    for documents in holders.values():
        held[documents] += 1
    return Keywords(passages, articles, titles, holders, held, len(tokens.identifiers), words)


def joined(snapshot: Snapshot, visible: Visible, keywords: Keywords, vector: Floats | None) -> Gathered:
    """Candidates and evidence of the keyword lanes and, with a vector, of meaning together."""
    mean = visible.readable.mean if visible.readable else snapshot.mean_vector
    if vector is not None:
        vector = own_meaning(vector, mean)
    passages, articles, titles, held = keywords.passages, keywords.articles, keywords.titles, keywords.held
    near, cosines = _nearest(snapshot, vector, visible)
    found = _candidates(snapshot, passages, articles, near[:TOP], _identified(held, articles))
    rows, owner = _telling(snapshot, found, passages, near)
    facts = QueryFacts(
        passages[0].wanted,
        passages[1].wanted,
        passages[0].terms,
        passages[1].terms,
        keywords.identifiers,
        float(vector @ mean) if vector is not None and mean is not None else 0.0,
        keywords.are_wanted,
        vector is not None,
    )
    row_cosines = _cosines(snapshot, vector, rows, near, cosines)
    title_rows = snapshot.title_rows[found]
    evidence = PassageEvidence(
        article_ids=tuple(snapshot.ids[found]),
        owner=owner,
        kind=snapshot.kinds[rows].astype(np.int64),
        words=passages[0].scores[rows].astype(np.float32),
        bigrams=passages[1].scores[rows].astype(np.float32),
        cosine=row_cosines,
        article_words=articles[0].scores[found].astype(np.float32),
        article_bigrams=articles[1].scores[found].astype(np.float32),
        title_words=titles[0].scores[found].astype(np.float32),
        title_bigrams=titles[1].scores[found].astype(np.float32),
        title_cosine=_at(row_cosines, rows, title_rows),
        identifiers=held[found],
        facts=facts,
        article_cosine=snapshot.article_cosines(vector, found) if vector is not None else np.empty(0, np.float32),
        holds=_table(found, keywords.holders),
    )
    matched = _matched(snapshot, visible, articles, held, near[:TOP], cosines[:TOP], facts)
    return Gathered(evidence, found, rows, matched, keywords.holders)


def _nearest(snapshot: Snapshot, vector: Floats | None, visible: Visible) -> tuple[Ints, Floats]:
    """The NEAR rows nearest in meaning, best first, with their cosines; none without a vector."""
    if vector is None:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    return snapshot.nearest(vector, NEAR, visible)


def _candidates(
    snapshot: Snapshot, passages: Sequence[Lane], articles: Sequence[Lane], near: Ints, identified: Ints
) -> Ints:
    """Articles, ascending, that any lane names."""
    named = np.zeros(len(snapshot.records), np.bool_)
    for lane in passages:
        named[snapshot.owner[lane.best]] = True
    named[snapshot.owner[near]] = True
    for chosen in (*(lane.best for lane in articles), identified):
        named[chosen] = True
    return np.flatnonzero(named)


def _holders(snapshot: Snapshot, identifiers: Sequence[str], mask: Mask | None) -> dict[str, Ints]:
    if not identifiers:
        return {}
    hashes = hashes_of(identifiers)
    holders: dict[str, list[Ints]] = {identifier: [] for identifier in identifiers}
    for part in snapshot.parts:
        postings = part.segment.fields["identifiers"]
        for identifier, term in zip(identifiers, postings.find(hashes), strict=True):
            if term >= 0:
                documents = postings.levels["articles"].postings(int(term))[0].astype(np.int64) + part.article
                holders[identifier].append(documents if mask is None else documents[mask[documents]])
    return {name: np.concatenate(found) for name, found in holders.items() if found}


def _identified(held: Floats, articles: Sequence[Lane]) -> Ints:
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


def _telling(snapshot: Snapshot, articles: Ints, passages: Sequence[Lane], near: Ints) -> tuple[Ints, Ints]:
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
            best = np.zeros(len(articles))
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
    if vector is None:
        return np.zeros(len(rows), np.float32)
    met = np.zeros(snapshot.rows, np.bool_)
    met[near] = True
    scanned = np.empty(snapshot.rows, np.float32)
    scanned[near] = cosines
    found, missing = scanned[rows], ~met[rows]
    found[missing] = snapshot.cosines(vector, rows[missing])
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
    articles: Sequence[Lane],
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
