"""The rule of visibility in the form that queries take, and articles for the workflow under it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kbserver.domain.articles import Stage
from kbserver.domain.limits import MAX_ID_CHARS
from kbserver.domain.reader import Reader
from kbserver.domain.visibility import VISIBLE_STAGES, sees_expired, visible_audiences
from kbserver.errors import N_, NotFound
from kbserver.store import articles as stored
from kbserver.store.articles import Standing, Visible


def visible_to(reader: Reader) -> Visible:
    """The stages, audiences and days of validity that a query for this reader may show."""
    return Visible(VISIBLE_STAGES, visible_audiences(reader), sees_expired(reader), reader.today)


def archived_for(reader: Reader) -> Visible:
    """Articles that the reader could see before they were archived."""
    return Visible(frozenset({Stage.ARCHIVED}), visible_audiences(reader), sees_expired(reader), reader.today)


def visible_standing(session: Session, reader: Reader, article_id: str) -> Standing:
    """The article as it stands, archived ones too; raises `NotFound` for one that the reader never could see."""
    current = None
    if len(article_id) <= MAX_ID_CHARS and "\0" not in article_id:
        scopes = (visible_to(reader), archived_for(reader))
        if any(stored.visible_article(session, article_id, scope) for scope in scopes):
            current = stored.standing(session, article_id)
    if current is None:
        raise NotFound(N_("There is no such article."))
    return current
