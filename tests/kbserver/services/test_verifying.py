"""Still right: one click renews a validation and changes nothing else."""

from __future__ import annotations

import pytest

from indexer.frontmatter import parse_article
from kbserver.domain.articles import ArticleFilter
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.domain.tasks import Resolution, TaskFilter
from kbserver.errors import Conflict, NotAllowed, NotFound, SignInRequired
from kbserver.services.container import Services
from kbserver.services.reminders import Reminders
from kbserver.store.database import Database
from tests.kbserver.publishing import Publisher

OVERDUE = {"state": "validated", "verified_at": "2026-01-01", "verify_every_days": "30", "tags": "[a, b]  # 备注"}


@pytest.fixture
def article(publisher: Publisher, people: dict[Role, Reader]) -> str:
    return publisher.publish("KB-0001", **OVERDUE)


def test_the_article_counts_from_today(article: str, services: Services, people: dict[Role, Reader]) -> None:
    number = services.verifying.verify(people[Role.ENGINEER], article, 1)

    view = services.articles.get(people[Role.ENGINEER], article)
    assert (number, view.summary.revision) == (2, 2)
    assert view.summary.verified_at.isoformat() == "2026-09-01"
    assert view.article.verified_by == "engineer"


def test_nothing_else_in_the_text_changes(article: str, services: Services, people: dict[Role, Reader]) -> None:
    before = services.articles.get(people[Role.ENGINEER], article).markdown

    services.verifying.verify(people[Role.ENGINEER], article, 1)

    after = services.articles.get(people[Role.ENGINEER], article).markdown
    changed = set(after.splitlines()) ^ set(before.splitlines())
    assert changed == {"verified_at: 2026-01-01", "verified_at: 2026-09-01", "verified_by: engineer"}
    assert parse_article(after, "").article.body == parse_article(before, "").article.body


def test_the_record_says_who_and_why(article: str, services: Services, people: dict[Role, Reader]) -> None:
    services.verifying.verify(people[Role.ENGINEER], article, 1)

    newest = services.articles.revisions(people[Role.ENGINEER], article)[0]
    assert (newest.author, newest.reason) == ("engineer", "verified")


def test_what_had_become_due_is_closed_with_it(
    article: str, services: Services, people: dict[Role, Reader], database: Database
) -> None:
    Reminders(database, services.clock).run()

    services.verifying.verify(people[Role.ENGINEER], article, 1)

    page = services.tasks.page(people[Role.ENGINEER], TaskFilter(is_open=False))
    assert (page.open, [task.resolution for task in page.tasks]) == (0, [Resolution.VERIFIED])


def test_another_revision_meanwhile_has_to_be_looked_at(
    article: str, publisher: Publisher, services: Services, people: dict[Role, Reader]
) -> None:
    publisher.publish(article, "另一个标题", **OVERDUE)

    with pytest.raises(Conflict):
        services.verifying.verify(people[Role.ENGINEER], article, 1)


@pytest.mark.parametrize("role", [Role.READER, Role.AGENT])
def test_first_line_cannot_say_so(role: Role, article: str, services: Services, people: dict[Role, Reader]) -> None:
    with pytest.raises(NotAllowed):
        services.verifying.verify(people[role], article, 1)


def test_nobody_who_is_not_signed_in_can_say_so(article: str, services: Services, people: dict[Role, Reader]) -> None:
    with pytest.raises(SignInRequired):
        services.verifying.verify(Reader(people[Role.ADMIN].audience, "10.0.0.1"), article, 1)


def test_a_first_validation_is_a_reviewer_s(
    publisher: Publisher, services: Services, people: dict[Role, Reader]
) -> None:
    article = publisher.publish("KB-0001", state="not_validated")

    with pytest.raises(NotAllowed):
        services.verifying.verify(people[Role.ENGINEER], article, 1)
    services.verifying.verify(people[Role.REVIEWER], article, 1)

    (summary,) = services.articles.list(people[Role.ADMIN], ArticleFilter()).articles
    assert summary.state == "validated"


def test_what_has_expired_is_not_right_by_a_click(
    publisher: Publisher, services: Services, people: dict[Role, Reader]
) -> None:
    article = publisher.publish("KB-0001", valid_to="2026-08-01", **OVERDUE)

    with pytest.raises(Conflict):
        services.verifying.verify(people[Role.REVIEWER], article, 1)


def test_an_article_that_is_not_there_is_not_found(services: Services, people: dict[Role, Reader]) -> None:
    with pytest.raises(NotFound):
        services.verifying.verify(people[Role.ENGINEER], "KB-9999", 1)


def test_it_is_not_offered_where_it_would_say_nothing(
    article: str, publisher: Publisher, services: Services, people: dict[Role, Reader]
) -> None:
    def is_offered(article_id: str) -> bool:
        summary = services.articles.get(people[Role.ENGINEER], article_id).summary
        return services.verifying.can_verify(people[Role.ENGINEER], summary)

    expired = publisher.publish("KB-0002", "过期", valid_to="2026-08-01", **OVERDUE)
    before = is_offered(article)
    services.verifying.verify(people[Role.ENGINEER], article, 1)

    assert (before, is_offered(article), is_offered(expired)) == (True, False, False)
