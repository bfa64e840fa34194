"""What to offer while a reader types, when a word is unknown, and beside an article.

Everything offered was found in text that this reader may read: a word that
stands only in other articles is never completed, corrected to, or listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.articles import PassageKind
from indexer.gathering import gather
from indexer.lanes import FieldQuery
from indexer.normalizing import normalize
from indexer.postings import hashes_of
from indexer.snapshots import Snapshot, Visible
from indexer.tokenizing import QueryTokens, Tokenizer

MAX_CORRECTED = 4
"""Unknown words of one query that are looked up."""

MAX_CORRECTED_TERMS = 40
"""A longer query is a text, not something mistyped."""

MAX_SCANNED = 2000
"""Terms looked at for one unknown word, per segment."""

MAX_PREFIX_CHARS = 64

MAX_PHRASES = 200
"""Titles and issue lines looked at per segment and key press."""

_LATIN = re.compile(r"[a-z][a-z0-9]{3,29}", re.ASCII)
_HAN_RUN = re.compile(r"[\u3400-\u9fff]{2,}")


@dataclass(frozen=True, slots=True)
class ArticleSuggestion:
    """An article to offer by its title."""

    article_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What could complete the text that was typed, best first."""

    queries: tuple[str, ...] = ()
    articles: tuple[ArticleSuggestion, ...] = ()


def typeahead(snapshot: Snapshot, tokenizer: Tokenizer, prefix: str, visible: Visible, limit: int) -> Suggestions:
    """Issue lines and words that continue `prefix`, and articles whose title holds it."""
    typed = normalize(prefix)[:MAX_PREFIX_CHARS]
    if not typed or limit < 1:
        return Suggestions()
    rows = _phrase_rows(snapshot, visible, typed)
    titles = [row for row in rows if snapshot.kinds[row] == PassageKind.TITLE]
    articles = dict.fromkeys(int(snapshot.owner[row]) for row in titles)
    if len(articles) < limit:
        articles |= dict.fromkeys(_by_title(snapshot, tokenizer, visible, typed, limit))
    issues = [_text(snapshot, row) for row in rows if snapshot.kinds[row] == PassageKind.ISSUE]
    queries = dict.fromkeys(issues[:limit])
    if len(queries) < limit:
        queries |= dict.fromkeys(_continued(snapshot, visible, typed, limit))
    return Suggestions(
        tuple(queries)[:limit],
        tuple(_suggestion(snapshot, article) for article in list(articles)[:limit]),
    )


def corrections(snapshot: Snapshot, visible: Visible, tokens: QueryTokens) -> tuple[str, ...]:
    """The query with its unknown words replaced by the nearest known ones; empty if nothing is near."""
    normalized = tokens.normalized
    if len(tokens.bigrams) > MAX_CORRECTED_TERMS:
        return ()
    words = _LATIN.findall(normalized)
    unseen = _unseen(snapshot, visible, [*tokens.bigrams, *words])
    if unseen.isdisjoint(tokens.bigrams):
        return ()
    corrected, unknown = normalized, 0
    for word in words:
        if unknown >= MAX_CORRECTED:
            break
        # A code that is not there is another code, not a misspelled one.
        if word.isalpha() and word in unseen:
            unknown += 1
            if near := _nearest_latin(snapshot, visible, word):
                corrected = re.sub(rf"(?<![a-z0-9]){word}(?![a-z0-9])", near, corrected)
    for run in _HAN_RUN.findall(normalized):
        for part in _strange_parts(run, unseen):
            if unknown >= MAX_CORRECTED:
                break
            unknown += 1
            if near := _nearest_han(snapshot, visible, part):
                corrected = corrected.replace(part, near)
                break
    return (corrected,) if corrected != normalized else ()


def _unseen(snapshot: Snapshot, visible: Visible, bigrams: Sequence[str]) -> frozenset[str]:
    """Those of `bigrams` that stand in no visible passage."""
    hashes = hashes_of(bigrams)
    seen = np.zeros(len(hashes), np.bool_)
    for part in snapshot.parts:
        postings = part.segment.fields["bigrams"]
        numbers = postings.find(hashes)
        if visible.rows is None:
            seen |= numbers >= 0
            continue
        for at in np.flatnonzero(~seen & (numbers >= 0)).tolist():
            rows = postings.levels["passages"].postings(int(numbers[at]))[0]
            seen[at] = visible.rows[rows + part.row].any()
    return frozenset(bigrams[at] for at in np.flatnonzero(~seen).tolist())


def related(
    snapshot: Snapshot, tokenizer: Tokenizer, article_id: str, visible: Visible, limit: int
) -> tuple[ArticleSuggestion, ...]:
    """Articles like one that is visible, by meaning, or by words without vectors."""
    at = snapshot.place(article_id, visible)
    if at is None:
        return ()
    others = _alike_in_meaning(snapshot, visible, at, limit)
    if not others:
        tokens = tokenizer.query(snapshot.records[at].title)
        evidence = gather(snapshot, visible, tokens, None, words=True)
        scores = evidence.evidence.article_words + evidence.evidence.article_bigrams
        others = [int(evidence.articles[place]) for place in np.argsort(-scores, kind="stable")]
    return tuple(_suggestion(snapshot, other) for other in others if other != at)[:limit]


def _alike_in_meaning(snapshot: Snapshot, visible: Visible, article: int, limit: int) -> list[int]:
    part, first = snapshot.locate(int(snapshot.starts[article]))
    size = int(snapshot.starts[article + 1] - snapshot.starts[article])
    if part.vectors is None or not size:
        return []
    mean = part.vectors.stored[first : first + size].astype(np.float32).mean(axis=0)
    rows, _ = snapshot.nearest(mean, size + 8 * limit, visible)
    return [int(owner) for owner in dict.fromkeys(snapshot.owner[rows].tolist())]


def _phrase_rows(snapshot: Snapshot, visible: Visible, typed: str) -> list[int]:
    """Visible titles and issue lines that hold `typed`, those that start with it first."""
    found: list[tuple[bool, int]] = []
    for part in snapshot.parts:
        end = part.row + part.segment.passages
        allowed = None if visible.rows is None else visible.rows[part.row : end]
        held = part.segment.phrases().holding(typed, MAX_PHRASES, allowed)
        found += [(not starts, part.row + row) for row, starts in held]
    return [row for _, row in sorted(found)]


def _by_title(snapshot: Snapshot, tokenizer: Tokenizer, visible: Visible, typed: str, limit: int) -> list[int]:
    query = FieldQuery(snapshot, "bigrams", tokenizer.query(typed).bigrams)
    return [int(at) for at in query.lane("titles", limit, visible.articles).best]


def _continued(snapshot: Snapshot, visible: Visible, typed: str, limit: int) -> list[str]:
    """`typed` with its last word completed, the most frequent completion first."""
    head, _, last = typed.rpartition(" ")
    if not last:
        return []
    field = "bigrams" if last.isascii() else "words"
    terms = {
        term for part in snapshot.parts for term in part.segment.fields[field].terms.starting_with(last, MAX_PHRASES)
    }
    best = _most_frequent(snapshot, visible, field, terms - {last}, limit)
    return [f"{head} {term}".strip() for term in best]


def _frequency(snapshot: Snapshot, visible: Visible, field: str, term: str) -> int:
    """In how many visible passages `term` stands."""
    count = 0
    for part in snapshot.parts:
        postings = part.segment.fields[field]
        number = int(postings.find(hashes_of([term]))[0])
        if number >= 0:
            rows = postings.levels["passages"].postings(number)[0] + part.row
            count += len(rows) if visible.rows is None else int(visible.rows[rows].sum())
    return count


def _nearest_latin(snapshot: Snapshot, visible: Visible, word: str) -> str | None:
    distance = 1 if len(word) < 8 else 2
    found: set[str] = set()
    for part in snapshot.parts:
        found.update(part.segment.near("bigrams", word, distance))
    return next(iter(_most_frequent(snapshot, visible, "bigrams", found, 1)), None)


def _strange_parts(run: str, unseen: frozenset[str]) -> Iterator[str]:
    """Two to four characters around each pair that stands nowhere, longest first."""
    for at in range(len(run) - 1):
        if run[at : at + 2] in unseen:
            for size in (4, 3, 2):
                for start in range(max(0, at + 2 - size), min(at, len(run) - size) + 1):
                    yield run[start : start + size]


def _nearest_han(snapshot: Snapshot, visible: Visible, part: str) -> str | None:
    """The most frequent word of the same length that differs in one character but not in the first."""
    found: set[str] = set()
    for piece in snapshot.parts:
        found.update(piece.segment.fields["words"].terms.one_han_off(part, MAX_SCANNED))
    return next(iter(_most_frequent(snapshot, visible, "words", found, 1)), None)


def _most_frequent(snapshot: Snapshot, visible: Visible, field: str, terms: set[str], limit: int) -> list[str]:
    """The `limit` terms that stand in the most visible passages."""
    if not terms:
        return []
    ordered = sorted(terms)
    hashes = hashes_of(ordered)
    counts = np.zeros(len(ordered), np.int64)
    for part in snapshot.parts:
        postings = part.segment.fields[field]
        numbers, passages = postings.find(hashes), postings.levels["passages"]
        if visible.rows is None:
            counts += passages.frequencies(numbers)
            continue
        seen = visible.rows[part.row : part.row + part.segment.passages]
        for at in np.flatnonzero(numbers >= 0).tolist():
            counts[at] += np.count_nonzero(seen[passages.postings(int(numbers[at]))[0]])
    best = np.argsort(-counts, kind="stable")[:limit]
    return [ordered[at] for at in best.tolist() if counts[at]]


def _text(snapshot: Snapshot, row: int) -> str:
    part, local = snapshot.locate(row)
    return part.segment.passage(local).text


def _suggestion(snapshot: Snapshot, article: int) -> ArticleSuggestion:
    record = snapshot.records[article]
    return ArticleSuggestion(record.id, record.title)
