"""Subscriptions: what somebody wants to hear of, and how they want to be told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from kbserver.domain.limits import MAX_FILTER_CHARS, MAX_SUBSCRIPTIONS
from kbserver.domain.notifications import NoticeKind
from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader
from kbserver.domain.subscriptions import NoticeSettings, Subscription, SubscriptionKind
from kbserver.errors import N_, InvalidInput, NotAllowed, NotFound
from kbserver.services.visible import visible_to
from kbserver.store import articles as stored
from kbserver.store import recipients, subscriptions
from kbserver.store.database import Database


class SubscriptionService:
    """The subscriptions of the person who asks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def subscribe(self, reader: Reader, kind: SubscriptionKind, value: str) -> None:
        """Tell the reader from now on when it changes; raises `NotFound` for what they may not see."""
        account_id = _account(reader)
        with self._database.write() as session:
            visible = visible_to(reader)
            is_there = (
                stored.visible_article(session, value, visible) is not None
                if kind is SubscriptionKind.ARTICLE
                else len(value) <= MAX_FILTER_CHARS and stored.has_any(session, kind.value, value, visible)
            )
            if not is_there:
                raise NotFound(N_("There is nothing of that name to subscribe to."))
            if subscriptions.count(session, account_id) >= MAX_SUBSCRIPTIONS:
                raise InvalidInput(N_("You have %(most)s subscriptions, which is the most."), most=MAX_SUBSCRIPTIONS)
            subscriptions.add(session, account_id, kind, value)

    def unsubscribe(self, reader: Reader, kind: SubscriptionKind, value: str) -> None:
        """Tell the reader no longer."""
        account_id = _account(reader)
        with self._database.write() as session:
            subscriptions.remove(session, account_id, kind, value)

    def is_subscribed(self, reader: Reader, kind: SubscriptionKind, value: str) -> bool:
        """Whether the reader subscribed to exactly this."""
        if reader.account_id is None:
            return False
        with self._database.read() as session:
            return subscriptions.has(session, reader.account_id, kind, value)

    def mine(self, reader: Reader) -> tuple[Subscription, ...]:
        """The reader's subscriptions by kind and name; articles that they no longer see are left out."""
        account_id = _account(reader)
        with self._database.read() as session:
            found = subscriptions.of_account(session, account_id)
            ids = [one.value for one in found if one.kind is SubscriptionKind.ARTICLE]
            articles = stored.visible_summaries(session, ids, visible_to(reader))
        titled = (replace(one, title=articles[one.value].title if one.value in articles else "") for one in found)
        return tuple(one for one in titled if one.title or one.kind is not SubscriptionKind.ARTICLE)

    def settings(self, reader: Reader) -> NoticeSettings:
        """How the reader wants to be told; the language is empty while none was chosen."""
        account_id = _account(reader)
        with self._database.read() as session:
            lang, muted = recipients.settings_of(session, account_id)
            found = recipients.with_ids(session, [account_id])
        email = found[0].email if found else ""
        kinds = frozenset(NoticeKind(kind) for kind in muted if kind in list(NoticeKind))
        return NoticeSettings(lang, kinds, email)

    def choose(self, reader: Reader, lang: str, mailed: Collection[str]) -> None:
        """Keep the language of the reader's mails, and of what they are told by mail."""
        account_id = _account(reader)
        if not set(mailed) <= set(NoticeKind):
            raise InvalidInput(N_("There is no such kind of news."), field="mailed")
        with self._database.write() as session:
            recipients.choose(session, account_id, lang, [kind.value for kind in NoticeKind if kind not in mailed])


def _account(reader: Reader) -> int:
    reader.require(Right.SUBSCRIBE)
    if reader.account_id is None:
        raise NotAllowed(N_("Your role does not allow this."))
    return reader.account_id
