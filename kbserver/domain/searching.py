"""A search as the site asks and answers it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from indexer.articles import Confidence, Filters, Mode, Snippet
from kbserver.domain.articles import ArticleSummary, Trust
from kbserver.domain.limits import DEFAULT_PAGE_SIZE


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What to search for. `cursor` is a former answer's `next_cursor`, with all else equal."""

    text: str
    mode: Mode = Mode.HYBRID
    limit: int = DEFAULT_PAGE_SIZE
    cursor: str | None = None
    filters: Filters = field(default_factory=Filters)
    debug: bool = False
    record: bool = True
    """Whether the search is kept as an event; results while typing are not."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One article found, with its best passage."""

    article: ArticleSummary
    trust: Trust
    """What the badge says on the day of the search."""
    score: float
    confidence: Confidence
    why: tuple[str, ...]
    section: str
    snippet: Snippet
    signals: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found. An empty `query` gives an empty result without an index call."""

    search_id: str
    query: str
    normalized_query: str = ""
    corrections: tuple[str, ...] = ()
    took_ms: float = 0.0
    degraded: bool = False
    no_good_answer: bool = False
    estimated_total: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    next_cursor: str | None = None
    offset: int = 0
    """Hits on earlier pages; 0 on the first."""
    hits: tuple[SearchHit, ...] = ()


@dataclass(frozen=True, slots=True)
class Typeahead:
    """What to offer while somebody types."""

    queries: tuple[str, ...] = ()
    articles: tuple[ArticleSummary, ...] = ()


class FeedbackKind(enum.StrEnum):
    """What a reader did with an article or said of it."""

    OPENED = "opened"
    COPIED = "copied"
    INSERTED = "inserted"
    HELPFUL = "helpful"
    NOT_HELPFUL = "not_helpful"
    WRONG = "wrong"
    OUTDATED = "outdated"
    UNCLEAR = "unclear"
    MISSING = "missing"


VERDICTS = frozenset({FeedbackKind.HELPFUL, FeedbackKind.NOT_HELPFUL})
"""What somebody says once for a search and an article; the last word counts."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """One such act; `search_id` ties it to the search that led there, empty when none did."""

    article_id: str
    kind: FeedbackKind
    search_id: str = ""
    comment: str = ""
