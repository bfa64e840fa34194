"""The one rule of who sees what; the index filters by it, and every output is checked by it again."""

from __future__ import annotations

from datetime import date

from indexer.articles import Audience
from kbserver.domain.articles import Stage
from kbserver.domain.reader import Reader

VISIBLE_STAGES = frozenset({Stage.PUBLISHED})
"""Stages that readers see; drafts and archived articles are for the workflow's pages alone."""


def visible_audiences(reader: Reader) -> frozenset[Audience]:
    """Audiences of the articles that `reader` may see.

    >>> sorted(visible_audiences(Reader(Audience.CUSTOMER)))
    [<Audience.CUSTOMER: 'customer'>, <Audience.PUBLIC: 'public'>]
    """
    return reader.audience.readable()


def sees_expired(reader: Reader) -> bool:
    """Whether `reader` still finds articles whose last day has passed; staff do, marked as expired."""
    return reader.audience is Audience.INTERNAL


def may_see(reader: Reader, stage: Stage, audience: Audience, valid_to: date | None = None) -> bool:
    """Whether `reader` may know of an article in this stage for this audience, to be followed until `valid_to`.

    >>> may_see(Reader(Audience.PUBLIC), Stage.PUBLISHED, Audience.INTERNAL)
    False
    >>> may_see(Reader(Audience.INTERNAL), Stage.DRAFT, Audience.PUBLIC)
    False
    >>> may_see(Reader(Audience.PUBLIC, today=date(2026, 9, 2)), Stage.PUBLISHED, Audience.PUBLIC, date(2026, 9, 1))
    False
    """
    return (
        stage in VISIBLE_STAGES
        and audience in visible_audiences(reader)
        and (sees_expired(reader) or is_valid(valid_to, reader.today))
    )


def is_valid(valid_to: date | None, today: date | None) -> bool:
    """Whether an article that is to be followed until `valid_to` is so today; no day known means no."""
    return valid_to is None or (today is not None and today <= valid_to)
