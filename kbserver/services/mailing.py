"""The queue of mails: what is due goes out once, and what fails is tried again later."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kbserver.domain.notifications import RETRY_AFTER
from kbserver.services.mail_texts import mail_of
from kbserver.services.notices import shown
from kbserver.services.ports import Clock, Mail, Mailer, MailFailed
from kbserver.store import notifications, recipients
from kbserver.store.database import Database
from kbserver.store.models import NotificationRow

ACCOUNTS_AT_ONCE = 20
NEWS_IN_A_MAIL = 30

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Claimed:
    account_id: int
    ids: tuple[int, ...]
    mail: Mail


class MailQueue:
    """Sends what is due; run by one process at a time."""

    def __init__(self, database: Database, clock: Clock, mailer: Mailer, base_url: str, lang: str) -> None:
        self._database = database
        self._clock = clock
        self._mailer = mailer
        self._base_url = base_url.rstrip("/")
        self._lang = lang

    def send_due(self) -> int:
        """Send the mails that are due, one to a person; gives how many were taken."""
        claimed = self._claim()
        if not claimed:
            return 0
        outcomes = self._mailer.send([one.mail for one in claimed])
        with self._database.write() as session:
            for one, failure in zip(claimed, outcomes, strict=True):
                self._note(session, one, failure)
        return outcomes.count(None)

    def _claim(self) -> list[_Claimed]:
        """Mails to send now; noted as tried before they are, so that a crash cannot send one for ever."""
        now = self._clock.now()
        with self._database.write() as session:
            due = notifications.due_accounts(session, now, ACCOUNTS_AT_ONCE)
            return [claimed for account_id in due if (claimed := self._claim_of(session, account_id, now))]

    def _claim_of(self, session: Session, account_id: int, now: datetime) -> _Claimed | None:
        rows = notifications.due_of(session, account_id, now, NEWS_IN_A_MAIL)
        person = next(iter(recipients.with_ids(session, [account_id])), None)
        for row in rows:
            # What was read in the page, or may no longer be seen, is not mailed.
            row.mail_after = None
        unread = [row for row in rows if row.read_at is None]
        if person is None or not person.email:
            return None
        notices = shown(session, person.reader(now.astimezone().date()), unread)
        if not notices:
            return None
        kept = {notice.id for notice in notices}
        for row in unread:
            if row.id in kept:
                _try_later(row, now)
        mail = mail_of(person, notices, person.lang or self._lang, self._base_url)
        return _Claimed(account_id, tuple(sorted(kept)), mail)

    def _note(self, session: Session, claimed: _Claimed, failure: MailFailed | None) -> None:
        rows = notifications.with_ids(session, claimed.ids)
        if failure is None:
            for row in rows:
                row.mailed_at, row.mail_after = self._clock.now(), None
            log.info("mailed account=%s news=%s", claimed.account_id, len(rows))
            return
        if failure.is_final:
            for row in rows:
                row.mail_after = None
        log.warning("mail failed account=%s final=%s why=%s", claimed.account_id, failure.is_final, failure)


def _try_later(row: NotificationRow, now: datetime) -> None:
    """Note an attempt: without word of its success another follows, later each time, and in the end none."""
    is_last = row.mail_attempts >= len(RETRY_AFTER)
    row.mail_after = None if is_last else now + RETRY_AFTER[row.mail_attempts]
    row.mail_attempts += 1
