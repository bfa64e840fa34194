"""Articles whose day has passed: lower for staff, gone for readers outside the house."""

from __future__ import annotations

from datetime import timedelta

import pytest

from indexer.articles import Audience
from kbserver.domain.articles import ArticleFilter, Trust
from kbserver.domain.reader import Reader
from kbserver.domain.searching import SearchQuery
from kbserver.errors import NotFound
from kbserver.services.container import Services
from tests.kbserver.publishing import Publisher

EXPIRED = {"audience": "public", "valid_to": "2026-08-31"}
LAST_DAY = {"audience": "public", "valid_to": "2026-09-01"}
OVERDUE = {"audience": "public", "state": "validated", "verified_at": "2026-01-01", "verify_every_days": "30"}


@pytest.fixture
def customer(services: Services) -> Reader:
    return Reader(Audience.CUSTOMER, "203.0.113.9", today=services.clock.now().date())


@pytest.fixture
def staff(services: Services) -> Reader:
    return Reader(Audience.INTERNAL, "10.0.0.1", today=services.clock.now().date())


def found(services: Services, reader: Reader, text: str = "打印机") -> list[str]:
    return [hit.article.id for hit in services.search.search(reader, SearchQuery(text)).hits]


def test_customers_do_not_find_what_has_expired(publisher: Publisher, services: Services, customer: Reader) -> None:
    publisher.publish("KB-0001", "打印机 甲", **EXPIRED)
    publisher.publish("KB-0002", "打印机 乙", **LAST_DAY)

    assert found(services, customer) == ["KB-0002"]


def test_staff_still_find_it_marked(publisher: Publisher, services: Services, staff: Reader) -> None:
    publisher.publish("KB-0001", "打印机", **EXPIRED)

    (hit,) = services.search.search(staff, SearchQuery("打印机")).hits
    assert hit.article.trust(staff.today) is Trust.EXPIRED
    assert "overdue" in hit.why


def test_it_is_gone_the_day_after_without_anybody_doing_anything(
    publisher: Publisher, services: Services, customer: Reader, clock
) -> None:
    publisher.publish("KB-0001", "打印机", **LAST_DAY)
    before = found(services, customer)

    clock.moment += timedelta(days=1)
    tomorrow = Reader(Audience.CUSTOMER, customer.actor, today=clock.now().date())

    assert (before, found(services, tomorrow)) == (["KB-0001"], [])


@pytest.mark.parametrize(
    "look",
    [
        lambda services, reader: services.articles.get(reader, "KB-0001"),
        lambda services, reader: services.articles.revisions(reader, "KB-0001"),
        lambda services, reader: services.articles.related(reader, "KB-0001"),
    ],
    ids=["page", "history", "related"],
)
def test_its_address_leads_nowhere(look, publisher: Publisher, services: Services, customer: Reader) -> None:
    publisher.publish("KB-0001", "打印机", **EXPIRED)

    with pytest.raises(NotFound):
        look(services, customer)


def test_lists_counts_and_suggestions_leave_it_out(publisher: Publisher, services: Services, customer: Reader) -> None:
    publisher.publish("KB-0001", "打印机", category="打印", product="[Secret]", **EXPIRED)
    publisher.publish("KB-0002", "邮件", audience="public")

    browse = services.articles.browse(customer)
    listed = services.articles.list(customer, ArticleFilter())
    assert (browse.total, browse.categories, browse.products, listed.total) == (1, (), (), 1)
    assert services.search.typeahead(customer, "打印").articles == ()
    assert [a.id for a in services.articles.related(customer, "KB-0002")] == []


def test_a_reader_of_no_known_day_sees_nothing_that_may_have_expired(publisher: Publisher, services: Services) -> None:
    publisher.publish("KB-0001", "打印机", audience="public", valid_to="2099-01-01")

    assert services.articles.list(Reader(Audience.PUBLIC), ArticleFilter()).total == 0


def test_what_is_overdue_yields_to_what_fits_as_well(publisher: Publisher, services: Services, staff: Reader) -> None:
    publisher.publish("KB-0001", "打印机 甲", **OVERDUE)
    publisher.publish("KB-0002", "打印机 乙", audience="public")

    assert found(services, staff) == ["KB-0002", "KB-0001"]


def test_what_is_overdue_stays_above_what_fits_less(publisher: Publisher, services: Services, staff: Reader) -> None:
    publisher.publish("KB-0001", "打印机 脱机 甲", **OVERDUE)
    publisher.publish("KB-0002", "打印机 乙", audience="public")

    assert found(services, staff, "打印机 脱机") == ["KB-0001", "KB-0002"]


def test_what_was_never_validated_is_not_overdue(publisher: Publisher, services: Services, staff: Reader) -> None:
    publisher.publish("KB-0001", "打印机 甲", **(OVERDUE | {"state": "not_validated"}))
    publisher.publish("KB-0002", "打印机 乙", audience="public")

    assert found(services, staff) == ["KB-0001", "KB-0002"]
