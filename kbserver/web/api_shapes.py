"""From what services give to the API's models."""

from __future__ import annotations

from indexer.articles import Audience, Filters
from kbserver.domain.articles import ArticleSummary, ArticleView, RevisionInfo
from kbserver.domain.reader import Reader
from kbserver.domain.searching import SearchHit, SearchResult
from kbserver.web import api_schemas as shapes

LISTED_FACETS = ("product", "model", "version", "platform", "tag")


def filters_of(query: shapes.FacetParameters) -> Filters:
    """The facets and the language asked for."""
    facets = {name: tuple(getattr(query, name)) for name in ("category", *LISTED_FACETS)}
    return Filters({name: values for name, values in facets.items() if values}, query.lang)


def search_model(result: SearchResult, reader: Reader, *, debug: bool) -> shapes.SearchModel:
    """A search result as the API gives it."""
    return shapes.SearchModel(
        search_id=result.search_id,
        query=result.query,
        normalized_query=result.normalized_query,
        corrections=list(result.corrections),
        took_ms=result.took_ms,
        degraded=result.degraded,
        no_good_answer=result.no_good_answer,
        estimated_total=result.estimated_total,
        facets={name: dict(counts) for name, counts in result.facets.items()},
        next_cursor=result.next_cursor,
        hits=[_hit_model(hit, reader, debug=debug) for hit in result.hits],
    )


def _hit_model(hit: SearchHit, reader: Reader, *, debug: bool) -> shapes.HitModel:
    article = hit.article
    return shapes.HitModel(
        id=article.id,
        title=article.title,
        url=article.url,
        lang=article.lang,
        audience=article.audience,
        state=article.state,
        trust=hit.trust,
        needs_update=article.needs_update if reader.audience is Audience.INTERNAL else None,
        score=hit.score,
        confidence=hit.confidence,
        why=list(hit.why),
        section=hit.section,
        snippet=shapes.SnippetModel(text=hit.snippet.text, spans=list(hit.snippet.spans)),
        updated_at=article.updated_at,
        verified_until=article.verified_until,
        signals=dict(hit.signals) if debug else None,
    )


def summary_model(summary: ArticleSummary) -> shapes.ArticleSummaryModel:
    """An article in a list as the API gives it."""
    return shapes.ArticleSummaryModel(**_summary_fields(summary))


def article_model(view: ArticleView, reader: Reader) -> shapes.ArticleModel:
    """A whole article as the API gives it; names of people are for internal readers."""
    is_internal = reader.audience is Audience.INTERNAL
    return shapes.ArticleModel(
        **_summary_fields(view.summary),
        body=view.article.body,
        issue=list(view.article.issue),
        created_at=view.created_at,
        sha256=view.sha256,
        owner=view.article.owner if is_internal else None,
        source_tickets=list(view.article.source_tickets) if is_internal else None,
    )


def revision_model(info: RevisionInfo, reader: Reader) -> shapes.RevisionModel:
    """A line of an article's history as the API gives it."""
    is_internal = reader.audience is Audience.INTERNAL
    return shapes.RevisionModel(
        number=info.number,
        sha256=info.sha256 if is_internal else None,
        author=info.author if is_internal else None,
        reason=info.reason if is_internal else None,
        created_at=info.created_at,
        is_current=info.is_current,
    )


def _summary_fields(summary: ArticleSummary) -> dict[str, object]:
    facets = {name: list(summary.facets.get(name, ())) for name in LISTED_FACETS}
    return {
        **{"tags" if name == "tag" else name: values for name, values in facets.items()},
        "id": summary.id,
        "title": summary.title,
        "url": summary.url,
        "type": summary.type,
        "category": summary.category,
        "audience": summary.audience,
        "lang": summary.lang,
        "state": summary.state,
        "stage": summary.stage,
        "revision": summary.revision,
        "excerpt": summary.excerpt,
        "updated_at": summary.updated_at,
        "verified_at": summary.verified_at,
        "verified_until": summary.verified_until,
    }
