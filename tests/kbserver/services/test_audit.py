from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kbserver.domain.audit import AuditFilter
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.errors import InvalidInput, NotAllowed
from kbserver.services.audit import PER_PAGE
from kbserver.services.container import Services
from kbserver.store import publishing
from kbserver.store.database import Database

People = dict[Role, Reader]
DAY = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture
def record(database: Database) -> None:
    """A line a day for 120 days, by two people in turn."""
    with database.write() as session:
        for number in range(120):
            who, what = ("zhang.wei", "publish") if number % 2 else ("li.na", "archive")
            publishing.audit(session, who, what, f"KB-{number:04d}", {"n": number}, DAY + timedelta(days=number))


def test_pages_follow_each_other_newest_first_without_a_gap_or_a_repeat(
    services: Services, people: People, record: None
) -> None:
    seen, before = [], None
    while True:
        page = services.audit.page(people[Role.REVIEWER], AuditFilter(), before)
        seen += [line.subject for line in page.lines]
        before = page.older
        if before is None:
            break

    assert seen == [f"KB-{number:04d}" for number in range(119, -1, -1)]
    assert PER_PAGE < 120


def test_lines_added_meanwhile_do_not_move_the_pages(
    services: Services, people: People, record: None, database: Database
) -> None:
    first = services.audit.page(people[Role.REVIEWER], AuditFilter())
    with database.write() as session:
        publishing.audit(session, "x", "publish", "KB-9999", {}, DAY)

    second = services.audit.page(people[Role.REVIEWER], AuditFilter(), first.older)

    assert not {line.id for line in first.lines} & {line.id for line in second.lines}


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (AuditFilter(actor="ZHANG"), 60),
        (AuditFilter(action="archive"), 60),
        (AuditFilter(subject="kb-0007"), 1),
        (AuditFilter(since=date(2026, 9, 3), until=date(2026, 9, 4)), 2),
        (AuditFilter(actor="%"), 0),
        (AuditFilter(actor="' OR 1=1--"), 0),
    ],
)
def test_filters_restrict(services: Services, people: People, record: None, chosen: AuditFilter, expected: int) -> None:
    assert len(services.audit.export(people[Role.ADMIN], chosen)) == expected


@pytest.mark.parametrize(
    "chosen", [AuditFilter(until=date.max), AuditFilter(since=date.min), AuditFilter(actor="x" * 201)]
)
def test_a_filter_that_cannot_be_used_is_named(services: Services, people: People, chosen: AuditFilter) -> None:
    with pytest.raises(InvalidInput):
        services.audit.page(people[Role.ADMIN], chosen)


def test_an_engineer_does_not_see_the_record(services: Services, people: People) -> None:
    with pytest.raises(NotAllowed):
        services.audit.page(people[Role.ENGINEER], AuditFilter())
    with pytest.raises(NotAllowed):
        services.audit.export(people[Role.ENGINEER], AuditFilter())


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 1"]
)
def test_the_database_itself_refuses_to_change_the_record(database: Database, record: None, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.execute(text(statement))

    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM audit WHERE actor != 'x'")) == 120
