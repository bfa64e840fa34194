"""News and subscriptions as pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from kbserver.domain.notifications import NoticeKind
from kbserver.domain.permissions import Role
from kbserver.domain.subscriptions import SubscriptionKind
from kbserver.domain.tasks import TaskKind
from kbserver.services.container import Services
from kbserver.services.notifying import NotificationConsumer
from kbserver.services.tasks import Flag

AsRole = Callable[[Role], FlaskClient]
CHINESE = {"Accept-Language": "zh"}


@pytest.fixture
def told(filled: FlaskClient, services: Services, people, database) -> None:
    """Reviewers heard of a flag on an article that nobody has."""
    services.tasks.flag(people[Role.READER], Flag("KB-0002", TaskKind.WRONG, "第 3 步不对"))
    NotificationConsumer(database, services.clock, mails=False).catch_up()


def test_the_bell_counts_what_is_unread(told: None, as_role: AsRole) -> None:
    assert '<span class="bell-count">1</span>' in as_role(Role.REVIEWER).get("/").text
    assert "bell-count" not in as_role(Role.AGENT).get("/").text


def test_nobody_who_is_not_signed_in_has_a_bell(filled: FlaskClient) -> None:
    assert 'class="bell"' not in filled.get("/").text


def test_news_says_what_happened(told: None, as_role: AsRole) -> None:
    page = as_role(Role.REVIEWER).get("/notifications", headers=CHINESE).text

    assert all(text in page for text in ("有人反馈问题", "Outlook 收不到邮件", "第 3 步不对"))


def test_reading_all_empties_the_bell(told: None, as_role: AsRole) -> None:
    reviewer = as_role(Role.REVIEWER)

    answer = reviewer.post("/notifications/read")

    assert answer.status_code == 303
    assert "bell-count" not in reviewer.get("/").text


def test_nobody_reads_another_s_news(told: None, as_role: AsRole, services: Services, people) -> None:
    (notice,) = services.notices.page(people[Role.REVIEWER]).notices

    as_role(Role.ADMIN).post("/notifications/read", data={"id": notice.id})

    assert services.notices.unread(people[Role.REVIEWER]) == 1


def test_looking_changes_nothing(told: None, as_role: AsRole, services: Services, people) -> None:
    as_role(Role.REVIEWER).get("/notifications")

    assert services.notices.unread(people[Role.REVIEWER]) == 1


@pytest.mark.parametrize("path", ["/notifications", "/subscriptions", "/tasks"])
def test_pages_of_one_s_own_need_somebody(path: str, filled: FlaskClient) -> None:
    assert filled.get(path).status_code in (303, 401)


@pytest.mark.parametrize(
    ("kind", "value", "path"),
    [
        ("article", "KB-0001", "/articles/KB-0001"),
        ("category", "打印/共享", "/browse?category=打印/共享"),
        ("product", "Outlook", "/browse?product=Outlook"),
    ],
)
def test_a_button_subscribes_and_takes_it_back(
    kind: str, value: str, path: str, filled: FlaskClient, as_role: AsRole, services: Services, people
) -> None:
    reader = as_role(Role.READER)

    def is_subscribed() -> bool:
        return services.subscriptions.is_subscribed(people[Role.READER], SubscriptionKind(kind), value)

    offered = f'name="kind" value="{kind}"' in reader.get(path).text
    reader.post("/subscriptions", data={"kind": kind, "value": value, "action": "add"})
    after_adding = is_subscribed()
    reader.post("/subscriptions", data={"kind": kind, "value": value, "action": "remove"})

    assert (offered, after_adding, is_subscribed()) == (True, True, False)


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "nonsense", "value": "x"},
        {"kind": "article", "value": ""},
        {"kind": "article", "value": "KB-9999"},
        {"kind": "category", "value": "没有"},
        {"kind": "product", "value": "长" * 5000},
    ],
)
def test_what_is_not_there_cannot_be_subscribed_to(form: dict[str, str], filled: FlaskClient, as_role: AsRole) -> None:
    assert as_role(Role.READER).post("/subscriptions", data=form).status_code in (400, 404)


def test_what_is_mailed_can_be_chosen(as_role: AsRole, services: Services, people) -> None:
    form = {"lang": "en", "mailed": ["sent_back", "published"]}
    answer = as_role(Role.AGENT).post("/subscriptions/settings", data=form)

    settings = services.subscriptions.settings(people[Role.AGENT])
    assert answer.status_code == 303
    assert settings.lang == "en"
    assert set(NoticeKind) - settings.muted == {NoticeKind.SENT_BACK, NoticeKind.PUBLISHED}


@pytest.mark.parametrize("form", [{"lang": "xx"}, {"lang": "zh", "mailed": "nonsense"}, {}])
def test_a_choice_that_there_is_not_is_refused(form: dict[str, str], as_role: AsRole) -> None:
    assert as_role(Role.AGENT).post("/subscriptions/settings", data=form).status_code == 400
