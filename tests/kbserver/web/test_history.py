from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from indexer.articles import Audience
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.services.container import Services

People = dict[Role, Reader]
AsRole = Callable[[Role], FlaskClient]
PROXIED = {"X-Forwarded-For": "203.0.113.9"}
ARTICLE = "KB-0001"


@pytest.fixture
def changed(filled: FlaskClient, services: Services, people: People) -> FlaskClient:
    """A site whose first article, public now, has a second revision."""
    draft = services.drafts.edit(people[Role.ENGINEER], ARTICLE)
    text = draft.markdown.replace("重启 spooler 服务", "重启电脑")
    draft = services.drafts.save(people[Role.ENGINEER], draft.id, draft.version, text)
    services.review.submit(people[Role.ENGINEER], draft.id, draft.version, "更简单")
    services.review.approve(people[Role.REVIEWER], draft.id, None)
    return filled


def test_the_article_shows_who_approved_its_revisions(changed: FlaskClient) -> None:
    page = changed.get(f"/articles/{ARTICLE}").text

    assert "<td>reviewer</td><td>更简单</td>" in page
    assert f"/articles/{ARTICLE}/history" in page


def test_readers_outside_see_no_names_and_no_reasons(changed: FlaskClient) -> None:
    for address in (f"/articles/{ARTICLE}", f"/articles/{ARTICLE}/history"):
        page = changed.get(address, headers=PROXIED)

        assert page.status_code == 200
        assert "reviewer" not in page.text
        assert "更简单" not in page.text


def test_two_revisions_are_compared(changed: FlaskClient) -> None:
    page = changed.get(f"/articles/{ARTICLE}/history?from=1&to=2").text

    assert "diff-changed" in page
    assert "<ins>" in page


def test_a_comparison_is_not_for_readers_outside(changed: FlaskClient) -> None:
    response = changed.get(f"/articles/{ARTICLE}/history?from=1&to=2", headers=PROXIED)

    assert response.status_code == 404
    assert "spooler" not in response.text


@pytest.mark.parametrize("query", ["from=1", "from=a&to=2", "from=１&to=2", "from=1&to=" + "9" * 40])
def test_a_comparison_that_cannot_be_understood_is_refused(changed: FlaskClient, query: str) -> None:
    assert changed.get(f"/articles/{ARTICLE}/history?{query}").status_code == 400


@pytest.mark.parametrize("article_id", ["KB-9999", "..%2f..", "x" * 5000, "KB-0003"])
def test_a_history_of_what_a_reader_may_not_see_is_not_found(changed: FlaskClient, article_id: str) -> None:
    assert changed.get(f"/articles/{article_id}/history", headers=PROXIED).status_code == 404


def test_a_reviewer_goes_back_to_a_revision(as_role: AsRole, changed: FlaskClient) -> None:
    response = as_role(Role.REVIEWER).post(
        f"/articles/{ARTICLE}/history", data={"number": "1", "current": "2", "reason": "改错了"}
    )

    assert (response.status_code, response.location) == (303, f"/articles/{ARTICLE}")
    assert "spooler" in changed.get(f"/articles/{ARTICLE}").text


def test_an_engineer_gets_a_draft_of_it(as_role: AsRole, changed: FlaskClient) -> None:
    response = as_role(Role.ENGINEER).post(f"/articles/{ARTICLE}/history", data={"number": "1", "current": "2"})

    assert response.location.startswith("/drafts/")
    assert "spooler" not in changed.get(f"/articles/{ARTICLE}").text


class TestArchiving:
    def archive(self, client: FlaskClient, **values: str):
        form = {"step": "archive", "reason": "合并", "current": "2", **values}
        return client.post(f"/articles/{ARTICLE}/steps", data=form)

    def test_readers_of_an_archived_article_are_led_to_the_one_in_its_place(
        self, as_role: AsRole, changed: FlaskClient
    ) -> None:
        assert self.archive(as_role(Role.REVIEWER), superseded_by="KB-0004").status_code == 303

        response = changed.get(f"/articles/{ARTICLE}")

        assert (response.status_code, response.location) == (302, f"/articles/KB-0004?replaces={ARTICLE}")
        assert f"{ARTICLE} 已归档" in changed.get(response.location).text

    def test_a_note_that_is_not_true_is_not_shown(self, changed: FlaskClient) -> None:
        assert "已归档" not in changed.get("/articles/KB-0004?replaces=KB-0001").text
        assert "已归档" not in changed.get("/articles/KB-0004?replaces=%3Cscript%3E").text

    def test_without_one_the_page_says_that_it_is_archived(self, as_role: AsRole, changed: FlaskClient) -> None:
        self.archive(as_role(Role.REVIEWER))

        response = changed.get(f"/articles/{ARTICLE}")

        assert response.status_code == 410
        assert "这篇文章已归档" in response.text
        assert "打印机 脱机" not in response.text

    def test_the_api_says_the_same(self, as_role: AsRole, changed: FlaskClient) -> None:
        self.archive(as_role(Role.REVIEWER))
        assert changed.get(f"/api/v1/articles/{ARTICLE}").status_code == 410
        self.restore(as_role(Role.REVIEWER))
        self.archive(as_role(Role.REVIEWER), superseded_by="KB-0004", current="3")

        for suffix in ("", ".md"):
            response = changed.get(f"/api/v1/articles/{ARTICLE}{suffix}")
            assert (response.status_code, response.location) == (301, f"/api/v1/articles/KB-0004{suffix}")
            assert response.headers["Cache-Control"] == "private, no-cache"

    def test_who_could_not_see_the_article_learns_nothing(
        self, as_role: AsRole, services: Services, people: People, changed: FlaskClient
    ) -> None:
        services.archive.archive(people[Role.REVIEWER], "KB-0003", "旧", "KB-0001")

        for address in ("/articles/KB-0003", "/api/v1/articles/KB-0003", "/articles/KB-0003/history"):
            assert changed.get(address, headers=PROXIED).status_code == 404

    def restore(self, client: FlaskClient):
        return client.post(f"/articles/{ARTICLE}/steps", data={"step": "restore", "current": "2"})

    def test_an_archived_article_is_restored_from_its_history(self, as_role: AsRole, changed: FlaskClient) -> None:
        reviewer = as_role(Role.REVIEWER)
        self.archive(reviewer)

        page = reviewer.get(f"/articles/{ARTICLE}/history").text
        self.restore(reviewer)

        assert 'value="restore"' in page
        assert changed.get(f"/articles/{ARTICLE}").status_code == 200

    @pytest.mark.parametrize("role", [Role.READER, Role.AGENT, Role.ENGINEER])
    def test_others_are_not_offered_it_and_may_not_do_it(
        self, as_role: AsRole, changed: FlaskClient, role: Role
    ) -> None:
        assert 'value="archive"' not in as_role(role).get(f"/articles/{ARTICLE}/history").text
        assert self.archive(as_role(role)).status_code == 403
        assert changed.get(f"/articles/{ARTICLE}").status_code == 200

    @pytest.mark.parametrize("values", [{"reason": ""}, {"superseded_by": "KB-9999"}, {"step": "burn"}])
    def test_what_is_missing_is_said_on_the_page(self, as_role: AsRole, changed: FlaskClient, values) -> None:
        response = self.archive(as_role(Role.REVIEWER), **values)

        assert response.status_code == 400
        assert 'role="alert"' in response.text

    def test_archiving_what_changed_since_is_a_conflict(self, as_role: AsRole, changed: FlaskClient) -> None:
        assert self.archive(as_role(Role.REVIEWER), current="1").status_code == 409


def test_revisions_that_were_for_fewer_readers_are_not_shown_to_more(
    filled: FlaskClient, services: Services, people: People
) -> None:
    draft = services.drafts.edit(people[Role.ENGINEER], "KB-0003")
    text = draft.markdown.replace("audience: internal", "audience: public").replace("zanzibarcanary", "")
    draft = services.drafts.save(people[Role.ENGINEER], draft.id, draft.version, text)
    services.review.submit(people[Role.ENGINEER], draft.id, draft.version)
    services.review.approve(people[Role.REVIEWER], draft.id, None)

    for address in ("/articles/KB-0003", "/articles/KB-0003/history", "/articles/KB-0003/history?from=1&to=2"):
        assert "zanzibarcanary" not in filled.get(address, headers=PROXIED).text
    assert services.articles.get(Reader(Audience.PUBLIC), "KB-0003")
