"""Articles to take away: an archive of Markdown files, and pages made for paper."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request

from kbserver.domain.articles import ArticleFilter, ArticleView
from kbserver.domain.limits import MAX_COLLECTION_ARTICLES, MAX_EXPORT_ARTICLES, MAX_FILTER_CHARS
from kbserver.errors import N_, InvalidInput
from kbserver.rendering import Rendered
from kbserver.web.context import locale, reader, services
from kbserver.web.operations import base_url

bp = Blueprint("exports", __name__)


@dataclass(frozen=True, slots=True)
class Printed:
    """One article on paper."""

    view: ArticleView
    rendered: Rendered
    address: str


@bp.get("/export")
def archive() -> Response:
    """The chosen articles as a zip archive of Markdown files with their pictures."""
    who, exports = reader(), services().exports
    chosen = exports.chosen(who, *_wanted(), MAX_EXPORT_ARTICLES)
    name = f"{chosen[0].id}.zip" if len(chosen) == 1 else "articles.zip"
    response = Response(exports.archive(who, chosen), content_type="application/zip")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


@bp.get("/export/print")
def collection() -> str:
    """The chosen articles one after the other, with contents, made for paper."""
    who, exports = reader(), services().exports
    ids, among = _wanted()
    chosen = exports.chosen(who, ids, among, MAX_COLLECTION_ARTICLES)
    printed = [_printed(view) for view in exports.views(who, chosen)]
    heading = among.category or "".join(among.facets.get("product", ())[:1]) if among else ""
    return render_template("export/collection.html", articles=printed, heading=heading, archive_url=_archive_url())


@bp.get("/articles/<string:article_id>/print")
def article(article_id: str) -> str:
    """One article made for paper."""
    return render_template("export/article.html", article=_printed(services().articles.get(reader(), article_id)))


def _printed(view: ArticleView) -> Printed:
    rendered = services().articles.render(view, reader(), locale())
    return Printed(view, rendered, f"{base_url()}{view.summary.url}")


def _wanted() -> tuple[list[str], ArticleFilter | None]:
    ids = request.args.getlist("id")
    category, products = request.args.get("category", ""), tuple(filter(None, request.args.getlist("product")))
    if any(len(text) > MAX_FILTER_CHARS for text in (category, *products, *ids)):
        raise InvalidInput(N_("This value is not valid."), field="id")
    if ids or not (category or products):
        return ids, None
    return [], ArticleFilter(category, {"product": products} if products else {})


def _archive_url() -> str:
    return "/export?" + request.query_string.decode("ascii", "replace")
