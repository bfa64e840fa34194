"""Who is told of what: each thing once, to those it concerns and who may see it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from indexer.articles import Audience
from kbserver.domain.drafts import Draft
from kbserver.domain.notifications import Notice, NoticeKind
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.domain.subscriptions import SubscriptionKind
from kbserver.domain.tasks import Resolution, TaskFilter, TaskKind
from kbserver.services.container import Services
from kbserver.services.mailing import MailQueue
from kbserver.services.notifying import CONSUMER, NotificationConsumer
from kbserver.services.reminders import Reminders
from kbserver.services.tasks import Flag
from kbserver.store.database import Database
from kbserver.store.models import AccountRow
from kbserver.store.outbox import advance, cursor_of
from tests.fakes import Postbox
from tests.kbserver.articles import markdown
from tests.kbserver.publishing import Publisher

People = dict[Role, Reader]


@pytest.fixture
def consumer(database: Database, clock) -> NotificationConsumer:
    return NotificationConsumer(database, clock, mails=True)


@pytest.fixture
def waiting(services: Services, people: People) -> Draft:
    """An engineer's new article in review."""
    draft = services.drafts.create(people[Role.ENGINEER], markdown(title="扫描仪卡纸", category="扫描"))
    return services.review.submit(people[Role.ENGINEER], draft.id, draft.version, "新问题").draft


def news(services: Services, who: Reader) -> list[tuple[NoticeKind, str]]:
    return [(notice.kind, notice.title) for notice in notices(services, who)]


def notices(services: Services, who: Reader) -> tuple[Notice, ...]:
    return services.notices.page(who).notices


class TestReview:
    def test_those_who_review_are_asked_and_nobody_else(
        self, consumer: NotificationConsumer, waiting: Draft, services: Services, people: People
    ) -> None:
        consumer.catch_up()

        asked = {role for role, who in people.items() if news(services, who)}
        assert asked == {Role.REVIEWER, Role.ADMIN}
        assert news(services, people[Role.REVIEWER]) == [(NoticeKind.REVIEW_ASKED, "扫描仪卡纸")]

    def test_a_reviewer_is_not_asked_to_review_their_own(
        self, consumer: NotificationConsumer, services: Services, people: People
    ) -> None:
        draft = services.drafts.create(people[Role.REVIEWER], markdown(title="自己的"))
        services.review.submit(people[Role.REVIEWER], draft.id, draft.version)

        consumer.catch_up()

        assert news(services, people[Role.REVIEWER]) == []

    def test_what_was_sent_back_is_told_to_the_author_with_the_reason(
        self, consumer: NotificationConsumer, waiting: Draft, services: Services, people: People
    ) -> None:
        services.review.send_back(people[Role.REVIEWER], waiting.id, waiting.version, "缺验证方法")
        consumer.catch_up()

        (notice,) = notices(services, people[Role.ENGINEER])
        assert (notice.kind, notice.draft.sent_back_reason) == (NoticeKind.SENT_BACK, "缺验证方法")

    def test_a_review_that_is_done_is_no_longer_asked_for(
        self, consumer: NotificationConsumer, waiting: Draft, services: Services, people: People
    ) -> None:
        consumer.catch_up()
        services.review.send_back(people[Role.REVIEWER], waiting.id, waiting.version, "缺验证方法")

        assert news(services, people[Role.ADMIN]) == []
        assert services.notices.unread(people[Role.ADMIN]) == 0

    def test_an_author_hears_that_their_text_is_published(
        self, consumer: NotificationConsumer, waiting: Draft, services: Services, people: People
    ) -> None:
        services.review.approve(people[Role.REVIEWER], waiting.id, waiting.version)
        consumer.catch_up()

        assert news(services, people[Role.ENGINEER]) == [(NoticeKind.PUBLISHED, "扫描仪卡纸")]

    def test_an_author_hears_of_a_later_time(
        self, consumer: NotificationConsumer, waiting: Draft, services: Services, people: People
    ) -> None:
        later = services.clock.now() + timedelta(days=1)
        services.review.approve(people[Role.REVIEWER], waiting.id, waiting.version, publish_at=later)
        consumer.catch_up()

        assert news(services, people[Role.ENGINEER]) == [(NoticeKind.APPROVED, "扫描仪卡纸")]
        assert news(services, people[Role.REVIEWER]) == []


class TestFlags:
    def test_the_owner_hears_what_a_reader_says(
        self, consumer: NotificationConsumer, publisher: Publisher, services: Services, people: People
    ) -> None:
        publisher.publish("KB-0001", owner="engineer")
        services.tasks.flag(people[Role.READER], Flag("KB-0001", TaskKind.WRONG, "第 3 步不对"))
        consumer.catch_up()

        (notice,) = notices(services, people[Role.ENGINEER])
        assert (notice.kind, notice.task.detail) == (NoticeKind.FLAGGED, "第 3 步不对")
        assert news(services, people[Role.REVIEWER]) == []

    def test_what_nobody_owns_goes_to_those_who_review(
        self, consumer: NotificationConsumer, publisher: Publisher, services: Services, people: People
    ) -> None:
        publisher.publish("KB-0001")
        services.tasks.flag(people[Role.READER], Flag("KB-0001", TaskKind.WRONG, "不对"))
        consumer.catch_up()

        assert news(services, people[Role.REVIEWER]) == [(NoticeKind.FLAGGED, "打印机脱机")]

    def test_who_flagged_hears_what_came_of_it(
        self, consumer: NotificationConsumer, publisher: Publisher, services: Services, people: People
    ) -> None:
        publisher.publish("KB-0001")
        services.tasks.flag(people[Role.READER], Flag("KB-0001", TaskKind.WRONG, "不对"))
        (task,) = services.tasks.page(people[Role.ADMIN], TaskFilter()).tasks
        services.tasks.close(people[Role.ENGINEER], [task.id], Resolution.FIXED, "改好了")
        consumer.catch_up()

        (notice,) = notices(services, people[Role.READER])
        assert (notice.kind, notice.task.resolution) == (NoticeKind.FLAG_CLOSED, Resolution.FIXED)

    def test_an_owner_hears_that_a_check_is_due(
        self, consumer: NotificationConsumer, publisher: Publisher, services: Services, people: People, database
    ) -> None:
        due = {"state": "validated", "verified_at": "2026-08-01", "verify_every_days": "30"}
        publisher.publish("KB-0001", owner="engineer", **due)
        publisher.publish("KB-0002", "无主", **due)
        Reminders(database, services.clock).run()
        consumer.catch_up()

        told = {role: news(services, who) for role, who in people.items() if news(services, who)}
        assert told == {Role.ENGINEER: [(NoticeKind.OVERDUE, "打印机脱机")]}


class TestSubscriptions:
    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            (SubscriptionKind.ARTICLE, "KB-0001"),
            (SubscriptionKind.CATEGORY, "打印"),
            (SubscriptionKind.CATEGORY, "打印/共享"),
            (SubscriptionKind.PRODUCT, "Windows"),
        ],
    )
    def test_who_subscribed_hears_of_a_change(
        self,
        kind: SubscriptionKind,
        value: str,
        consumer: NotificationConsumer,
        publisher: Publisher,
        services: Services,
        people: People,
    ) -> None:
        publisher.publish("KB-0001", category="打印/共享", product="[Windows]")
        consumer.catch_up()
        services.subscriptions.subscribe(people[Role.READER], kind, value)

        publisher.publish("KB-0001", "新标题", category="打印/共享", product="[Windows]")
        consumer.catch_up()

        assert news(services, people[Role.READER]) == [(NoticeKind.CHANGED, "新标题")]

    def test_other_changes_are_not_told(
        self, consumer: NotificationConsumer, publisher: Publisher, services: Services, people: People
    ) -> None:
        publisher.publish("KB-0001", category="打印机")
        services.subscriptions.subscribe(people[Role.READER], SubscriptionKind.CATEGORY, "打印机")
        consumer.catch_up()
        services.notices.mark_read(people[Role.READER])

        publisher.publish("KB-0002", "邮件", category="打印机以外")
        consumer.catch_up()

        assert services.notices.unread(people[Role.READER]) == 0

    def test_several_changes_in_a_row_are_one_piece_of_news(
        self, consumer: NotificationConsumer, publisher: Publisher, services: Services, people: People
    ) -> None:
        publisher.publish("KB-0001")
        services.subscriptions.subscribe(people[Role.READER], SubscriptionKind.ARTICLE, "KB-0001")
        for title in ("甲", "乙", "丙"):
            publisher.publish("KB-0001", title)
            consumer.catch_up()

        (notice,) = notices(services, people[Role.READER])
        assert (notice.title, notice.revision) == ("丙", 4)

    def test_that_an_article_is_still_right_is_no_change(
        self, consumer: NotificationConsumer, publisher: Publisher, services: Services, people: People
    ) -> None:
        publisher.publish("KB-0001", state="validated", verified_at="2026-08-01")
        consumer.catch_up()
        services.subscriptions.subscribe(people[Role.READER], SubscriptionKind.ARTICLE, "KB-0001")

        services.verifying.verify(people[Role.ENGINEER], "KB-0001", 1)
        consumer.catch_up()

        assert news(services, people[Role.READER]) == []


class TestWhoMaySee:
    @pytest.fixture
    def customer(self, database: Database, people: People) -> Reader:
        """The reader's account, which sees what customers see."""
        with database.write() as session:
            session.get_one(AccountRow, people[Role.READER].account_id).audience = Audience.CUSTOMER
        return Reader(Audience.CUSTOMER, "reader", Role.READER, people[Role.READER].account_id, "reader")

    def test_what_a_subscriber_may_not_see_is_not_told(
        self,
        consumer: NotificationConsumer,
        publisher: Publisher,
        services: Services,
        customer: Reader,
        database: Database,
    ) -> None:
        publisher.publish("KB-0001", category="打印", audience="customer")
        services.subscriptions.subscribe(customer, SubscriptionKind.CATEGORY, "打印")
        consumer.catch_up()
        services.notices.mark_read(customer)

        publisher.publish("KB-0002", "机密", category="打印", audience="internal")
        consumer.catch_up()

        assert [notice.article_id for notice in notices(services, customer)] == ["KB-0001"]

    def test_what_is_hidden_later_is_gone_from_page_and_count(
        self, consumer: NotificationConsumer, publisher: Publisher, services: Services, customer: Reader
    ) -> None:
        publisher.publish("KB-0001", audience="customer")
        services.subscriptions.subscribe(customer, SubscriptionKind.ARTICLE, "KB-0001")
        publisher.publish("KB-0001", "新", audience="customer")
        consumer.catch_up()
        before = services.notices.unread(customer)

        publisher.publish("KB-0001", "只给内部", audience="internal")

        assert (before, services.notices.unread(customer), news(services, customer)) == (1, 0, [])

    def test_nobody_subscribes_to_what_they_may_not_see(
        self, publisher: Publisher, services: Services, customer: Reader
    ) -> None:
        publisher.publish("KB-0001", category="内部", audience="internal")

        for kind, value in ((SubscriptionKind.ARTICLE, "KB-0001"), (SubscriptionKind.CATEGORY, "内部")):
            with pytest.raises(Exception, match="nothing of that name"):
                services.subscriptions.subscribe(customer, kind, value)

    def test_who_lost_their_account_is_told_nothing(
        self, consumer: NotificationConsumer, publisher: Publisher, services: Services, people: People, database
    ) -> None:
        publisher.publish("KB-0001", owner="engineer")
        with database.write() as session:
            session.get_one(AccountRow, people[Role.ENGINEER].account_id).is_disabled = True
        services.tasks.flag(people[Role.READER], Flag("KB-0001", TaskKind.WRONG, "不对"))
        consumer.catch_up()

        assert news(services, people[Role.ENGINEER]) == []


def test_a_crash_between_two_runs_tells_nothing_twice(
    consumer: NotificationConsumer, waiting: Draft, services: Services, people: People, database: Database
) -> None:
    consumer.catch_up()
    with database.read() as session:
        seen = cursor_of(session, CONSUMER)
    with database.write() as session:
        advance(session, CONSUMER, 0)

    consumer.catch_up()

    with database.read() as session:
        assert cursor_of(session, CONSUMER) == seen
    assert len(notices(services, people[Role.REVIEWER])) == 1


def test_news_that_has_lain_for_half_a_year_is_gone(
    consumer: NotificationConsumer, waiting: Draft, services: Services, people: People, clock, database: Database
) -> None:
    consumer.catch_up()
    services.notices.forget_old()
    before = len(notices(services, people[Role.REVIEWER]))

    # What waits to be mailed is kept until that is done.
    services.notices.mark_read(people[Role.REVIEWER])
    clock.moment += timedelta(days=200)
    MailQueue(database, clock, Postbox(), "http://kb", "zh").send_due()
    services.notices.forget_old()

    assert (before, notices(services, people[Role.REVIEWER])) == (1, ())
