"""What a good article has, and what this one lacks of it; it advises and never forbids."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from indexer.articles import Article, ArticleType
from kbserver.domain.outline import Link, Section, sections_of
from kbserver.domain.personal_data import PersonalKind, personal_data_in
from kbserver.errors import N_


class Check(enum.StrEnum):
    """One thing to look at, in the order in which it is shown."""

    DUPLICATE = "duplicate"
    TITLE = "title"
    SECTIONS = "sections"
    STEPS = "steps"
    VERIFICATION = "verification"
    LINKS = "links"
    METADATA = "metadata"
    PERSONAL_DATA = "personal_data"


WITH_STEPS = frozenset({ArticleType.SOLUTION, ArticleType.HOWTO, ArticleType.KNOWN_ISSUE, ArticleType.POLICY})
WITH_VERIFICATION = frozenset({ArticleType.SOLUTION, ArticleType.HOWTO})
ABOUT_PRODUCTS = frozenset({ArticleType.SOLUTION, ArticleType.KNOWN_ISSUE})
"""Types whose title and front matter say where something occurs."""
ASKED_BY_CUSTOMERS = frozenset({ArticleType.SOLUTION, ArticleType.KNOWN_ISSUE, ArticleType.FAQ})

OWN_SECTION = frozenset({"steps", "verification"})
"""Kinds of sections that have a check of their own."""

MIN_TITLE_WIDTH = 12
"""A title narrower than six Chinese characters or twelve letters cannot say what is wrong and where."""

MAX_FINDINGS = 5
"""Findings shown of one check; the rest turn up when these are gone."""

PERSONAL = {
    PersonalKind.PHONE: N_("“%(shown)s” looks like a phone number."),
    PersonalKind.EMAIL: N_("“%(shown)s” looks like somebody's e-mail address."),
    PersonalKind.ID_NUMBER: N_("“%(shown)s” looks like an identity number."),
    PersonalKind.CARD: N_("“%(shown)s” looks like a card number."),
    PersonalKind.PASSWORD: N_("“%(shown)s” looks like a password."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is missing, as a message with its values, and where: a line of the body or a field of the form."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)
    line: int = 0
    """Line of the body, from 1; 0 where it is no line's."""
    field: str = ""
    url: str = ""
    """An article to look at."""


@dataclass(frozen=True, slots=True)
class Item:
    """One check with what it found; nothing found is well."""

    check: Check
    findings: tuple[Finding, ...]

    @property
    def is_ok(self) -> bool:
        """Whether nothing is missing."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the checks must be told, because the text alone does not show it."""

    duplicates: tuple[tuple[str, str, str], ...] = ()
    """Id, title and address of articles that may say the same, nearest first."""
    broken_links: tuple[Link, ...] = ()


def checklist(article: Article, around: Surroundings) -> tuple[Item, ...]:
    """Every check that suits the article's type, in the order of `Check`."""
    sections = sections_of(article.body)
    found: dict[Check, Iterator[Finding]] = {
        Check.DUPLICATE: _duplicates(around),
        Check.TITLE: _title(article),
        Check.SECTIONS: _sections(sections),
        Check.STEPS: _steps(sections),
        Check.VERIFICATION: _verification(sections),
        Check.LINKS: _links(around),
        Check.METADATA: _metadata(article),
        Check.PERSONAL_DATA: _personal_data(article),
    }
    left_out = {Check.STEPS} if article.type not in WITH_STEPS else set()
    left_out |= {Check.VERIFICATION} if article.type not in WITH_VERIFICATION else set()
    return tuple(
        Item(check, tuple(islice(findings, MAX_FINDINGS))) for check, findings in found.items() if check not in left_out
    )


def _duplicates(around: Surroundings) -> Iterator[Finding]:
    for article_id, title, url in around.duplicates:
        yield Finding(N_("%(id)s “%(title)s” may say the same."), {"id": article_id, "title": title}, url=url)


def _title(article: Article) -> Iterator[Finding]:
    title = article.title
    if not title:
        yield Finding(N_("The title is missing."), field="title")
    elif sum(1 if char.isascii() else 2 for char in title) < MIN_TITLE_WIDTH:
        yield Finding(N_("The title is too short to say what is wrong and where."), field="title")
    elif article.type in ABOUT_PRODUCTS and not _names_environment(article):
        yield Finding(N_("The title does not say where it occurs: product, model or version."), field="title")


def _names_environment(article: Article) -> bool:
    """Whether the title has a word of the product, the model and so on; any name at all where none is given."""
    title = article.title.casefold()
    values = [*article.product, *article.model, *article.platform, *article.version]
    words = {word.casefold() for value in values for word in (value, *re.split(r"[\s/（(]+", value)) if len(word) > 1}
    return any(word in title for word in words) if words else re.search(r"[A-Za-z][A-Za-z0-9]", title) is not None


def _sections(sections: tuple[Section, ...]) -> Iterator[Finding]:
    if not sections:
        yield Finding(N_("The text has no sections yet."), line=1)
    for section in sections:
        if section.is_empty and section.kind not in OWN_SECTION:
            yield Finding(N_("“%(heading)s” is still empty."), {"heading": section.heading}, line=section.line)


def _steps(sections: tuple[Section, ...]) -> Iterator[Finding]:
    of_steps = _with_parts(sections, "steps")
    if not of_steps:
        yield Finding(N_("There is no section with the steps."))
    elif all(section.is_empty for section in of_steps):
        yield Finding(N_("“%(heading)s” has no steps yet."), {"heading": of_steps[0].heading}, line=of_steps[0].line)
    elif not any(section.steps for section in of_steps):
        yield Finding(N_("The steps are not numbered."), line=of_steps[0].line)
    for step in (step for section in of_steps if not section.is_empty for step in section.steps):
        if step.is_empty:
            yield Finding(N_("Step %(number)s is empty."), {"number": step.number}, line=step.line)


def _with_parts(sections: tuple[Section, ...], kind: str) -> list[Section]:
    """The sections of a kind, with the smaller ones below them."""
    found: list[Section] = []
    level = 0
    for section in sections:
        level = level if level and section.level > level else section.level if section.kind == kind else 0
        found += [section] if level else []
    return found


def _verification(sections: tuple[Section, ...]) -> Iterator[Finding]:
    found = _with_parts(sections, "verification")
    if not found:
        yield Finding(N_("Nothing says how to see that it worked."))
    elif all(section.is_empty for section in found):
        yield Finding(N_("“%(heading)s” is still empty."), {"heading": found[0].heading}, line=found[0].line)


def _links(around: Surroundings) -> Iterator[Finding]:
    for link in around.broken_links:
        if link.target:
            yield Finding(N_("“%(target)s” leads nowhere."), {"target": link.target[:80]}, line=link.line)
        else:
            yield Finding(N_("A link has no address."), line=link.line)


def _metadata(article: Article) -> Iterator[Finding]:
    if not article.category:
        yield Finding(N_("The category is missing."), field="category")
    if not article.product and article.type in ABOUT_PRODUCTS:
        yield Finding(N_("The product is missing."), field="product")
    if not article.issue and article.type in ASKED_BY_CUSTOMERS:
        yield Finding(N_("No sentence of a customer yet; articles are found by them."), field="issue")
    if not article.owner:
        yield Finding(N_("Nobody owns the article."), field="owner")
    if article.verify_every_days is None:
        yield Finding(N_("Nothing says when it is checked again."), field="verify_every_days")


def _personal_data(article: Article) -> Iterator[Finding]:
    for name, text in (("title", article.title), ("issue", "\n".join(article.issue))):
        for found in personal_data_in(text):
            yield Finding(PERSONAL[found.kind], {"shown": found.shown}, field=name)
    for found in personal_data_in(article.body):
        yield Finding(PERSONAL[found.kind], {"shown": found.shown}, line=found.line)
