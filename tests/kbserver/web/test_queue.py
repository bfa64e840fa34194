from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.services.container import Services
from tests.kbserver.articles import markdown

People = dict[Role, Reader]
AsRole = Callable[[Role], FlaskClient]


def in_review(services: Services, who: Reader, title: str) -> None:
    draft = services.drafts.create(who, markdown(title=title))
    services.review.submit(who, draft.id, draft.version)


def test_a_reviewer_s_queue_names_what_waits(as_role: AsRole, services: Services, people: People) -> None:
    in_review(services, people[Role.ENGINEER], "扫描仪<b>卡纸")

    page = as_role(Role.REVIEWER).get("/queue").text

    assert "扫描仪&lt;b&gt;卡纸" in page
    assert "/drafts/1/review" in page


def test_an_agent_begins_with_their_own_drafts(as_role: AsRole, services: Services, people: People) -> None:
    services.drafts.create(people[Role.AGENT], markdown(title="在写的"))

    assert "在写的" in as_role(Role.AGENT).get("/queue").text


@pytest.mark.parametrize("tab", ["review", "mine", "archived", "nonsense"])
def test_an_empty_queue_says_what_to_do(as_role: AsRole, tab: str) -> None:
    response = as_role(Role.ADMIN).get(f"/queue?tab={tab}")

    assert response.status_code == 200
    assert 'class="empty"' in response.text


def test_the_queue_is_for_those_who_have_work_here(as_role: AsRole, client: FlaskClient) -> None:
    assert as_role(Role.READER).get("/queue").status_code == 403
    assert client.get("/queue").status_code == 401


def test_the_header_counts_what_waits(as_role: AsRole, services: Services, people: People) -> None:
    in_review(services, people[Role.ENGINEER], "甲")

    assert '<span class="pill">1' in as_role(Role.REVIEWER).get("/browse").text
    assert 'href="/queue"' in as_role(Role.AGENT).get("/browse").text
    assert 'href="/queue"' not in as_role(Role.READER).get("/browse").text


def test_the_home_page_counts_what_waits_for_staff(as_role: AsRole, filled: FlaskClient) -> None:
    assert 'class="work-tiles"' in as_role(Role.AGENT).get("/").text
    assert 'class="work-tiles"' not in as_role(Role.READER).get("/").text
    assert 'class="work-tiles"' not in filled.get("/").text


@pytest.mark.parametrize("value", ["published", "nonsense", "<script>", "%(x)s"])
def test_what_the_address_says_was_done_is_shown_only_if_it_is_known(as_role: AsRole, value: str) -> None:
    page = as_role(Role.REVIEWER).get("/queue", query_string={"done": value, "id": "<img>%(x)s"}).text

    assert ("notice ok" in page) == (value == "published")
    assert "<img>" not in page
