"""Flag it or fix it: what readers say becomes somebody's task."""

from __future__ import annotations

import pytest

from indexer.articles import Audience
from kbserver.domain.articles import ArticleFilter
from kbserver.domain.limits import MAX_BULK_TASKS, MAX_COMMENT_CHARS, MAX_OPEN_FLAGS
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.domain.tasks import FLAGS, Resolution, Task, TaskFilter, TaskKind
from kbserver.errors import Conflict, InvalidInput, NotAllowed, NotFound, SignInRequired
from kbserver.services.container import Services
from kbserver.services.tasks import Flag
from tests.kbserver.publishing import Publisher

ANYBODY = Reader(Audience.PUBLIC, "203.0.113.9")


@pytest.fixture
def article(publisher: Publisher, people: dict[Role, Reader]) -> str:
    """A public article that belongs to the engineer."""
    return publisher.publish("KB-0001", audience="public", owner="Engineer")


def open_tasks(services: Services, reader: Reader) -> tuple[Task, ...]:
    return services.tasks.page(reader, TaskFilter()).tasks


@pytest.mark.parametrize("kind", FLAGS)
def test_a_flag_opens_a_task_for_the_article_s_owner(
    kind: TaskKind, article: str, services: Services, people: dict[Role, Reader]
) -> None:
    services.tasks.flag(people[Role.READER], Flag(article, kind, "第 3 步不对"))

    (task,) = open_tasks(services, people[Role.AGENT])
    assert (task.kind, task.detail, task.opened_by) == (kind, "第 3 步不对", "reader")
    assert task.assignee_id == people[Role.ENGINEER].account_id


def test_an_article_whose_owner_has_no_account_gives_a_task_that_nobody_has(
    publisher: Publisher, services: Services, people: dict[Role, Reader]
) -> None:
    services.tasks.flag(people[Role.READER], Flag(publisher.publish("KB-0001", owner="left.long.ago"), TaskKind.WRONG))

    assert open_tasks(services, people[Role.AGENT])[0].assignee_id is None


def test_a_reader_without_an_account_may_flag_what_they_see(
    article: str, services: Services, people: dict[Role, Reader]
) -> None:
    services.tasks.flag(ANYBODY, Flag(article, TaskKind.OUTDATED, "旧版本"))

    (task,) = open_tasks(services, people[Role.AGENT])
    assert (task.opened_by, task.opened_by_id) == ("", None)


def test_an_article_that_a_reader_may_not_see_cannot_be_flagged(publisher: Publisher, services: Services) -> None:
    hidden = publisher.publish("KB-0001", audience="internal")

    with pytest.raises(NotFound):
        services.tasks.flag(ANYBODY, Flag(hidden, TaskKind.WRONG))


def test_saying_the_same_twice_adds_to_one_task(article: str, services: Services, people: dict[Role, Reader]) -> None:
    for detail in ("第 3 步不对", "第 5 步也不对", "第 5 步也不对"):
        services.tasks.flag(ANYBODY, Flag(article, TaskKind.WRONG, detail))

    (task,) = open_tasks(services, people[Role.AGENT])
    assert task.detail == "第 3 步不对\n第 5 步也不对"


def test_readers_without_account_cannot_fill_the_list(
    article: str, services: Services, people: dict[Role, Reader]
) -> None:
    for number in range(MAX_OPEN_FLAGS + 5):
        services.tasks.flag(Reader(Audience.PUBLIC, f"203.0.113.{number}"), Flag(article, TaskKind.WRONG))

    assert services.tasks.page(people[Role.AGENT], TaskFilter()).open == MAX_OPEN_FLAGS


def test_an_open_flag_marks_the_article_until_it_is_closed(
    article: str, services: Services, people: dict[Role, Reader]
) -> None:
    def is_marked() -> bool:
        return services.articles.list(people[Role.AGENT], ArticleFilter()).articles[0].needs_update

    services.tasks.flag(ANYBODY, Flag(article, TaskKind.WRONG))
    before = is_marked()
    task = open_tasks(services, people[Role.AGENT])[0]
    services.tasks.close(people[Role.ENGINEER], [task.id], Resolution.FIXED, "已修正")

    assert (before, is_marked()) == (True, False)


def test_a_closed_task_says_what_came_of_it(article: str, services: Services, people: dict[Role, Reader]) -> None:
    services.tasks.flag(ANYBODY, Flag(article, TaskKind.WRONG))
    task = open_tasks(services, people[Role.AGENT])[0]

    services.tasks.close(people[Role.ENGINEER], [task.id], Resolution.NOT_A_PROBLEM, "新版如此")

    (closed,) = services.tasks.page(people[Role.AGENT], TaskFilter(is_open=False)).tasks
    assert (closed.resolution, closed.note, closed.closed_by) == (Resolution.NOT_A_PROBLEM, "新版如此", "engineer")


def test_first_line_closes_only_what_was_given_to_them(
    article: str, services: Services, people: dict[Role, Reader]
) -> None:
    services.tasks.flag(ANYBODY, Flag(article, TaskKind.WRONG))
    task = open_tasks(services, people[Role.AGENT])[0]

    with pytest.raises(NotAllowed):
        services.tasks.close(people[Role.AGENT], [task.id], Resolution.FIXED)

    assert services.tasks.get(people[Role.AGENT], task.id).is_open


def test_first_line_takes_what_nobody_has_and_closes_it(
    publisher: Publisher, services: Services, people: dict[Role, Reader]
) -> None:
    services.tasks.flag(ANYBODY, Flag(publisher.publish("KB-0001", audience="public"), TaskKind.WRONG))
    task = open_tasks(services, people[Role.AGENT])[0]

    services.tasks.take(people[Role.AGENT], [task.id])
    services.tasks.close(people[Role.AGENT], [task.id], Resolution.DUPLICATE)

    assert not services.tasks.get(people[Role.AGENT], task.id).is_open


def test_first_line_does_not_take_what_another_has(
    article: str, services: Services, people: dict[Role, Reader]
) -> None:
    services.tasks.flag(ANYBODY, Flag(article, TaskKind.WRONG))
    task = open_tasks(services, people[Role.AGENT])[0]

    with pytest.raises(NotAllowed):
        services.tasks.take(people[Role.AGENT], [task.id])


def test_a_task_is_closed_once(article: str, services: Services, people: dict[Role, Reader]) -> None:
    services.tasks.flag(ANYBODY, Flag(article, TaskKind.WRONG))
    task = open_tasks(services, people[Role.AGENT])[0]
    services.tasks.close(people[Role.ENGINEER], [task.id], Resolution.FIXED)

    with pytest.raises(Conflict):
        services.tasks.close(people[Role.REVIEWER], [task.id], Resolution.DUPLICATE)


@pytest.mark.parametrize(
    ("reader", "error"), [(ANYBODY, SignInRequired), ("reader", NotAllowed)], ids=["anonymous", "reader"]
)
def test_who_does_not_see_the_work_sees_no_tasks(
    reader: Reader | str, error: type[Exception], services: Services, people: dict[Role, Reader]
) -> None:
    with pytest.raises(error):
        services.tasks.page(people[Role.READER] if reader == "reader" else reader, TaskFilter())


@pytest.mark.parametrize(
    ("ids", "resolution", "error"),
    [
        ([], Resolution.FIXED, InvalidInput),
        ([999], Resolution.FIXED, NotFound),
        (list(range(MAX_BULK_TASKS + 1)), Resolution.FIXED, InvalidInput),
        ([1], Resolution.VERIFIED, InvalidInput),
    ],
    ids=["none", "unknown", "too many", "not a choice"],
)
def test_what_cannot_be_closed_is_refused_in_words(
    ids: list[int], resolution: Resolution, error: type[Exception], services: Services, people: dict[Role, Reader]
) -> None:
    with pytest.raises(error):
        services.tasks.close(people[Role.ENGINEER], ids, resolution)


def test_a_long_story_is_refused(article: str, services: Services) -> None:
    with pytest.raises(InvalidInput):
        services.tasks.flag(ANYBODY, Flag(article, TaskKind.WRONG, "长" * (MAX_COMMENT_CHARS + 1)))


def test_tabs_count_what_they_show(publisher: Publisher, services: Services, people: dict[Role, Reader]) -> None:
    owned = publisher.publish("KB-0001", "打印", audience="public", owner="engineer")
    orphan = publisher.publish("KB-0002", "邮件", audience="public")
    for article_id in (owned, orphan):
        services.tasks.flag(ANYBODY, Flag(article_id, TaskKind.WRONG))

    page = services.tasks.page(people[Role.ENGINEER], TaskFilter())

    assert (page.open, page.mine, page.unassigned, page.closed) == (2, 1, 1, 0)
