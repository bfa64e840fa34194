"""Facets of a result page: groups to choose from, chips of what is chosen, and the address of each change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from indexer.articles import FACETS, Filters
from kbserver.domain.searching import SearchResult

MAX_OPTIONS = 20
"""Values of one facet on the page; the rest is reached by narrowing another one first."""

Chosen = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class FacetOption:
    """A value to choose, with the number of hits that have it."""

    value: str
    count: int
    is_chosen: bool
    url: str
    """Where choosing it, or taking it back, leads."""
    label: str = ""
    depth: int = 0
    """How far below another option it is shown; categories only."""


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """The options of one facet, most frequent first."""

    name: str
    options: tuple[FacetOption, ...]


@dataclass(frozen=True, slots=True)
class FacetPanel:
    """All that a result page shows of facets."""

    groups: tuple[FacetGroup, ...]
    chips: tuple[FacetOption, ...]
    clear_url: str


def chosen_in(arguments: MultiDict[str, str]) -> dict[str, tuple[str, ...]]:
    """The facet values named in an address, each once."""
    named = {facet: tuple(dict.fromkeys(filter(None, arguments.getlist(facet)))) for facet in FACETS}
    return {facet: values for facet, values in named.items() if values}


def panel_of(result: SearchResult, query: str, chosen: Chosen) -> FacetPanel:
    """The facets of an answer; a group is left out where nothing can be told apart by it."""
    groups = tuple(_group(name, result.facets.get(name, {}), query, chosen) for name in FACETS)
    return FacetPanel(
        tuple(group for group in groups if len(group.options) > 1 or any(o.is_chosen for o in group.options)),
        tuple(
            FacetOption(value, 0, True, search_url(query, _toggled(chosen, name, value)))
            for name, values in chosen.items()
            for value in values
        ),
        search_url(query, {}),
    )


def search_url(query: str, chosen: Chosen, **extra: str) -> str:
    """The address of a result page."""
    pairs = [("q", query), *((name, value) for name, values in chosen.items() for value in values)]
    pairs += [(name, value) for name, value in extra.items() if value]
    return "/search?" + urlencode(pairs)


def filters_from(chosen: Chosen) -> Filters:
    """The filters that the chosen values mean."""
    return Filters(dict(chosen))


def _group(name: str, counts: Mapping[str, int], query: str, chosen: Chosen) -> FacetGroup:
    taken = chosen.get(name, ())
    values = {**dict.fromkeys(taken, 0), **counts}
    order = _tree_order(_opened(values, taken)) if name == "category" else _by_count(values, taken)
    return FacetGroup(name, tuple(_option(name, value, values[value], query, chosen) for value in order[:MAX_OPTIONS]))


def _option(name: str, value: str, count: int, query: str, chosen: Chosen) -> FacetOption:
    is_category = name == "category"
    return FacetOption(
        value=value,
        count=count,
        is_chosen=value in chosen.get(name, ()),
        url=search_url(query, _toggled(chosen, name, value)),
        label=value.rsplit("/", 1)[-1] if is_category else value,
        depth=min(value.count("/"), 2) if is_category else 0,
    )


def _by_count(values: Mapping[str, int], taken: tuple[str, ...]) -> list[str]:
    return sorted(values, key=lambda value: (value not in taken, -values[value], value))


def _opened(values: Mapping[str, int], taken: tuple[str, ...]) -> dict[str, int]:
    """Top categories, and those below one that is chosen or stands alone.

    >>> _opened({"邮件": 2, "邮件/退信": 1, "网络": 1, "网络/DNS": 1}, ("网络",))
    {'邮件': 2, '网络': 1, '网络/DNS': 1}
    >>> _opened({"邮件": 2, "邮件/退信": 1}, ())
    {'邮件': 2, '邮件/退信': 1}
    """
    all_tops = {value.split("/", 1)[0] for value in values}
    opened = all_tops if len(all_tops) == 1 else {value.split("/", 1)[0] for value in taken}
    return {path: count for path, count in values.items() if "/" not in path or path.split("/", 1)[0] in opened}


def _tree_order(values: Mapping[str, int]) -> list[str]:
    """Categories with most hits first, each followed by those below it.

    >>> _tree_order({"网络": 1, "邮件/退信": 2, "邮件": 7, "邮件/Outlook": 5})
    ['邮件', '邮件/Outlook', '邮件/退信', '网络']
    """

    def rank(path: str) -> list[tuple[int, str]]:
        parts = path.split("/")
        above = ("/".join(parts[: depth + 1]) for depth in range(len(parts)))
        return [(-values.get(parent, 0), parent) for parent in above]

    return sorted(values, key=rank)


def _toggled(chosen: Chosen, name: str, value: str) -> Chosen:
    values = chosen.get(name, ())
    changed = tuple(v for v in values if v != value) if value in values else (*values, value)
    return {**{k: v for k, v in chosen.items() if k != name}, **({name: changed} if changed else {})}
