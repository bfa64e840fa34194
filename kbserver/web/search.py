"""The result page, whole or as the fragment that replaces it while somebody types."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request

from kbserver.domain.searching import SearchQuery, SearchResult
from kbserver.web.context import reader, services
from kbserver.web.facets import Chosen, FacetPanel, chosen_in, filters_from, panel_of, search_url

bp = Blueprint("search", __name__)


@dataclass(frozen=True, slots=True)
class ResultPage:
    """What the result templates show."""

    query: str
    result: SearchResult
    facets: FacetPanel
    next_url: str
    first: int
    """Position of the first hit on this page, from 1."""
    first_url: str


@bp.get("/search")
def results() -> str:
    """The results of a search as a page."""
    return render_template("search/results.html", page=_page(is_typing=False))


@bp.get("/search/fragment")
def fragment() -> str:
    """The results alone; what is asked while typing leaves no event until the typing has settled."""
    is_typing = "settled" not in request.args
    return render_template("search/_results.html", page=_page(is_typing=is_typing))


def _page(*, is_typing: bool) -> ResultPage:
    query = request.args.get("q", "")
    chosen: Chosen = chosen_in(request.args)
    asked = SearchQuery(
        query,
        cursor=request.args.get("cursor") or None,
        filters=filters_from(chosen),
        record=not is_typing,
    )
    result = services().search.search(reader(), asked)
    following = search_url(query, chosen, cursor=result.next_cursor) if result.next_cursor else ""
    return ResultPage(
        query=query,
        result=result,
        facets=panel_of(result, query, chosen),
        next_url=following,
        first=result.offset + 1,
        first_url=search_url(query, chosen),
    )
