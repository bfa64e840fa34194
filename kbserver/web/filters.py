"""Template filters: how values are worded and marked up. The only place that makes markup from text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime

from flask import Flask
from flask_babel import format_date, format_datetime, format_timedelta, gettext
from markupsafe import Markup, escape

from indexer.articles import Audience, Snippet
from kbserver.domain.articles import ArticleSummary, Trust
from kbserver.domain.searching import SearchHit
from kbserver.errors import N_
from kbserver.web.context import services, today

TRUST_LABELS = {
    Trust.VALIDATED: N_("Validated"),
    Trust.NOT_VALIDATED: N_("Not validated"),
    Trust.EXPIRED: N_("Validation expired"),
}
WHY_LABELS = {
    "title": N_("Title"),
    "issue": N_("Customer's words"),
    "words": N_("Keywords"),
    "meaning": N_("Meaning"),
}
AUDIENCE_LABELS = {
    Audience.INTERNAL: N_("Internal"),
    Audience.CUSTOMER: N_("Customers"),
    Audience.PUBLIC: N_("Public"),
}
TYPE_LABELS = {
    "solution": N_("Solution"),
    "howto": N_("How-to"),
    "faq": N_("FAQ"),
    "known-issue": N_("Known issue"),
    "policy": N_("Policy"),
}
FACET_LABELS = {
    "category": N_("Category"),
    "product": N_("Product"),
    "model": N_("Model"),
    "version": N_("Version"),
    "platform": N_("Platform"),
    "tag": N_("Tag"),
}


def register(app: Flask) -> None:
    """Make the filters known to the templates."""
    app.jinja_env.filters.update(
        marked=marked,
        marked_title=marked_title,
        ago=ago,
        exact_time=exact_time,
        day=day,
        why_label=why_label,
        trust=trust,
        trust_label=lambda value: gettext(TRUST_LABELS[value]),
        audience_label=lambda value: gettext(AUDIENCE_LABELS[value]),
        type_label=lambda value: gettext(TYPE_LABELS[str(value)]),
        facet_label=lambda value: gettext(FACET_LABELS[value]),
    )


def marked(snippet: Snippet) -> Markup:
    """The snippet as HTML with its spans in <mark>; everything else is escaped."""
    parts: list[Markup] = []
    position = 0
    for start, end in snippet.spans:
        parts += [escape(snippet.text[position:start]), Markup("<mark>"), escape(snippet.text[start:end]), Markup("</mark>")]
        position = end
    return Markup("").join([*parts, escape(snippet.text[position:])])


def marked_title(hit: SearchHit, query: str) -> Markup:
    """The hit's title with the words marked that matched in its passage or stand in the query."""
    title = hit.article.title
    words = {hit.snippet.text[start:end] for start, end in hit.snippet.spans} | set(query.split())
    wanted = sorted((word for word in words if len(word) > 1), key=len, reverse=True)
    if not wanted:
        return escape(title)
    pattern = re.compile("|".join(map(re.escape, wanted)), re.IGNORECASE)
    return marked(Snippet(title, tuple(match.span() for match in pattern.finditer(title))))


def ago(moment: datetime) -> str:
    """How long ago, as a person would say it."""
    return format_timedelta(moment - services().clock.now(), add_direction=True, threshold=0.9)


def exact_time(moment: datetime) -> str:
    """The moment to the minute."""
    return format_datetime(moment, "yyyy-MM-dd HH:mm")


def day(value: date | None) -> str:
    """The day in digits, nothing for none."""
    return format_date(value, "yyyy-MM-dd") if value else ""


def why_label(reason: str) -> str:
    """The reason for a hit in the reader's words; an exact match names its code."""
    kind, _, value = reason.partition(":")
    if kind == "exact":
        return gettext(N_("Exact: %(code)s"), code=value)
    if kind == "used":
        return gettext(N_("Used in %(count)s tickets"), count=value)
    return gettext(WHY_LABELS[kind]) if kind in WHY_LABELS else reason


def trust(article: ArticleSummary) -> Trust:
    """The article's trust badge as of today."""
    return article.trust(today())


def listed(values: Iterable[str]) -> str:
    """Values in one line."""
    return "、".join(values)
