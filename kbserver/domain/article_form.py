"""A text being written as a form: its known front matter field by field, and its body.

Saving a form changes the lines of the fields that were changed and nothing
else, so whatever the form does not know is still there afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from indexer.frontmatter import HeaderRefused, Problem, parse_article, with_body, with_fields

LISTS = ("product", "model", "version", "platform", "tags")
"""Fields of several values, written with commas between them."""

LINES = "issue"
"""The field that has a value on each line: a customer's sentence may hold commas."""

FIELDS = ("title", "type", "category", *LISTS, "audience", "lang", LINES, "owner", "verify_every_days")
"""What the form shows of the front matter, by key."""

_COMMAS = re.compile(r"[,，;；、\n]")


@dataclass(frozen=True, slots=True)
class ArticleForm:
    """The fields as texts, each of `FIELDS`, and the Markdown below the front matter."""

    fields: Mapping[str, str]
    body: str


class NotAForm(Exception):
    """The front matter cannot be shown field by field; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.en)
        self.problem = problem


def form_of(text: str) -> ArticleForm:
    """What the form shows of a text; raises `NotAForm` for front matter that only its source can show.

    >>> form_of("---\\ntitle: a\\ntags: [b, c]\\n---\\n\\nd").fields["tags"]
    'b, c'
    """
    parsed = parse_article(text if text.strip() else "---\n---\n", "", is_finished=False)
    if parsed.article is None:
        raise NotAForm(parsed.errors[0])
    try:
        # Taking away a key that is not there changes nothing, yet finds headers that lines cannot change.
        with_fields(text, {"": ""})
    except HeaderRefused as refused:
        raise NotAForm(refused.problem) from refused
    return ArticleForm({name: _shown(name, getattr(parsed.article, name)) for name in FIELDS}, parsed.article.body)


def text_with(text: str, form: ArticleForm) -> str:
    """The text with what the form changed; raises `NotAForm`.

    >>> text_with("---\\ntitle: a\\nx-team: b\\n---\\n\\nd\\n", ArticleForm({"title": "e"}, "d"))
    '---\\ntitle: e\\nx-team: b\\n---\\n\\nd\\n'
    """
    before = form_of(text)
    changes = {
        name: _value(name, form.fields[name])
        for name in FIELDS
        if name in form.fields and _plain(form.fields[name]) != _plain(before.fields[name])
    }
    try:
        changed = with_fields(text, changes)
        return changed if form.body.rstrip() == before.body else with_body(changed, form.body)
    except HeaderRefused as refused:
        raise NotAForm(refused.problem) from refused


def _shown(name: str, value: object) -> str:
    if isinstance(value, tuple):
        return ("\n" if name == LINES else ", ").join(value)
    return "" if value is None else str(value)


def _value(name: str, text: str) -> str | tuple[str, ...]:
    if name not in (*LISTS, LINES):
        return " ".join(text.split())
    parts = text.split("\n") if name == LINES else _COMMAS.split(text)
    return tuple(dict.fromkeys(" ".join(part.split()) for part in parts if part.strip()))


def _plain(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()
