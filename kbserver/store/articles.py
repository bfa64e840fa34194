"""Queries about articles for readers: only rows in the stages and audiences that are named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session

from indexer.articles import ArticleType, Audience, TrustState
from kbserver.domain.articles import (
    ArticleFilter,
    ArticleOrder,
    ArticleSummary,
    RevisionInfo,
    Stage,
)
from kbserver.store.models import ArticleRow, FacetRow, FeedbackRow, RevisionRow


@dataclass(frozen=True, slots=True)
class Visible:
    """The stages, audiences and days of validity that a query may show, as `domain.visibility` gives them."""

    stages: frozenset[Stage]
    audiences: frozenset[Audience]
    shows_expired: bool = False
    today: date | None = None
    """Without a day, only what never expires is shown."""

    @property
    def clause(self) -> ColumnElement[bool]:
        """The same as a condition on `articles`."""
        return and_(
            ArticleRow.stage.in_(sorted(self.stages)),
            ArticleRow.audience.in_(sorted(self.audiences)),
            self._validity,
        )

    @property
    def _validity(self) -> ColumnElement[bool]:
        if self.shows_expired:
            return true()
        endless = ArticleRow.valid_to.is_(None)
        return endless if self.today is None else or_(endless, ArticleRow.valid_to >= self.today)


def summary_of(row: ArticleRow) -> ArticleSummary:
    """An article row as lists show it."""
    facets: dict[str, tuple[str, ...]] = {}
    for facet in row.facets:
        facets[facet.facet] = (*facets.get(facet.facet, ()), facet.value)
    return ArticleSummary(
        id=row.id,
        title=row.title,
        type=ArticleType(row.type),
        category=row.category,
        facets=facets,
        audience=Audience.of(row.audience),
        lang=row.lang,
        state=TrustState(row.state),
        stage=Stage(row.stage),
        owner=row.owner,
        revision=row.revision,
        updated_at=row.updated_at,
        verified_at=row.verified_at,
        verified_until=row.verified_until,
        excerpt=row.excerpt,
        valid_to=row.valid_to,
        needs_update=row.needs_update,
    )


def visible_article(session: Session, article_id: str, visible: Visible) -> ArticleRow | None:
    """The article, None when there is none or it may not be shown."""
    return session.scalar(select(ArticleRow).where(ArticleRow.id == article_id, visible.clause))


def known_summary(session: Session, article_id: str) -> ArticleSummary | None:
    """The article whatever its stage and audience, to find out whom it concerns; never for readers."""
    row = session.get(ArticleRow, article_id)
    return summary_of(row) if row else None


def visible_id_at(session: Session, path: str, visible: Visible) -> str | None:
    """The id of the article whose file lies at the path, None when it may not be shown."""
    return session.scalar(select(ArticleRow.id).where(ArticleRow.path == path, visible.clause))


def visible_summaries(session: Session, ids: Sequence[str], visible: Visible) -> dict[str, ArticleSummary]:
    """Those of `ids` that may be shown, by id."""
    if not ids:
        return {}
    rows = session.scalars(select(ArticleRow).where(ArticleRow.id.in_(ids), visible.clause))
    return {row.id: summary_of(row) for row in rows}


def page_of_articles(
    session: Session,
    chosen: ArticleFilter,
    visible: Visible,
    order: ArticleOrder,
    *,
    limit: int,
    offset: int,
) -> tuple[int, list[ArticleSummary]]:
    """How many articles fit the filter, and one page of them."""
    where = (visible.clause, *_conditions(chosen))
    total = session.scalar(select(func.count()).select_from(ArticleRow).where(*where)) or 0
    rows = session.scalars(_ordered(select(ArticleRow).where(*where), order).limit(limit).offset(offset))
    return total, [summary_of(row) for row in rows]


def _ordered(query: Select[tuple[ArticleRow]], order: ArticleOrder) -> Select[tuple[ArticleRow]]:
    if order is ArticleOrder.UPDATED:
        return query.order_by(ArticleRow.updated_at.desc(), ArticleRow.id)
    if order is ArticleOrder.TITLE:
        return query.order_by(ArticleRow.title, ArticleRow.id)
    return query.order_by(ArticleRow.id)


def _conditions(chosen: ArticleFilter) -> Iterable[ColumnElement[bool]]:
    if chosen.category:
        below = ArticleRow.category.startswith(chosen.category + "/", autoescape=True)
        yield or_(ArticleRow.category == chosen.category, below)
    for facet, values in chosen.facets.items():
        yield exists().where(
            FacetRow.article_id == ArticleRow.id,
            FacetRow.facet == facet,
            FacetRow.value.in_(values),
        )
    for column, value in (
        (ArticleRow.lang, chosen.lang),
        (ArticleRow.type, chosen.type),
        (ArticleRow.state, chosen.state),
        (ArticleRow.audience, chosen.audience),
    ):
        if value:
            yield column == value


def latest(session: Session, visible: Visible, limit: int) -> list[ArticleSummary]:
    """The articles that changed last."""
    rows = session.scalars(_ordered(select(ArticleRow).where(visible.clause), ArticleOrder.UPDATED).limit(limit))
    return [summary_of(row) for row in rows]


def category_counts(session: Session, visible: Visible) -> dict[str, int]:
    """Visible articles by exact category."""
    query = select(ArticleRow.category, func.count()).where(visible.clause).group_by(ArticleRow.category)
    return {category: count for category, count in session.execute(query) if category}


def facet_counts(session: Session, facet: str, visible: Visible) -> list[tuple[str, int]]:
    """Visible articles by value of one facet, most first, then by value."""
    count = func.count()
    query = (
        select(FacetRow.value, count)
        .join(ArticleRow, ArticleRow.id == FacetRow.article_id)
        .where(FacetRow.facet == facet, visible.clause)
        .group_by(FacetRow.value)
        .order_by(count.desc(), FacetRow.value)
    )
    return [(value, number) for value, number in session.execute(query)]


def most_opened(session: Session, since: datetime, visible: Visible, limit: int) -> list[ArticleSummary]:
    """Visible articles opened since then, most first."""
    count = func.count()
    query = (
        select(ArticleRow)
        .join(FeedbackRow, FeedbackRow.article_id == ArticleRow.id)
        .where(FeedbackRow.kind == "opened", FeedbackRow.created_at >= since, visible.clause)
        .group_by(ArticleRow.id)
        .order_by(count.desc(), ArticleRow.id)
        .limit(limit)
    )
    return [summary_of(row) for row in session.scalars(query)]


def revisions_of(session: Session, row: ArticleRow) -> list[RevisionInfo]:
    """The published revisions of an article, newest first."""
    query = (
        select(
            RevisionRow.number,
            RevisionRow.sha256,
            RevisionRow.author,
            RevisionRow.reason,
            RevisionRow.created_at,
            RevisionRow.approver,
            RevisionRow.origin,
        )
        .where(RevisionRow.article_id == row.id, RevisionRow.stage == Stage.PUBLISHED)
        .order_by(RevisionRow.number.desc())
    )
    return [
        RevisionInfo(number, sha256, author, reason, created_at, number == row.revision, approver, origin)
        for number, sha256, author, reason, created_at, approver, origin in session.execute(query)
    ]


def revision_texts(session: Session, article_id: str, numbers: Sequence[int]) -> dict[int, str]:
    """The texts of those revisions that were published, by number."""
    query = select(RevisionRow.number, RevisionRow.markdown).where(
        RevisionRow.article_id == article_id, RevisionRow.number.in_(numbers), RevisionRow.stage == Stage.PUBLISHED
    )
    return dict(session.execute(query).all())


def revision(session: Session, article_id: str, number: int) -> RevisionRow | None:
    """One revision of an article, whatever its stage."""
    return session.scalar(select(RevisionRow).where(RevisionRow.article_id == article_id, RevisionRow.number == number))


@dataclass(frozen=True, slots=True)
class Standing:
    """An article as it stands, whatever its stage; for the workflow, never for readers."""

    article_id: str
    stage: Stage
    revision: int
    path: str
    title: str
    audience: Audience
    superseded_by: str
    markdown: str
    sha256: str
    author: str
    """Who wrote the current revision."""

    @property
    def etag(self) -> str:
        """The same as that of the article's view."""
        return f"{self.revision}-{self.sha256[:20]}"


def standing(session: Session, article_id: str) -> Standing | None:
    """The article with its current text, None when there never was one."""
    query = (
        select(ArticleRow, RevisionRow)
        .join(RevisionRow, and_(RevisionRow.article_id == ArticleRow.id, RevisionRow.number == ArticleRow.revision))
        .where(ArticleRow.id == article_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    row, current = found
    return Standing(
        article_id=row.id,
        stage=Stage(row.stage),
        revision=row.revision,
        path=row.path or "",
        title=row.title,
        audience=Audience.of(row.audience),
        superseded_by=row.superseded_by or "",
        markdown=current.markdown,
        sha256=current.sha256,
        author=current.author,
    )


def titles_with(session: Session, words: Sequence[str], visible: Visible, limit: int) -> list[ArticleSummary]:
    """Visible articles with any of the words in their title, those updated last first."""
    like = [ArticleRow.title.icontains(word, autoescape=True) for word in words]
    rows = session.scalars(
        _ordered(select(ArticleRow).where(or_(*like), visible.clause), ArticleOrder.UPDATED).limit(limit)
    )
    return [summary_of(row) for row in rows]


def facet_names(session: Session, facets: Iterable[str], visible: Visible | None = None) -> list[str]:
    """Every value of these facets, of visible articles or of all, for the vocabulary of the index."""
    query = select(FacetRow.value).where(FacetRow.facet.in_(facets)).distinct()
    if visible is not None:
        query = query.join(ArticleRow, ArticleRow.id == FacetRow.article_id).where(visible.clause)
    return list(session.scalars(query))


def overdue_ids(session: Session, today: date) -> list[str]:
    """Published articles that were validated, but too long ago."""
    where = (ArticleRow.state == TrustState.VALIDATED, ArticleRow.verified_until < today)
    return list(session.scalars(select(ArticleRow.id).where(ArticleRow.stage == Stage.PUBLISHED, *where)))


def expired_ids(session: Session, today: date) -> list[str]:
    """Published articles whose last day has passed."""
    where = (ArticleRow.stage == Stage.PUBLISHED, ArticleRow.valid_to < today)
    return list(session.scalars(select(ArticleRow.id).where(*where)))


def has_any(session: Session, facet: str, value: str, visible: Visible) -> bool:
    """Whether any visible article has the facet's value; a category counts with those below it."""
    chosen = ArticleFilter(category=value) if facet == "category" else ArticleFilter(facets={facet: (value,)})
    query = select(ArticleRow.id).where(visible.clause, *_conditions(chosen)).limit(1)
    return session.scalar(query) is not None


@dataclass(frozen=True, slots=True)
class Due:
    """An article that somebody has to look at by a day."""

    article_id: str
    owner: str
    on: date


def due_articles(session: Session, until: date) -> list[Due]:
    """Published articles whose validation or validity ends by that day, by id; both ends where both do."""
    query = select(ArticleRow.id, ArticleRow.owner, ArticleRow.state, ArticleRow.verified_until, ArticleRow.valid_to)
    either = or_(ArticleRow.verified_until <= until, ArticleRow.valid_to <= until)
    rows = session.execute(query.where(ArticleRow.stage == Stage.PUBLISHED, either).order_by(ArticleRow.id))
    found = []
    for article_id, owner, state, verified_until, valid_to in rows:
        is_checked = state == TrustState.VALIDATED and verified_until is not None and verified_until <= until
        days = [verified_until] if is_checked else []
        days += [valid_to] if valid_to is not None and valid_to <= until else []
        found += [Due(article_id, owner, day) for day in dict.fromkeys(days)]
    return found
