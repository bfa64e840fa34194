"""Which search texts are taken, and in what form."""

from __future__ import annotations

import unicodedata

from indexer.articles import Filters
from kbserver.domain.limits import (
    MAX_FILTER_CHARS,
    MAX_FILTER_VALUES,
    MAX_QUERY_CHARS,
    MAX_QUERY_TERMS,
)
from kbserver.errors import N_, InvalidInput


def checked_query(text: str, max_chars: int = MAX_QUERY_CHARS, max_terms: int = MAX_QUERY_TERMS) -> str:
    """The text without control characters and outer spaces; raises `InvalidInput` when it is too long.

    >>> checked_query("  VPN\\x00 连不上　")
    'VPN 连不上'
    """
    stripped = text.strip()
    # The length comes first: everything after it costs time for each character.
    if len(stripped) > max_chars:
        raise InvalidInput(
            N_("The query has %(length)s characters; at most %(most)s are read."),
            field="q",
            length=len(stripped),
            most=max_chars,
        )
    clean = "".join(" " if char.isspace() else char for char in stripped if _is_text(char)).strip()
    terms = len(clean.split())
    if terms > max_terms:
        raise InvalidInput(
            N_("The query has %(terms)s words; at most %(most)s are read."),
            field="q",
            terms=terms,
            most=max_terms,
        )
    return clean


def _is_text(char: str) -> bool:
    category = unicodedata.category(char)
    if category == "Cs":
        raise InvalidInput(N_("The query is not valid Unicode text."), field="q")
    return category != "Cc" or char.isspace()


def checked_filters(filters: Filters) -> Filters:
    """The filters, or `InvalidInput` when a value is too long or there are too many."""
    for facet, values in filters.facets.items():
        if len(values) > MAX_FILTER_VALUES or any(len(v) > MAX_FILTER_CHARS for v in values):
            raise InvalidInput(
                N_("At most %(count)s values of %(chars)s characters each can be chosen for %(facet)s."),
                field=facet,
                facet=facet,
                count=MAX_FILTER_VALUES,
                chars=MAX_FILTER_CHARS,
            )
    return filters
