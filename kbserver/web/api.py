"""`/api/v1`: the site's answers for programs."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, request
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel
from werkzeug.exceptions import UnsupportedMediaType

from indexer.articles import Audience
from kbserver.domain.articles import ArticleFilter
from kbserver.domain.permissions import Scope
from kbserver.domain.searching import Feedback, SearchQuery
from kbserver.errors import N_, InvalidInput
from kbserver.services.articles import ArticleArchived
from kbserver.web import api_schemas as shapes
from kbserver.web import api_shapes
from kbserver.web.api_access import check_access, needs
from kbserver.web.context import reader, services
from kbserver.web.errors import PROBLEM_JSON

PREFIX = "/api/v1"
REPEATABLE = frozenset({"category", "product", "model", "version", "platform", "tag"})
SEARCHING = Tag(name="search", description="Finding articles")
READING = Tag(name="articles", description="Reading articles")
TELLING = Tag(name="feedback", description="Saying what helped")
ANY_SEARCH = needs(Scope.SEARCH_READ, anonymous=True)
ANY_READING = needs(Scope.ARTICLES_READ, anonymous=True)


def problems(*statuses: int) -> dict[int, Any]:
    """The same shape of error for each of these statuses, for the OpenAPI document."""
    schema = {"$ref": "#/components/schemas/ProblemModel"}
    return {status: {"content": {PROBLEM_JSON: {"schema": schema}}} for status in statuses}


bp = APIBlueprint(
    "api",
    __name__,
    url_prefix=PREFIX,
    abp_responses=problems(400, 401, 403, 503),
    operation_id_callback=lambda *, name, path, method: name,
)


@bp.before_request
def check_request() -> None:
    """Refuse those who may not call the operation, and what none takes: parameters twice, bodies not JSON."""
    check_access()
    for name, values in request.args.lists():
        if len(values) > 1 and name not in REPEATABLE:
            raise InvalidInput(N_("The parameter %(name)s is given more than once."), field=name[:100], name=name[:100])
    if request.method in ("POST", "PUT", "PATCH"):
        _check_body()


def _check_body() -> None:
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        content = request.get_json()
    except RecursionError:
        raise InvalidInput(N_("The JSON is nested too deeply.")) from None
    if not isinstance(content, dict):
        raise InvalidInput(N_("A JSON object is needed."))


@bp.get("/search", tags=[SEARCHING], security=ANY_SEARCH, responses={200: shapes.SearchModel})
def search(query: shapes.SearchParameters) -> Response:
    """Search articles by words and meaning

    An empty question gives an empty answer. `next_cursor` leads to the next page.
    """
    who = _narrowed(query.audience)
    is_debug = query.debug and who.audience is Audience.INTERNAL
    asked = SearchQuery(query.q, query.mode, query.limit, query.cursor, api_shapes.filters_of(query), is_debug)
    return _json(api_shapes.search_model(services().search.search(who, asked), who, debug=is_debug))


@bp.get("/typeahead", tags=[SEARCHING], security=ANY_SEARCH, responses={200: shapes.TypeaheadModel})
def typeahead(query: shapes.TypeaheadParameters) -> Response:
    """Offer queries and articles while somebody types"""
    found = services().search.typeahead(reader(), query.q)
    articles = [shapes.TypeaheadArticle(id=a.id, title=a.title, url=a.url) for a in found.articles]
    return _json(shapes.TypeaheadModel(queries=list(found.queries), articles=articles))


@bp.get("/articles", tags=[READING], security=ANY_READING, responses={200: shapes.ArticleListModel})
def list_articles(query: shapes.ListParameters) -> Response:
    """List articles"""
    filters = api_shapes.filters_of(query)
    facets = dict(filters.facets)
    categories = facets.pop("category", ())
    if len(categories) > 1:
        raise InvalidInput(N_("Articles are listed for one category at a time."), field="category")
    chosen = ArticleFilter("".join(categories), facets, query.lang or "", query.type, query.state)
    page = services().articles.list(_narrowed(query.audience), chosen, query.order, query.page, query.limit)
    articles = [api_shapes.summary_model(summary) for summary in page.articles]
    return _json(shapes.ArticleListModel(articles=articles, total=page.total, page=page.page, pages=page.pages))


@bp.get(
    "/articles/<string:article_id>",
    tags=[READING],
    security=ANY_READING,
    responses={200: shapes.ArticleModel, 301: None, 304: None, **problems(404, 410)},
)
def get_article(path: shapes.ArticlePath) -> Response:
    """Read one article"""
    who = reader()
    try:
        view = services().articles.get(who, path.article_id)
    except ArticleArchived as archived:
        return _moved(archived, "")
    return _with_etag(_json(api_shapes.article_model(view, who)), f"{view.etag}-{who.audience}")


@bp.get(
    "/articles/<string:article_id>.md",
    tags=[READING],
    security=ANY_READING,
    responses={
        200: {"content": {"text/markdown": {"schema": {"type": "string"}}}},
        301: None,
        304: None,
        **problems(404, 410),
    },
)
def get_article_markdown(path: shapes.ArticlePath) -> Response:
    """Read one article as Markdown

    Internal readers get the file; others its text, without front matter and internal sections.
    """
    who = reader()
    try:
        view = services().articles.get(who, path.article_id)
    except ArticleArchived as archived:
        return _moved(archived, ".md")
    response = make_response(view.markdown)
    response.mimetype = "text/markdown"
    return _with_etag(response, f"{view.etag}-{who.audience}-md")


@bp.get(
    "/articles/<string:article_id>/revisions",
    tags=[READING],
    security=ANY_READING,
    responses={200: shapes.RevisionListModel, **problems(404)},
)
def list_revisions(path: shapes.ArticlePath) -> Response:
    """List the revisions of an article, newest first"""
    who = reader()
    found = services().articles.revisions(who, path.article_id)
    return _json(shapes.RevisionListModel(revisions=[api_shapes.revision_model(info, who) for info in found]))


@bp.post(
    "/feedback",
    tags=[TELLING],
    security=needs(Scope.FEEDBACK_WRITE, anonymous=True),
    responses={204: None, **problems(404, 413, 415)},
)
def give_feedback(body: shapes.FeedbackBody) -> Response:
    """Say what was done with an article

    Give the `search_id` of the search that led there, if one did.
    """
    feedback = Feedback(body.article_id, body.event, body.search_id, body.comment)
    services().feedback.record(reader(), feedback)
    return make_response("", 204)


def _moved(archived: ArticleArchived, suffix: str) -> Response:
    """The way to the article that took the place of an archived one; without one the error itself."""
    if not archived.successor:
        raise archived
    response = make_response("", 301)
    response.headers["Location"] = f"{PREFIX}/articles/{archived.successor}{suffix}"
    # It may be restored, so nobody may remember this for good.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _narrowed(audience: Audience | None) -> Any:
    who = reader()
    return who.narrowed(audience) if audience else who


def _json(model: BaseModel) -> Response:
    response = make_response(model.model_dump_json())
    response.mimetype = "application/json"
    return response


def _with_etag(response: Response, etag: str) -> Response:
    """The response with an ETag, or an empty 304 when the reader has it already."""
    response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)  # type: ignore[return-value]
