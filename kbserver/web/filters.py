"""Template filters: how values are worded and marked up. The only place that makes markup from text."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Protocol

from flask import Flask
from flask_babel import gettext, ngettext
from markupsafe import Markup, escape

from indexer.articles import Snippet
from kbserver.domain import wording
from kbserver.domain.articles import ArticleSummary, Trust
from kbserver.domain.checklist import Finding
from kbserver.domain.folder import HeldFile, Hold
from kbserver.domain.searching import SearchHit
from kbserver.domain.wording import detail_of
from kbserver.errors import N_
from kbserver.web import csrf, labels
from kbserver.web.context import services, today
from kbserver.web.errors import Problem, message_of
from kbserver.web.highlights import marks_in


class Rendered(Protocol):
    """An article's body as the renderer gives it, sanitised."""

    html: str


def register(app: Flask) -> None:
    """Make the filters, and what else makes markup, known to the templates."""
    app.jinja_env.globals.update(csrf_field=csrf_field, csrf_token=csrf.csrf_token)
    app.jinja_env.filters.update(
        marked=marked,
        marked_title=marked_title,
        hit_text=hit_text,
        article_html=article_html,
        ago=ago,
        exact_time=exact_time,
        day=day,
        why_label=why_label,
        trust=trust,
        error_title=error_title,
        trust_label=lambda value: gettext(labels.TRUST[value]),
        audience_label=lambda value: gettext(labels.AUDIENCE[value]),
        type_label=lambda value: gettext(labels.TYPE[value]),
        type_about=lambda value: gettext(labels.TYPE_ABOUT[value]),
        check_label=lambda value: gettext(labels.CHECK[value]),
        finding=finding,
        language_label=lambda value: labels.LANGUAGE.get(value, value),
        clock_time=clock_time,
        facet_label=lambda value: gettext(labels.FACET[value]),
        task_label=lambda value: gettext(wording.TASK[value]),
        task_hint=lambda value: gettext(labels.TASK_HINT[value]),
        resolution_label=lambda value: gettext(wording.RESOLUTION[value]),
        notice_label=lambda value: gettext(wording.NOTICE[value]),
        notice_meaning=lambda value: gettext(wording.NOTICE_MEANING[value]),
        notice_detail=lambda notice: detail_of(notice, gettext),
        detail_label=lambda value: gettext(labels.DETAIL.get(value, value)),
        sentence=sentence,
        inline_code=inline_code,
        role_label=lambda value: gettext(labels.ROLE[value]),
        scope_label=lambda value: gettext(labels.SCOPE[value]),
        browser_label=browser_label,
        origin_label=lambda value: gettext(labels.ORIGIN[value]) if value in labels.ORIGIN else value,
        stage_label=lambda value: gettext(labels.STAGE[value]),
        step_label=lambda value: gettext(labels.STEP[value]),
        draft_origin_label=lambda value: gettext(labels.DRAFT_ORIGIN[value]),
        near_label=lambda value: gettext(labels.NEAR[value]),
        action_label=lambda value: gettext(labels.ACTION[value]) if value in labels.ACTION else value,
        detail_name=lambda value: gettext(labels.DETAIL_NAME[value]) if value in labels.DETAIL_NAME else value,
        problem_text=message_of,
        hold_label=hold_label,
    )


def csrf_field() -> Markup:
    """The hidden field that every form which changes something carries."""
    return Markup('<input type="hidden" name="%s" value="%s">') % (csrf.FIELD, csrf.csrf_token())


def hold_label(file: HeldFile) -> str:
    """Why the file is not what is published, and what to do."""
    is_decided = file.draft_id is None and file.hold is not Hold.REMOVED
    return gettext(labels.NOT_TAKEN if is_decided else labels.HOLDS[file.hold])


def marked(snippet: Snippet) -> Markup:
    """The snippet as HTML with its spans in <mark>; everything else is escaped.

    >>> marked(Snippet("a<b", ((0, 1),)))
    Markup('<mark>a</mark>&lt;b')
    """
    parts: list[Markup] = []
    position = 0
    for start, end in snippet.spans:
        parts.append(escape(snippet.text[position:start]))
        parts.append(Markup("<mark>%s</mark>") % snippet.text[start:end])
        position = end
    return Markup("").join([*parts, escape(snippet.text[position:])])


def marked_title(hit: SearchHit, query: str) -> Markup:
    """The hit's title with what it has in common with the query, or with the marked words below it."""
    matched = " ".join(hit.snippet.text[start:end] for start, end in hit.snippet.spans)
    title = hit.article.title
    return marked(Snippet(title, marks_in(title, f"{query} {matched}")))


def hit_text(hit: SearchHit, query: str) -> Markup:
    """The hit's best passage, or the article's beginning where that only repeats title and facts."""
    article = hit.article
    facts = " ".join([article.title, article.category.replace("/", " "), *chain.from_iterable(article.facets.values())])
    if article.excerpt and set(hit.snippet.text.split()) <= set(facts.split()):
        return marked(Snippet(article.excerpt, marks_in(article.excerpt, query)))
    return marked(hit.snippet)


def article_html(rendered: Rendered) -> Markup:
    """An article's body, which the renderer has sanitised last of all."""
    return Markup(rendered.html)


def ago(moment: datetime) -> str:
    """How long ago, as a person would say it; the day itself after a month."""
    age = services().clock.now() - moment
    minutes, hours = age // timedelta(minutes=1), age // timedelta(hours=1)
    if minutes < 1:
        return gettext("just now")
    if hours < 1:
        return ngettext("%(num)s minute ago", "%(num)s minutes ago", minutes)
    if age.days < 1:
        return ngettext("%(num)s hour ago", "%(num)s hours ago", hours)
    if age.days < 31:
        return ngettext("%(num)s day ago", "%(num)s days ago", age.days)
    return day(moment.astimezone())


def exact_time(moment: datetime) -> str:
    """The moment to the minute, in the machine's time zone."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def finding(found: Finding) -> str:
    """What a check found, as a sentence."""
    return gettext(found.message, **found.values) if found.values else gettext(found.message)


def clock_time(moment: datetime) -> str:
    """The time of day to the second, in the machine's time zone."""
    return moment.astimezone().strftime("%H:%M:%S")


def day(value: date | None) -> str:
    """The day in digits, nothing for none."""
    return value.strftime("%Y-%m-%d") if value else ""


def why_label(reason: str, query: str = "") -> str:
    """The reason for a hit in the reader's words; an exact match names its code as it was typed."""
    kind, _, value = reason.partition(":")
    if kind == "exact":
        at = query.casefold().find(value.casefold())
        typed = query[at : at + len(value)] if at >= 0 else value
        return gettext(N_("Exact: %(code)s"), code=typed)
    if kind == "used":
        return gettext(N_("Used in %(count)s tickets"), count=value)
    return gettext(labels.WHY[kind]) if kind in labels.WHY else reason


def trust(article: ArticleSummary) -> Trust:
    """The article's trust badge as of today."""
    return article.trust(today())


def sentence(text: str) -> str:
    """A sentence of the health service in the reader's language; one number in it may vary."""
    number = re.search(r"[0-9]+", text)
    if number is None:
        return gettext(text)
    return gettext(text.replace(number[0], "%(num)s", 1), num=number[0])


def inline_code(text: str) -> Markup:
    """The text with what stands between backticks as code; everything is escaped.

    >>> inline_code("see `<q>`")
    Markup('see <code>&lt;q&gt;</code>')
    """
    parts = enumerate(text.split("`"))
    return Markup("").join(Markup("<code>%s</code>") % part if odd % 2 else escape(part) for odd, part in parts)


def browser_label(user_agent: str) -> str:
    """A browser in two words, such as `Firefox · Windows`; nothing is known of what is not listed."""
    name = next((name for sign, name in labels.BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in labels.SYSTEMS if sign in user_agent), "")
    return " · ".join(filter(None, (name, system))) or gettext(N_("Unknown browser"))


def error_title(problem: Problem) -> str:
    """What went wrong, as a heading."""
    usual = labels.ERROR[400 if problem.status < 500 else 500]
    return gettext(labels.ERROR.get(problem.status, usual))
