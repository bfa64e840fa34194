"""The queue of mails: one mail once, later when it fails, and nothing that its reader may not see."""

from __future__ import annotations

from datetime import timedelta

import pytest

from indexer.articles import Audience
from kbserver.domain.notifications import MAIL_DELAY, RETRY_AFTER, NoticeKind
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.domain.subscriptions import SubscriptionKind
from kbserver.domain.tasks import TaskKind
from kbserver.services.container import Services
from kbserver.services.mailing import MailQueue
from kbserver.services.notifying import NotificationConsumer
from kbserver.services.ports import MailFailed
from kbserver.services.tasks import Flag
from kbserver.store.database import Database
from kbserver.store.models import AccountRow
from tests.fakes import Postbox
from tests.kbserver.publishing import Publisher

People = dict[Role, Reader]
BASE_URL = "https://kb.example.com"


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def queue(database: Database, clock, postbox: Postbox) -> MailQueue:
    return MailQueue(database, clock, postbox, BASE_URL, "zh")


@pytest.fixture
def consumer(database: Database, clock) -> NotificationConsumer:
    return NotificationConsumer(database, clock, mails=True)


@pytest.fixture
def flagged(
    publisher: Publisher, services: Services, people: People, consumer: NotificationConsumer, clock
) -> NotificationConsumer:
    """An engineer's article was flagged, and the mail about it is due."""
    publisher.publish("KB-0001", "打印机 <脱机>", owner="engineer")
    services.tasks.flag(people[Role.READER], Flag("KB-0001", TaskKind.WRONG, "第 3 步\r\nBcc: x@example.com 不对"))
    consumer.catch_up()
    clock.moment += MAIL_DELAY
    return consumer


def test_the_mail_says_what_it_is_about_and_where_it_leads(
    flagged: NotificationConsumer, queue: MailQueue, postbox: Postbox
) -> None:
    assert queue.send_due() == 1

    (mail,) = postbox.mails
    assert mail.to_address == "engineer@example.com"
    assert mail.subject == "[知识库] 有人反馈问题：打印机 <脱机>"
    assert f"{BASE_URL}/tasks?article=KB-0001" in mail.text
    assert "内容有误: 第 3 步 Bcc: x@example.com 不对" in mail.text


def test_the_html_says_the_same_with_everything_escaped(
    flagged: NotificationConsumer, queue: MailQueue, postbox: Postbox
) -> None:
    queue.send_due()

    assert "打印机 &lt;脱机&gt;" in postbox.mails[0].html
    assert "<脱机>" not in postbox.mails[0].html


def test_it_comes_once(flagged: NotificationConsumer, queue: MailQueue, postbox: Postbox, clock) -> None:
    queue.send_due()
    for _ in range(3):
        clock.moment += timedelta(days=2)
        flagged.catch_up()
        queue.send_due()

    assert len(postbox.mails) == 1


def test_what_was_read_in_the_page_is_not_mailed(
    flagged: NotificationConsumer, queue: MailQueue, postbox: Postbox, services: Services, people: People
) -> None:
    services.notices.mark_read(people[Role.ENGINEER])

    assert (queue.send_due(), postbox.mails) == (0, [])


def test_it_waits_a_little_for_what_else_happens(
    publisher: Publisher, services: Services, people: People, consumer: NotificationConsumer, queue, postbox, clock
) -> None:
    for number in (1, 2):
        publisher.publish(f"KB-000{number}", f"文章 {number}", owner="engineer")
        services.tasks.flag(people[Role.READER], Flag(f"KB-000{number}", TaskKind.WRONG, "不对"))
    consumer.catch_up()
    too_early = queue.send_due()

    clock.moment += MAIL_DELAY

    assert (too_early, queue.send_due()) == (0, 1)
    assert postbox.mails[0].subject == "[知识库] 你有 2 条新通知"


def test_a_failed_mail_is_tried_again_later_each_time_and_in_the_end_given_up(
    flagged: NotificationConsumer, queue: MailQueue, postbox: Postbox, clock
) -> None:
    postbox.failure = MailFailed("no route")
    tried = []
    for wait in RETRY_AFTER:
        tried.append((queue.send_due(), queue.send_due()))
        clock.moment += wait
    queue.send_due()
    postbox.failure = None
    clock.moment += timedelta(days=30)

    assert tried == [(0, 0)] * len(RETRY_AFTER)
    assert (queue.send_due(), postbox.mails) == (0, [])


def test_a_second_attempt_arrives_as_the_same_mail(
    flagged: NotificationConsumer, queue: MailQueue, postbox: Postbox, clock
) -> None:
    sent = []
    for _ in range(2):
        postbox.failure = None
        original, postbox.send = postbox.send, lambda mails: sent.append(mails[0].message_id) or [MailFailed("lost")]
        queue.send_due()
        postbox.send = original
        clock.moment += RETRY_AFTER[-1]
    queue.send_due()

    assert {postbox.mails[0].message_id} == set(sent)


def test_an_address_that_is_refused_for_good_is_not_tried_again(
    flagged: NotificationConsumer, queue: MailQueue, postbox: Postbox, clock
) -> None:
    postbox.failure = MailFailed("refused [550]", is_final=True)
    queue.send_due()
    postbox.failure = None
    clock.moment += timedelta(days=30)

    assert queue.send_due() == 0


def test_what_may_no_longer_be_seen_is_not_mailed(
    publisher: Publisher, services: Services, people: People, consumer: NotificationConsumer, queue, clock, database
) -> None:
    with database.write() as session:
        session.get_one(AccountRow, people[Role.READER].account_id).audience = Audience.CUSTOMER
    customer = Reader(Audience.CUSTOMER, "reader", Role.READER, people[Role.READER].account_id, "reader")
    publisher.publish("KB-0001", audience="customer")
    services.subscriptions.subscribe(customer, SubscriptionKind.ARTICLE, "KB-0001")
    publisher.publish("KB-0001", "新", audience="customer")
    consumer.catch_up()
    clock.moment += MAIL_DELAY

    publisher.publish("KB-0001", "机密", audience="internal")

    assert queue.send_due() == 0


def test_kinds_that_are_not_wanted_are_shown_in_the_page_only(
    publisher: Publisher, services: Services, people: People, consumer: NotificationConsumer, queue, clock
) -> None:
    services.subscriptions.choose(people[Role.ENGINEER], "zh", [NoticeKind.SENT_BACK])
    publisher.publish("KB-0001", owner="engineer")
    services.tasks.flag(people[Role.READER], Flag("KB-0001", TaskKind.WRONG, "不对"))
    consumer.catch_up()
    clock.moment += MAIL_DELAY

    assert (queue.send_due(), services.notices.unread(people[Role.ENGINEER])) == (0, 1)


def test_mails_come_in_the_language_that_was_chosen(
    flagged: NotificationConsumer, queue: MailQueue, postbox: Postbox, services: Services, people: People
) -> None:
    services.subscriptions.choose(people[Role.ENGINEER], "en", [kind.value for kind in NoticeKind])

    queue.send_due()

    assert postbox.mails[0].subject == "[Knowledge base] A reader reports a problem: 打印机 <脱机>"
    assert postbox.mails[0].text.startswith("Hello engineer,")


def test_who_has_no_address_gets_no_mail(
    publisher: Publisher, services: Services, people: People, consumer: NotificationConsumer, queue, clock, database
) -> None:
    with database.write() as session:
        session.get_one(AccountRow, people[Role.ENGINEER].account_id).email = ""
    publisher.publish("KB-0001", owner="engineer")
    services.tasks.flag(people[Role.READER], Flag("KB-0001", TaskKind.WRONG, "不对"))
    consumer.catch_up()
    clock.moment += MAIL_DELAY

    assert queue.send_due() == 0
