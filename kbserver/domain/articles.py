"""What the site knows about an article beside its text."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from indexer.articles import Article, ArticleType, Audience, TrustState


class Stage(enum.StrEnum):
    """Where an article stands in the workflow; trust is a different thing and stands in the file."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Trust(enum.StrEnum):
    """What the badge says: validated, not yet, validated too long ago, or no longer to be followed."""

    VALIDATED = "validated"
    NOT_VALIDATED = "not_validated"
    OVERDUE = "overdue"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """An article as lists and hits show it."""

    id: str
    title: str
    type: ArticleType
    category: str
    facets: Mapping[str, tuple[str, ...]]
    """Values of product, model, version, platform and tag."""
    audience: Audience
    lang: str
    state: TrustState
    stage: Stage
    owner: str
    revision: int
    updated_at: datetime
    verified_at: date | None = None
    verified_until: date | None = None
    excerpt: str = ""
    """The first sentences in plain text."""
    valid_to: date | None = None
    """The last day on which it is to be followed; readers outside the house do not see it afterwards."""
    needs_update: bool = False
    """Whether something that a reader said of it is still open; for staff."""

    @property
    def url(self) -> str:
        """Path of the article's page on this site."""
        return f"/articles/{self.id}"

    def trust(self, today: date) -> Trust:
        """What the trust badge says on the day `today`."""
        if self.valid_to is not None and self.valid_to < today:
            return Trust.EXPIRED
        if self.state is not TrustState.VALIDATED:
            return Trust.NOT_VALIDATED
        if self.verified_until is not None and self.verified_until < today:
            return Trust.OVERDUE
        return Trust.VALIDATED


@dataclass(frozen=True, slots=True)
class ArticleView:
    """One published article, whole."""

    summary: ArticleSummary
    article: Article
    """The parsed file: body, issue lines, source tickets and the rest."""
    markdown: str
    """The file's whole text, front matter included; outside the house what `domain.outside` leaves of it."""
    sha256: str
    path: str
    """Where the file lies below the articles folder, with `/` between folders."""
    created_at: datetime

    @property
    def etag(self) -> str:
        """Changes whenever anything shown of the article changes."""
        return f"{self.summary.revision}-{self.sha256[:20]}"


@dataclass(frozen=True, slots=True)
class RevisionInfo:
    """One line of an article's history."""

    number: int
    sha256: str
    author: str
    reason: str
    created_at: datetime
    is_current: bool = False
    approver: str = ""
    """Who approved it; empty where nobody had to."""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class CategoryNode:
    """A category with the number of visible articles in it and below it."""

    path: str
    name: str
    count: int
    children: tuple[CategoryNode, ...] = ()


@dataclass(frozen=True, slots=True)
class FacetCount:
    """A facet value with the number of visible articles that have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """Which articles to list; empty fields do not restrict. A category includes those below it."""

    category: str = ""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """product, model, version, platform and tag; any of a facet's values, for each facet named."""
    lang: str = ""
    type: ArticleType | None = None
    state: TrustState | None = None
    audience: Audience | None = None


class ArticleOrder(enum.StrEnum):
    """How a list of articles is sorted; ties by id."""

    UPDATED = "updated"
    TITLE = "title"
    ID = "id"


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """One page of a list; `total` counts all pages."""

    articles: tuple[ArticleSummary, ...]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.total // self.per_page))


@dataclass(frozen=True, slots=True)
class QuarantinedFile:
    """A file that could not become an article, with where and why."""

    path: str
    line: int
    zh: str
    en: str
    seen_at: datetime

    def message(self, lang: str) -> str:
        """The reason in the reader's language; anything but English reads Chinese."""
        return self.en if lang.startswith("en") else self.zh


def verified_until(article: Article) -> date | None:
    """The last day on which the article's validation counts; None when it does not expire.

    >>> article = Article("KB-1", "t", "", verified_at=date(2026, 1, 1), verify_every_days=30)
    >>> verified_until(article)
    datetime.date(2026, 1, 31)
    """
    if article.verified_at is None or article.verify_every_days is None:
        return None
    try:
        return article.verified_at + timedelta(days=article.verify_every_days)
    except OverflowError:
        return None


def category_tree(counts: Mapping[str, int]) -> tuple[CategoryNode, ...]:
    """Categories as a tree, by name; each counts its own articles and those below it.

    >>> [(n.path, n.count, len(n.children)) for n in category_tree({"邮件/Outlook": 2, "邮件": 1})]
    [('邮件', 3, 1)]
    """
    totals: dict[str, int] = {}
    for path, count in counts.items():
        parts = [part for part in path.split("/") if part]
        for depth in range(1, len(parts) + 1):
            ancestor = "/".join(parts[:depth])
            totals[ancestor] = totals.get(ancestor, 0) + count

    def below(parent: str) -> tuple[CategoryNode, ...]:
        prefix = f"{parent}/" if parent else ""
        names = sorted(
            path for path in totals if path.startswith(prefix) and path != parent and "/" not in path[len(prefix) :]
        )
        return tuple(CategoryNode(path, path[len(prefix) :], totals[path], below(path)) for path in names)

    return below("")
