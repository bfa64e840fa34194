"""Who is to be told: accounts as notifications see them, with how they want to be told."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from indexer.articles import Audience
from kbserver.domain.permissions import Right, Role, has_right
from kbserver.domain.reader import Reader
from kbserver.store.models import AccountRow, NoticeSettingsRow


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may be told something."""

    id: int
    name: str
    display_name: str
    email: str
    role: Role
    audience: Audience
    lang: str
    """The language they chose, empty for the site's own."""
    muted: frozenset[str]
    """Kinds of notification that they do not want by mail."""

    def reader(self, today: date) -> Reader:
        """The same person as one who asks today, to find out what they may see."""
        return Reader(self.audience, self.name, self.role, self.id, self.name, today=today)


def with_ids(session: Session, ids: Iterable[int | None]) -> list[Recipient]:
    """Those of the accounts that are not disabled, by number."""
    wanted = {account_id for account_id in ids if account_id is not None}
    return _read(session, AccountRow.id.in_(wanted)) if wanted else []


def named(session: Session, name: str) -> Recipient | None:
    """The account of that name that is not disabled; case and width do not count."""
    found = _read(session, AccountRow.name == unicodedata.normalize("NFKC", name).strip().casefold())
    return found[0] if found else None


def with_right(session: Session, right: Right) -> list[Recipient]:
    """Everybody who has the right, by number."""
    roles = [role for role in Role if has_right(role, right)]
    return _read(session, AccountRow.role.in_(roles))


def _read(session: Session, where: ColumnElement[bool]) -> list[Recipient]:
    query = (
        select(AccountRow, NoticeSettingsRow)
        .outerjoin(NoticeSettingsRow, NoticeSettingsRow.account_id == AccountRow.id)
        .where(where, AccountRow.is_disabled.is_(False))
        .order_by(AccountRow.id)
    )
    return [_recipient(account, settings) for account, settings in session.execute(query)]


def _recipient(account: AccountRow, settings: NoticeSettingsRow | None) -> Recipient:
    return Recipient(
        id=account.id,
        name=account.name,
        display_name=account.display_name,
        email=account.email,
        role=Role(account.role),
        audience=Audience.of(account.audience),
        lang=settings.lang if settings else "",
        muted=frozenset(settings.muted) if settings else frozenset(),
    )


def settings_of(session: Session, account_id: int) -> tuple[str, Collection[str]]:
    """The language and the muted kinds of an account; nothing chosen gives an empty language and none."""
    row = session.get(NoticeSettingsRow, account_id)
    return (row.lang, tuple(row.muted)) if row else ("", ())


def choose(session: Session, account_id: int, lang: str, muted: Collection[str]) -> None:
    """Keep how somebody wants to be told."""
    row = session.get(NoticeSettingsRow, account_id) or NoticeSettingsRow(account_id=account_id)
    row.lang, row.muted = lang, sorted(muted)
    session.add(row)
