"""Reminders: once for an article and the day it is due."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.domain.tasks import Resolution, Task, TaskFilter, TaskKind
from kbserver.services.container import Services
from kbserver.services.reminders import REMIND_BEFORE, Reminders
from kbserver.services.tasks import Flag
from kbserver.store.database import Database
from tests.kbserver.publishing import Publisher

DUE_IN_A_WEEK = {"state": "validated", "verified_at": "2026-08-09", "verify_every_days": "30"}


@pytest.fixture
def reminders(database: Database, clock) -> Reminders:
    return Reminders(database, clock)


def tasks(services: Services, people: dict[Role, Reader], *, is_open: bool = True) -> tuple[Task, ...]:
    return services.tasks.page(people[Role.ADMIN], TaskFilter(is_open=is_open)).tasks


def test_the_owner_is_reminded_before_the_day(
    publisher: Publisher, reminders: Reminders, services: Services, people: dict[Role, Reader]
) -> None:
    publisher.publish("KB-0001", owner="engineer", **DUE_IN_A_WEEK)

    reminders.run()

    (task,) = tasks(services, people)
    assert (task.kind, task.due_on.isoformat(), task.assignee) == (TaskKind.OVERDUE, "2026-09-08", "engineer")


def test_what_is_due_later_waits(
    publisher: Publisher, reminders: Reminders, services: Services, people: dict[Role, Reader], clock
) -> None:
    publisher.publish("KB-0001", **(DUE_IN_A_WEEK | {"verify_every_days": "60"}))
    first = reminders.run()

    clock.moment += timedelta(days=60) - REMIND_BEFORE

    assert (first, reminders.run()) == (0, 1)


@pytest.mark.parametrize("pause_days", [0, 1, 30])
def test_there_is_one_reminder_for_one_day(
    pause_days: int, publisher: Publisher, reminders: Reminders, services: Services, people: dict[Role, Reader], clock
) -> None:
    publisher.publish("KB-0001", **DUE_IN_A_WEEK)
    reminders.run()

    clock.moment += timedelta(days=pause_days)
    reminders.run()

    assert len(tasks(services, people)) == 1


def test_a_reminder_that_was_closed_does_not_come_back_for_the_same_day(
    publisher: Publisher, reminders: Reminders, services: Services, people: dict[Role, Reader]
) -> None:
    publisher.publish("KB-0001", **DUE_IN_A_WEEK)
    reminders.run()
    services.tasks.close(people[Role.ADMIN], [tasks(services, people)[0].id], Resolution.NOT_A_PROBLEM)

    reminders.run()

    assert tasks(services, people) == ()


def test_the_next_period_has_its_own_reminder(
    publisher: Publisher, reminders: Reminders, services: Services, people: dict[Role, Reader], clock
) -> None:
    publisher.publish("KB-0001", **DUE_IN_A_WEEK)
    reminders.run()
    services.verifying.verify(people[Role.ENGINEER], "KB-0001", 1)

    clock.moment += timedelta(days=30)
    reminders.run()

    assert [task.due_on.isoformat() for task in tasks(services, people)] == ["2026-10-01"]


def test_the_end_of_validity_is_a_day_too(
    publisher: Publisher, reminders: Reminders, services: Services, people: dict[Role, Reader]
) -> None:
    publisher.publish("KB-0001", valid_to="2026-09-10")

    reminders.run()

    assert [task.due_on.isoformat() for task in tasks(services, people)] == ["2026-09-10"]


def test_a_file_that_was_verified_by_hand_settles_its_reminder(
    publisher: Publisher, reminders: Reminders, services: Services, people: dict[Role, Reader]
) -> None:
    publisher.publish("KB-0001", **DUE_IN_A_WEEK)
    reminders.run()

    publisher.publish("KB-0001", **(DUE_IN_A_WEEK | {"verified_at": "2026-09-01"}))
    reminders.run()

    (closed,) = tasks(services, people, is_open=False)
    assert closed.resolution is Resolution.VERIFIED


def test_tasks_go_with_their_article(
    publisher: Publisher, reminders: Reminders, services: Services, people: dict[Role, Reader]
) -> None:
    publisher.publish("KB-0001", "打印")
    publisher.publish("KB-0002", "邮件")
    services.tasks.flag(people[Role.AGENT], Flag("KB-0001", TaskKind.WRONG, "不对"))
    publisher.archive("KB-0001")

    assert (reminders.run(), reminders.run()) == (1, 0)
