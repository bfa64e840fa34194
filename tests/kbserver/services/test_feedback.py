"""Whether an article helped belongs to a search and counts once for a reader."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from indexer.articles import Audience
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.domain.searching import Feedback, FeedbackKind
from kbserver.domain.tasks import TaskFilter
from kbserver.services.container import Services
from kbserver.store.database import Database
from kbserver.store.models import VerdictRow
from tests.kbserver.publishing import Publisher

SEARCHES = ("01J00000000000000000000000", "01J00000000000000000000001")
READER = Reader(Audience.PUBLIC, "203.0.113.9")


@pytest.fixture
def article(publisher: Publisher) -> str:
    return publisher.publish("KB-0001", audience="public")


def verdicts(services: Services, database: Database) -> list[tuple[str, bool]]:
    services.events.flush()
    with database.read() as session:
        return [(row.search_id, row.helped) for row in session.scalars(select(VerdictRow).order_by(VerdictRow.id))]


def test_the_last_word_of_a_reader_counts_once(article: str, services: Services, database: Database) -> None:
    for kind in (FeedbackKind.HELPFUL, FeedbackKind.HELPFUL, FeedbackKind.NOT_HELPFUL):
        services.feedback.record(READER, Feedback(article, kind, SEARCHES[0]))

    assert verdicts(services, database) == [(SEARCHES[0], False)]


def test_the_last_word_counts_once_however_far_apart(article: str, services: Services, database: Database) -> None:
    for kind in (FeedbackKind.NOT_HELPFUL, FeedbackKind.HELPFUL):
        services.feedback.record(READER, Feedback(article, kind, SEARCHES[0]))
        services.events.flush()

    assert verdicts(services, database) == [(SEARCHES[0], True)]


def test_another_search_and_another_reader_count_for_themselves(
    article: str, services: Services, database: Database
) -> None:
    for reader, search_id in (
        (READER, SEARCHES[0]),
        (READER, SEARCHES[1]),
        (Reader(Audience.PUBLIC, "x"), SEARCHES[0]),
    ):
        services.feedback.record(reader, Feedback(article, FeedbackKind.HELPFUL, search_id))

    assert verdicts(services, database) == [(SEARCHES[0], True), (SEARCHES[1], True), (SEARCHES[0], True)]


def test_who_said_it_is_kept_as_a_hash(article: str, services: Services, database: Database) -> None:
    services.feedback.record(READER, Feedback(article, FeedbackKind.HELPFUL))
    services.events.flush()

    with database.read() as session:
        (actor,) = session.scalars(select(VerdictRow.actor))
    assert len(actor) == 32
    assert READER.actor not in actor


@pytest.mark.parametrize("kind", ["wrong", "outdated", "unclear", "missing"])
def test_that_something_is_wrong_becomes_a_task(
    kind: str, article: str, services: Services, people: dict[Role, Reader]
) -> None:
    services.feedback.record(READER, Feedback(article, FeedbackKind(kind), comment="菜单变了"))

    (task,) = services.tasks.page(people[Role.AGENT], TaskFilter()).tasks
    assert (task.kind, task.detail) == (kind, "菜单变了")
