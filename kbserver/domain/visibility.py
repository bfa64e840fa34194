"""The one rule of who sees what; the index filters by it, and every output is checked by it again."""

from __future__ import annotations

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


def may_see(reader: Reader, stage: Stage, audience: Audience) -> bool:
    """Whether `reader` may know of an article in this stage for this audience.

    >>> may_see(Reader(Audience.PUBLIC), Stage.PUBLISHED, Audience.INTERNAL)
    False
    >>> may_see(Reader(Audience.INTERNAL), Stage.DRAFT, Audience.PUBLIC)
    False
    """
    return stage in VISIBLE_STAGES and audience in visible_audiences(reader)
