"""The API's shapes: the models here validate what comes in and are what the OpenAPI document shows."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from indexer.articles import ArticleType, Audience, Confidence, Mode, TrustState
from kbserver.domain.articles import ArticleOrder, Stage, Trust
from kbserver.domain.limits import (
    DEFAULT_PAGE_SIZE,
    MAX_COMMENT_CHARS,
    MAX_CURSOR_CHARS,
    MAX_FILTER_CHARS,
    MAX_FILTER_VALUES,
    MAX_ID_CHARS,
    MAX_PAGE_SIZE,
)
from kbserver.domain.searching import FeedbackKind

MAX_PAGE = 10_000


def _plain_digits(value: Any) -> Any:
    """Digits as a number; pydantic alone would also take `1_0`, ` 1` and `1.0`."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and len(value) < 10):
        return "not a number"
    return value


WholeNumber = Annotated[int, BeforeValidator(_plain_digits)]
FilterValue = Annotated[str, Field(min_length=1, max_length=MAX_FILTER_CHARS)]
FilterValues = Annotated[list[FilterValue], Field(max_length=MAX_FILTER_VALUES)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")]


class Parameters(BaseModel):
    """Base of what comes with a request; a name that is not known is an error."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        """The model's JSON schema; the plain one is asked for with every request and is kept."""
        return super().model_json_schema(*args, **kwargs) if args or kwargs else _plain_schema(cls)


@cache
def _plain_schema(model: type[Parameters]) -> dict[str, Any]:
    return BaseModel.model_json_schema.__func__(model)  # type: ignore[attr-defined,no-any-return]


class ArticlePath(Parameters):
    """An article's address."""

    article_id: str = Field(description="Article id, such as KB-0042.", max_length=MAX_ID_CHARS)


class FacetParameters(Parameters):
    """Restrictions that searching and listing share; repeat a facet to allow several values."""

    category: FilterValues = Field([], description="Category path, such as 邮件/Outlook; with those below it.")
    product: FilterValues = Field([], description="Product.")
    model: FilterValues = Field([], description="Model.")
    version: FilterValues = Field([], description="Version.")
    platform: FilterValues = Field([], description="Platform.")
    tag: FilterValues = Field([], description="Tag.")
    lang: Language | None = Field(None, description="Language of the articles, such as zh.")
    audience: Audience | None = Field(
        None, description="Answer as for a reader of this audience; never more than you may see."
    )


class SearchParameters(FacetParameters):
    """A search."""

    q: str = Field("", description="The question, at most 512 characters.")
    limit: WholeNumber = Field(DEFAULT_PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE, description="Hits on a page.")
    cursor: str | None = Field(
        None, max_length=MAX_CURSOR_CHARS, description="`next_cursor` of the answer before, all else equal."
    )
    mode: Mode = Field(Mode.HYBRID, description="Which index answers.")
    debug: bool = Field(False, description="Add the ranking signals of each hit (internal readers).")


class TypeaheadParameters(Parameters):
    """What has been typed so far."""

    q: str = Field("", description="The beginning of a question, at most 512 characters.")


class ListParameters(FacetParameters):
    """Which articles to list."""

    type: ArticleType | None = Field(None, description="Kind of knowledge.")
    state: TrustState | None = Field(None, description="Validated or not.")
    order: ArticleOrder = Field(ArticleOrder.UPDATED, description="Sorting.")
    page: WholeNumber = Field(1, ge=1, le=MAX_PAGE, description="Page, from 1.")
    limit: WholeNumber = Field(20, ge=1, le=MAX_PAGE_SIZE, description="Articles on a page.")


class FeedbackBody(Parameters):
    """What somebody did with an article."""

    article_id: str = Field(max_length=MAX_ID_CHARS)
    event: FeedbackKind
    search_id: str = Field("", pattern=r"^([0-7][0-9A-HJKMNP-TV-Z]{25})?$")
    comment: str = Field("", max_length=MAX_COMMENT_CHARS)


class SnippetModel(BaseModel):
    """Plain text with the ranges to mark, in characters."""

    text: str
    spans: list[tuple[int, int]]


class HitModel(BaseModel):
    """One article found."""

    id: str
    title: str
    url: str
    lang: str
    audience: Audience
    state: TrustState
    trust: Trust = Field(description="What the badge says today: overdue and expired are ranked lower.")
    needs_update: bool | None = Field(description="Whether a report about it is open; for internal readers.")
    score: float = Field(description="0 to 1, falling from hit to hit.")
    confidence: Confidence
    why: list[str] = Field(description="Evidence, such as exact:0x8004010F, title, issue, words, meaning, overdue.")
    section: str
    snippet: SnippetModel
    updated_at: datetime
    verified_until: date | None
    signals: dict[str, float] | None = Field(None, description="Only with debug.")


class SearchModel(BaseModel):
    """The answer to a search."""

    search_id: str
    query: str
    normalized_query: str
    corrections: list[str]
    took_ms: float
    degraded: bool = Field(description="Meaning could not be used; only words answered.")
    no_good_answer: bool
    estimated_total: int
    facets: dict[str, dict[str, int]]
    next_cursor: str | None
    hits: list[HitModel]


class TypeaheadArticle(BaseModel):
    """An article to offer."""

    id: str
    title: str
    url: str


class TypeaheadModel(BaseModel):
    """What to offer while somebody types."""

    queries: list[str]
    articles: list[TypeaheadArticle]


class ArticleSummaryModel(BaseModel):
    """An article in a list."""

    id: str
    title: str
    url: str
    type: ArticleType
    category: str
    product: list[str]
    model: list[str]
    version: list[str]
    platform: list[str]
    tags: list[str]
    audience: Audience
    lang: str
    state: TrustState
    stage: Stage
    revision: int
    excerpt: str
    updated_at: datetime
    verified_at: date | None
    verified_until: date | None


class ArticleListModel(BaseModel):
    """One page of articles."""

    articles: list[ArticleSummaryModel]
    total: int
    page: int
    pages: int


class ArticleModel(ArticleSummaryModel):
    """One article, whole."""

    body: str = Field(description="Markdown without front matter; internal sections are for internal readers.")
    issue: list[str]
    created_at: datetime
    sha256: str = Field(description="Of the Markdown that you may read.")
    owner: str | None = Field(description="For internal readers.")
    source_tickets: list[str] | None = Field(description="For internal readers.")


class RevisionModel(BaseModel):
    """One revision of an article."""

    number: int
    sha256: str | None = Field(description="For internal readers.")
    author: str | None = Field(description="For internal readers.")
    reason: str | None = Field(description="For internal readers.")
    created_at: datetime
    is_current: bool


class RevisionListModel(BaseModel):
    """An article's history, newest first."""

    revisions: list[RevisionModel]


class FieldErrorModel(BaseModel):
    """One wrong value."""

    pointer: str
    detail: str


class ProblemModel(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldErrorModel]
