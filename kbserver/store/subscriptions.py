"""Subscriptions as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from kbserver.domain.subscriptions import Subscription, SubscriptionKind
from kbserver.store.models import SubscriptionRow


def of_account(session: Session, account_id: int) -> list[Subscription]:
    """Everything that somebody subscribed to, by kind and value."""
    query = select(SubscriptionRow).where(SubscriptionRow.account_id == account_id)
    rows = session.scalars(query.order_by(SubscriptionRow.kind, SubscriptionRow.value))
    return [Subscription(SubscriptionKind(row.kind), row.value) for row in rows]


def count(session: Session, account_id: int) -> int:
    """How many subscriptions somebody has."""
    query = select(func.count()).select_from(SubscriptionRow)
    return session.scalar(query.where(SubscriptionRow.account_id == account_id)) or 0


def has(session: Session, account_id: int, kind: SubscriptionKind, value: str) -> bool:
    """Whether somebody subscribed to exactly this."""
    return session.get(SubscriptionRow, (account_id, kind.value, value)) is not None


def add(session: Session, account_id: int, kind: SubscriptionKind, value: str) -> None:
    """Subscribe; doing so twice changes nothing."""
    if not has(session, account_id, kind, value):
        session.add(SubscriptionRow(account_id=account_id, kind=kind.value, value=value))


def remove(session: Session, account_id: int, kind: SubscriptionKind, value: str) -> None:
    """Take a subscription back; doing so twice changes nothing."""
    row = session.get(SubscriptionRow, (account_id, kind.value, value))
    if row is not None:
        session.delete(row)


def subscribers(session: Session, wanted: Sequence[tuple[SubscriptionKind, str]]) -> Iterable[int]:
    """The accounts that subscribed to any of these, by number."""
    either = [and_(SubscriptionRow.kind == kind.value, SubscriptionRow.value == value) for kind, value in wanted]
    query = select(SubscriptionRow.account_id).where(or_(*either)).distinct()
    return list(session.scalars(query.order_by(SubscriptionRow.account_id)))
