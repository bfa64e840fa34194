"""The values that every layer shares: what an article is, what is asked, what is answered.

Standard library only, so that any module may import it. `Article` is a parsed
file, `Passage` the unit that both indexes hold, `SearchRequest` a question and
`SearchAnswer` what came of it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


class Audience(enum.StrEnum):
    """Who may read an article; an unknown or missing value counts as INTERNAL."""

    INTERNAL = "internal"
    CUSTOMER = "customer"
    PUBLIC = "public"

    @classmethod
    def of(cls, text: str | None) -> Audience:
        """The audience named by `text`, INTERNAL when it names none.

        >>> Audience.of("public"), Audience.of("Everyone"), Audience.of(None)
        (<Audience.PUBLIC: 'public'>, <Audience.INTERNAL: 'internal'>, <Audience.INTERNAL: 'internal'>)
        """
        try:
            return cls((text or "").strip().lower())
        except ValueError:
            return cls.INTERNAL

    def readable(self) -> frozenset[Audience]:
        """The article audiences that a reader of this audience may see.

        >>> sorted(Audience.CUSTOMER.readable())
        [<Audience.CUSTOMER: 'customer'>, <Audience.PUBLIC: 'public'>]
        """
        order = list(Audience)
        return frozenset(order[order.index(self) :])


class ArticleType(enum.StrEnum):
    """What kind of knowledge an article holds."""

    SOLUTION = "solution"
    HOWTO = "howto"
    FAQ = "faq"
    KNOWN_ISSUE = "known-issue"
    POLICY = "policy"


class TrustState(enum.StrEnum):
    """How far an article may be trusted; the workflow's stage is kept elsewhere."""

    NOT_VALIDATED = "not_validated"
    VALIDATED = "validated"


class Mode(enum.StrEnum):
    """Which index answers a search."""

    HYBRID = "hybrid"
    KEYWORD = "keyword"
    VECTOR = "vector"


FACETS = ("category", "product", "model", "version", "platform", "tag")
"""Facet names, in the order in which pages show them."""


@dataclass(frozen=True, slots=True)
class Article:
    """One solution article as its file states it; `body` is Markdown without the front matter."""

    id: str
    title: str
    body: str
    type: ArticleType = ArticleType.SOLUTION
    category: str = ""
    product: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    version: tuple[str, ...] = ()
    platform: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    audience: Audience = Audience.INTERNAL
    lang: str = "zh"
    issue: tuple[str, ...] = ()
    state: TrustState = TrustState.NOT_VALIDATED
    owner: str = ""
    verified_at: date | None = None
    verified_by: str = ""
    verify_every_days: int | None = None
    valid_to: date | None = None
    """The last day on which it is to be followed."""
    source_tickets: tuple[str, ...] = ()
    updated_at: datetime | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    """Front-matter keys that the schema does not know, as written."""

    def facet_values(self, facet: str) -> tuple[str, ...]:
        """The article's values for one of `FACETS`; a category counts with all of its ancestors.

        >>> Article("KB-1", "t", "", category="邮件/Outlook").facet_values("category")
        ('邮件', '邮件/Outlook')
        """
        if facet == "category":
            parts = [part for part in self.category.split("/") if part]
            return tuple("/".join(parts[: depth + 1]) for depth in range(len(parts)))
        return self.tags if facet == "tag" else getattr(self, facet)


class PassageKind(enum.IntEnum):
    """What part of an article a passage was cut from."""

    SECTION = 0
    TITLE = 1
    ISSUE = 2
    FACTS = 3
    """Product, model, version, platform, category and tags: found by, but never shown as a snippet."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one article that is indexed, scored and shown as a unit."""

    article_id: str
    kind: PassageKind
    heading_path: tuple[str, ...]
    """Headings above the text, outermost first, without the article's title."""
    text: str
    """Plain text (no Markdown marks) as it is shown in snippets."""
    encoded_text: str
    """What the encoder reads: the title and the nearest heading in front of the text."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Values that a hit must have: any one of the values of a facet, and that for every facet named."""

    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lang: str | None = None
    audience: Audience | None = None
    """Keep only articles of exactly this audience, within what the reader may see."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A question to the index, on behalf of a reader of audience `reader`."""

    text: str
    reader: Audience = Audience.PUBLIC
    mode: Mode = Mode.HYBRID
    limit: int = 10
    offset: int = 0
    filters: Filters = field(default_factory=Filters)
    debug: bool = False
    hidden: frozenset[str] = frozenset()
    """Articles that this reader may not see today, beyond what audiences say; they do not exist for the search."""
    lowered: frozenset[str] = frozenset()
    """Articles to rank lower by a bounded amount (`indexer.demotion`); named in `why` as `overdue`."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Plain text cut around the best match; `spans` are [start, end) character offsets to mark in it."""

    text: str
    spans: tuple[tuple[int, int], ...] = ()


class Confidence(enum.StrEnum):
    """How likely a hit answers the question, calibrated as `indexer.confidence` describes."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Hit:
    """One article in an answer, with the passage that matched best.

    `score` lies in 0..1 and falls from hit to hit. `why` names the evidence:
    `exact:<identifier>`, `title`, `issue`, `words`, `meaning`; `overdue` where the article was
    ranked lower.
    """

    article_id: str
    title: str
    score: float
    confidence: Confidence
    why: tuple[str, ...]
    section: str
    snippet: Snippet
    signals: Mapping[str, float] = field(default_factory=dict)
    """Raw ranking signals, filled only when the request asks for `debug`."""


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What a search found: hits best first, ties by article id, and what to say about them."""

    hits: tuple[Hit, ...]
    normalized_query: str = ""
    corrections: tuple[str, ...] = ()
    degraded: bool = False
    """True when meaning could not be used, so only keywords answered."""
    no_good_answer: bool = False
    estimated_total: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Counts over all articles that matched, within what the reader may see."""
    generation: int = 0
    """The index generation that answered; stable paging compares it."""
    encode_ms: float = 0.0
