from __future__ import annotations

from datetime import timedelta

import pytest

from kbserver.domain.drafts import Draft
from kbserver.domain.permissions import Role
from kbserver.domain.queue import WorkCounts
from kbserver.domain.reader import Reader
from kbserver.domain.tasks import TaskKind
from kbserver.errors import NotAllowed
from kbserver.services.container import Services
from kbserver.store import tasks
from kbserver.store.database import Database
from kbserver.store.tasks import NewTask
from tests.kbserver.articles import markdown

People = dict[Role, Reader]


def in_review(services: Services, who: Reader, title: str) -> Draft:
    draft = services.drafts.create(who, markdown(title=title))
    return services.review.submit(who, draft.id, draft.version).draft


def titles(drafts) -> list[str]:
    return [draft.title for draft in drafts]


def test_what_waits_longest_is_first_and_what_is_approved_last(services: Services, people: People, clock) -> None:
    later = in_review(services, people[Role.ENGINEER], "定时")
    services.review.approve(people[Role.REVIEWER], later.id, later.version, publish_at=clock.now() + timedelta(hours=1))
    in_review(services, people[Role.ENGINEER], "先")
    in_review(services, people[Role.AGENT], "后")

    assert titles(services.queue.in_review(people[Role.REVIEWER])) == ["先", "后", "定时"]


def test_an_agent_sees_only_their_own_in_review(services: Services, people: People) -> None:
    in_review(services, people[Role.ENGINEER], "别人的")
    in_review(services, people[Role.AGENT], "自己的")

    assert titles(services.queue.in_review(people[Role.AGENT])) == ["自己的"]


def test_what_was_sent_back_is_first_among_one_s_own(services: Services, people: People) -> None:
    back = in_review(services, people[Role.ENGINEER], "退回的")
    in_review(services, people[Role.ENGINEER], "待审的")
    services.review.send_back(people[Role.REVIEWER], back.id, back.version, "短")
    services.drafts.create(people[Role.ENGINEER], markdown(title="在写的"))

    own = services.queue.own(people[Role.ENGINEER])
    assert titles(own) == ["退回的", "在写的", "待审的"]
    assert (own[0].reviewer, own[0].open_comments) == ("reviewer", 1)


def test_counts_are_of_what_waits_for_this_person(
    services: Services, people: People, published: str, database: Database, clock
) -> None:
    in_review(services, people[Role.ENGINEER], "甲")
    in_review(services, people[Role.REVIEWER], "自己的")
    back = in_review(services, people[Role.ENGINEER], "乙")
    services.review.send_back(people[Role.REVIEWER], back.id, back.version, "短")
    with database.write() as session:
        tasks.add(session, NewTask(published, TaskKind.WRONG, "", clock.now()))

    assert services.queue.counts(people[Role.REVIEWER]) == WorkCounts(to_review=1, to_update=1)
    assert services.queue.counts(people[Role.ENGINEER]) == WorkCounts(to_review=1, to_update=1, drafts=1, sent_back=1)
    assert services.queue.counts(people[Role.READER]) == WorkCounts()


def test_a_reader_sees_no_queue(services: Services, people: People) -> None:
    with pytest.raises(NotAllowed):
        services.queue.in_review(people[Role.READER])


def test_archived_articles_are_listed_for_those_who_may_restore_them(
    services: Services, people: People, published: str
) -> None:
    services.archive.archive(people[Role.REVIEWER], published, "旧")

    assert [article.id for article in services.queue.archived(people[Role.REVIEWER])] == [published]
    with pytest.raises(NotAllowed):
        services.queue.archived(people[Role.ENGINEER])
