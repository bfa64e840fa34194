"""The rule of visibility in the form that queries take."""

from __future__ import annotations

from kbserver.domain.articles import Stage
from kbserver.domain.reader import Reader
from kbserver.domain.visibility import VISIBLE_STAGES, sees_expired, visible_audiences
from kbserver.store.articles import Visible


def visible_to(reader: Reader) -> Visible:
    """The stages, audiences and days of validity that a query for this reader may show."""
    return Visible(VISIBLE_STAGES, visible_audiences(reader), sees_expired(reader), reader.today)


def archived_for(reader: Reader) -> Visible:
    """Articles that the reader could see before they were archived."""
    return Visible(frozenset({Stage.ARCHIVED}), visible_audiences(reader), sees_expired(reader), reader.today)
