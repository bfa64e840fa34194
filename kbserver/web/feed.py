"""`/feed.atom`: the latest articles that the reader may see."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from flask import Blueprint, Response, make_response, request
from flask_babel import gettext

from kbserver.domain.articles import ArticleFilter, ArticleOrder, ArticleSummary
from kbserver.domain.limits import MAX_FILTER_CHARS
from kbserver.errors import N_, InvalidInput
from kbserver.web.context import locale, reader, services
from kbserver.web.operations import base_url

bp = Blueprint("feed", __name__)

ATOM = "http://www.w3.org/2005/Atom"
ENTRIES = 50
FILTERS = ("category", "product")
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""When an empty feed was last changed: a feed has to say something."""

ILLEGAL = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")

register_namespace("", ATOM)


@bp.get("/feed.atom")
def feed() -> Response:
    """The latest articles as Atom, of one category or product if the address names one."""
    chosen = _chosen()
    category = chosen.get("category", "")
    facets = {"product": (chosen["product"],)} if "product" in chosen else {}
    found = services().articles.list(reader(), ArticleFilter(category, facets), ArticleOrder.UPDATED, 1, ENTRIES)
    response = make_response(_document(chosen, found.articles))
    response.content_type = "application/atom+xml; charset=utf-8"
    response.last_modified = _updated(found.articles)
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]


def _chosen() -> dict[str, str]:
    chosen = {name: request.args.get(name, "") for name in FILTERS}
    for name, value in chosen.items():
        if len(value) > MAX_FILTER_CHARS:
            raise InvalidInput(
                N_("At most %(max_length)s characters are taken."), field=name, max_length=MAX_FILTER_CHARS
            )
    return {name: value for name, value in chosen.items() if value}


def _document(chosen: dict[str, str], articles: tuple[ArticleSummary, ...]) -> bytes:
    base, query = base_url(), f"?{urlencode(chosen)}" if chosen else ""
    root = Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": locale()})
    name = gettext(N_("Knowledge base"))
    _text(root, "title", " · ".join([*chosen.values(), name]))
    _text(root, "id", f"{base}/feed.atom{query}")
    _text(root, "updated", _stamp(_updated(articles)))
    _link(root, "self", f"{base}/feed.atom{query}", "application/atom+xml")
    _link(root, "alternate", f"{base}/browse{query}", "text/html")
    _text(SubElement(root, f"{{{ATOM}}}author"), "name", name)
    for article in articles:
        _entry(root, article, base)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _entry(root: Element, article: ArticleSummary, base: str) -> None:
    entry = SubElement(root, f"{{{ATOM}}}entry", {"{http://www.w3.org/XML/1998/namespace}lang": article.lang})
    _text(entry, "title", article.title)
    _text(entry, "id", f"{base}{article.url}")
    _text(entry, "updated", _stamp(article.updated_at))
    _link(entry, "alternate", f"{base}{article.url}", "text/html")
    for term in (article.category, *article.facets.get("product", ())):
        if term:
            SubElement(entry, f"{{{ATOM}}}category", {"term": _legal(term)})
    if article.excerpt:
        _text(entry, "summary", article.excerpt)


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, f"{{{ATOM}}}{name}").text = _legal(text)


def _link(parent: Element, relation: str, address: str, kind: str) -> None:
    SubElement(parent, f"{{{ATOM}}}link", {"rel": relation, "href": _legal(address), "type": kind})


def _legal(text: str) -> str:
    """The text without the characters that no XML document may hold."""
    return ILLEGAL.sub("", text)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _updated(articles: tuple[ArticleSummary, ...]) -> datetime:
    return max((article.updated_at for article in articles), default=BEGINNING)
