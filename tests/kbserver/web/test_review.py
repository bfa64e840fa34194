from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from kbserver.domain.drafts import Draft
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.domain.review import Step, steps_for
from kbserver.services.container import Services
from tests.kbserver.articles import markdown

People = dict[Role, Reader]
AsRole = Callable[[Role], FlaskClient]


@pytest.fixture
def waiting(services: Services, people: People) -> Draft:
    draft = services.drafts.create(people[Role.ENGINEER], markdown(title="扫描仪卡纸", audience="internal"))
    return services.review.submit(people[Role.ENGINEER], draft.id, draft.version, "新问题").draft


@pytest.fixture
def change(filled: FlaskClient, services: Services, people: People) -> Draft:
    """A change to a published article, in review."""
    draft = services.drafts.edit(people[Role.ENGINEER], "KB-0001")
    text = draft.markdown.replace("重启 spooler 服务", "重启电脑")
    draft = services.drafts.save(people[Role.ENGINEER], draft.id, draft.version, text)
    return services.review.submit(people[Role.ENGINEER], draft.id, draft.version).draft


def act(client: FlaskClient, draft: Draft, step: str, **values: str):
    return client.post(f"/drafts/{draft.id}/review", data={"step": step, "version": str(draft.version), **values})


def buttons(page: str) -> set[str]:
    return set(re.findall(r'name="step" value="(\w+)"', page))


@pytest.mark.parametrize("role", [Role.ENGINEER, Role.REVIEWER, Role.ADMIN])
def test_the_page_offers_the_steps_that_are_open_and_no_others(
    as_role: AsRole, services: Services, people: People, waiting: Draft, role: Role
) -> None:
    page = as_role(role).get(f"/drafts/{waiting.id}/review").text

    assert buttons(page) == {str(step) for step in steps_for(people[role], waiting, services.review.policy)}


@pytest.mark.parametrize(("role", "status"), [(Role.READER, 404), (Role.AGENT, 404)])
def test_the_page_is_not_there_for_those_who_do_not_see_the_draft(
    as_role: AsRole, waiting: Draft, role: Role, status: int
) -> None:
    assert as_role(role).get(f"/drafts/{waiting.id}/review").status_code == status
    assert act(as_role(role), waiting, "approve").status_code == status


def test_the_change_is_marked_and_the_page_is_rendered(as_role: AsRole, change: Draft) -> None:
    page = as_role(Role.REVIEWER).get(f"/drafts/{change.id}/review").text

    assert re.search("<del>[^<]*spooler[^<]*</del>", page)
    assert re.search("<ins>[^<]*电脑[^<]*</ins>", page)
    assert '<section class="article-section" data-section="steps">' in page


def test_the_trust_shown_is_the_one_that_publishing_gives(as_role: AsRole, services: Services, people: People) -> None:
    draft = services.drafts.create(
        people[Role.ENGINEER], markdown(title="甲", state="validated", verified_at="2026-08-01")
    )
    services.review.submit(people[Role.ENGINEER], draft.id, draft.version)

    page = as_role(Role.REVIEWER).get(f"/drafts/{draft.id}/review", headers={"Accept-Language": "en"}).text

    assert "trust-not_validated" in page
    assert "trust-validated" not in page


def test_nearby_articles_are_named(as_role: AsRole, filled: FlaskClient, services: Services, people: People) -> None:
    draft = services.drafts.create(people[Role.ENGINEER], markdown(title="打印机 脱机"))

    page = as_role(Role.REVIEWER).get(f"/drafts/{draft.id}/review").text

    assert 'href="/articles/KB-0001"' in page


def test_approving_publishes_and_leads_back_to_the_queue(as_role: AsRole, waiting: Draft) -> None:
    reviewer = as_role(Role.REVIEWER)

    response = act(reviewer, waiting, "approve")

    assert (response.status_code, "done=published" in response.location) == (303, True)
    assert f"/articles/{waiting.article_id}" in reviewer.get(response.location).text
    assert reviewer.get(f"/articles/{waiting.article_id}").status_code == 200


def test_sending_back_without_a_reason_keeps_the_page_and_says_so(as_role: AsRole, waiting: Draft) -> None:
    response = act(as_role(Role.REVIEWER), waiting, "send_back")

    assert response.status_code == 400
    assert "请填写原因。" in response.text


def test_the_author_sees_why_it_was_sent_back(as_role: AsRole, waiting: Draft) -> None:
    act(as_role(Role.REVIEWER), waiting, "send_back", reason="缺少<b>型号</b>")
    engineer = as_role(Role.ENGINEER)

    assert "缺少&lt;b&gt;型号&lt;/b&gt;" in engineer.get(f"/drafts/{waiting.id}/review").text
    assert "缺少&lt;b&gt;型号&lt;/b&gt;" in engineer.get("/queue?tab=mine").text


@pytest.mark.parametrize("role", [Role.ENGINEER, Role.AGENT, Role.READER])
@pytest.mark.parametrize("step", Step)
def test_a_step_that_is_not_open_changes_nothing(
    as_role: AsRole, services: Services, people: People, waiting: Draft, role: Role, step: Step
) -> None:
    if step in steps_for(people[role], waiting, services.review.policy):
        pytest.skip("this step is open to them")

    response = act(as_role(role), waiting, step, reason="x")

    assert response.status_code in (400, 403, 404, 409)
    assert services.drafts.get(people[Role.ENGINEER], waiting.id) == waiting


def test_a_decision_on_a_text_that_changed_meanwhile_shows_the_newer_one(
    as_role: AsRole, services: Services, people: People, waiting: Draft
) -> None:
    services.drafts.save(people[Role.ADMIN], waiting.id, waiting.version, markdown(title="新的标题"))

    response = act(as_role(Role.REVIEWER), waiting, "approve")

    assert (response.status_code, "新的标题" in response.text) == (409, True)


def test_an_outdated_draft_says_what_to_do_and_goes_on_from_the_newer_revision(
    as_role: AsRole, services: Services, people: People, change: Draft
) -> None:
    other = services.drafts.edit(people[Role.ADMIN], "KB-0001")
    other = services.drafts.save(people[Role.ADMIN], other.id, other.version, other.markdown + "\n新。\n")
    services.review.submit(people[Role.ADMIN], other.id, other.version)
    services.review.approve(people[Role.REVIEWER], other.id, None)
    reviewer = as_role(Role.REVIEWER)

    refused = act(reviewer, change, "approve")
    page = reviewer.get(f"/drafts/{change.id}/review").text
    taken = reviewer.post(f"/drafts/{change.id}/take-over", data={"version": str(change.version), "base_revision": "2"})

    assert refused.status_code == 409
    assert "approve" not in buttons(page)
    assert "/articles/KB-0001/history?from=1&amp;to=2" in page
    assert taken.status_code == 303
    assert "approve" in buttons(reviewer.get(f"/drafts/{change.id}/review").text)


class TestLater:
    def when(self, clock, **delta: float) -> str:
        return (clock.now() + timedelta(**delta)).astimezone().strftime("%Y-%m-%dT%H:%M")

    def test_a_draft_approved_for_later_is_shown_in_the_queue(self, as_role: AsRole, waiting: Draft, clock) -> None:
        reviewer = as_role(Role.REVIEWER)
        when = self.when(clock, days=1)

        response = act(reviewer, waiting, "approve", publish_at=when)

        assert "done=scheduled" in response.location
        assert when.replace("T", " ") in reviewer.get("/queue").text

    @pytest.mark.parametrize(
        "text", ["yesterday", "0000-01-01T00:00", "9999-12-31T23:59", "2026-02-30T10:00", "1990-01-01T00:00"]
    )
    def test_a_time_that_is_none_is_refused_in_a_sentence(self, as_role: AsRole, waiting: Draft, text: str) -> None:
        response = act(as_role(Role.REVIEWER), waiting, "approve", publish_at=text)

        assert response.status_code == 400
        assert 'role="alert"' in response.text


class TestComments:
    def test_a_comment_with_its_passage_is_shown_as_text(self, as_role: AsRole, waiting: Draft) -> None:
        client = as_role(Role.REVIEWER)

        client.post(f"/drafts/{waiting.id}/comments", data={"body": "<script>x</script>", "quote": "<img src=x>"})
        page = client.get(f"/drafts/{waiting.id}/review?show=comments").text

        assert "&lt;script&gt;x&lt;/script&gt;" in page
        assert "<blockquote>&lt;img src=x&gt;</blockquote>" in page

    def test_an_empty_comment_is_refused_and_what_was_typed_stays(self, as_role: AsRole, waiting: Draft) -> None:
        response = as_role(Role.REVIEWER).post(f"/drafts/{waiting.id}/comments", data={"body": " ", "quote": "这一段"})

        assert (response.status_code, "这一段" in response.text) == (400, True)

    def test_a_comment_is_marked_as_done(
        self, as_role: AsRole, services: Services, people: People, waiting: Draft
    ) -> None:
        comment = services.comments.add(people[Role.REVIEWER], waiting.id, "甲")

        response = as_role(Role.ENGINEER).post(f"/drafts/{waiting.id}/comments/{comment.id}", data={"done": "1"})

        assert response.status_code == 303
        assert not services.comments.of_draft(people[Role.ENGINEER], waiting.id)[0].is_open


def test_a_reviewer_claims_a_draft(as_role: AsRole, services: Services, people: People, waiting: Draft) -> None:
    as_role(Role.REVIEWER).post(f"/drafts/{waiting.id}/claim", data={"mine": "1"})

    assert services.queue.in_review(people[Role.ADMIN])[0].reviewer == "reviewer"
    assert as_role(Role.ENGINEER).post(f"/drafts/{waiting.id}/claim", data={"mine": "1"}).status_code == 403


@pytest.mark.parametrize("version", ["", "x", "-1", "1e3", "１", "9" * 30, "1.5"])
def test_a_version_that_is_no_number_is_refused(as_role: AsRole, waiting: Draft, version: str) -> None:
    response = as_role(Role.REVIEWER).post(f"/drafts/{waiting.id}/review", data={"step": "approve", "version": version})

    assert response.status_code == 400


@pytest.mark.parametrize("number", ["0", "99", "9223372036854775808", "99999999999999999999999999"])
@pytest.mark.parametrize("suffix", ["review", "claim", "comments", "comments/1", "take-over"])
def test_a_draft_that_is_not_there_is_not_found(as_role: AsRole, number: str, suffix: str) -> None:
    client = as_role(Role.REVIEWER)
    values = {"step": "approve", "version": "1", "base_revision": "1", "body": "x", "mine": "1"}

    assert client.post(f"/drafts/{number}/{suffix}", data=values).status_code == 404


def test_a_text_that_cannot_be_shown_says_why(as_role: AsRole, services: Services, people: People) -> None:
    draft = services.drafts.create(people[Role.ENGINEER], "---\ntitle: [\n---\n\n正文")

    page = as_role(Role.ENGINEER).get(f"/drafts/{draft.id}/review")

    assert page.status_code == 200
    assert "notice danger" in page.text
