"""The editor's pages and what its script asks for."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from kbserver.domain.articles import Stage
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.services.container import Services
from tests.kbserver.articles import markdown

People = dict[Role, Reader]
AsRole = Callable[[Role], FlaskClient]
JSON = {"Accept": "application/json"}


@pytest.fixture
def engineer(filled: FlaskClient, as_role: AsRole) -> FlaskClient:
    return as_role(Role.ENGINEER)


@pytest.fixture
def draft_id(services: Services, people: People, filled: FlaskClient) -> int:
    return services.drafts.create(people[Role.ENGINEER], markdown(title="打印机脱机", tags="[打印]")).id


def fields(version: int = 1, **others: str) -> dict[str, str]:
    return {"draft_version": str(version), "title": "打印机显示脱机", "body": "## 解决步骤\r\n\r\n1. 重启。", **others}


class TestBeginning:
    def test_one_click_on_a_type_opens_a_draft_with_its_sections(self, engineer: FlaskClient) -> None:
        answer = engineer.post("/articles/new", data={"type": "solution", "lang": "en"})
        page = engineer.get(answer.location).get_data(as_text=True)

        assert re.fullmatch(r"/drafts/\d+", answer.location)
        assert "## Resolution" in page
        assert '<option value="solution" selected>' in page

    @pytest.mark.parametrize("data", [{"type": "novel"}, {}, {"type": "faq", "lang": "xx"}])
    def test_a_type_or_language_that_does_not_exist_is_refused(self, engineer: FlaskClient, data: dict) -> None:
        assert engineer.post("/articles/new", data=data).status_code == 400

    def test_looking_at_the_pages_that_begin_a_draft_makes_none(
        self, engineer: FlaskClient, services: Services, people: People
    ) -> None:
        assert engineer.get("/articles/new").status_code == 200
        assert "打印机 脱机" in engineer.get("/articles/KB-0001/edit").get_data(as_text=True)

        assert services.drafts.mine(people[Role.ENGINEER]) == ()

    def test_editing_an_article_opens_the_own_draft(self, engineer: FlaskClient) -> None:
        first = engineer.post("/articles/KB-0001/edit").location

        assert engineer.post("/articles/KB-0001/edit").location == first
        assert engineer.get("/articles/KB-0001/edit").location == first

    def test_unfinished_drafts_are_offered(self, engineer: FlaskClient, draft_id: int) -> None:
        assert f'href="/drafts/{draft_id}">打印机脱机</a>' in engineer.get("/articles/new").get_data(as_text=True)

    def test_a_reader_may_not_write_and_nobody_is_asked_to_sign_in(self, filled: FlaskClient, as_role: AsRole) -> None:
        assert as_role(Role.READER).get("/articles/new").status_code == 403
        assert filled.get("/articles/new").status_code == 401


class TestSaving:
    def test_the_form_saves_fields_and_body_and_keeps_what_it_does_not_know(
        self, engineer: FlaskClient, services: Services, people: People
    ) -> None:
        text = "---\ntitle: a\nx-team: 二线   # ask them\n---\n\nb\n"
        draft = services.drafts.create(people[Role.ENGINEER], text)

        answer = engineer.post(draft.url, data=fields(issue="打不了\r\n脱机了", product="Windows, HP"))

        saved = services.drafts.get(people[Role.ENGINEER], draft.id)
        assert (answer.status_code, answer.location, saved.version) == (303, draft.url, 2)
        assert "x-team: 二线   # ask them\n" in saved.markdown
        assert "issue:\n  - 打不了\n  - 脱机了\n" in saved.markdown
        assert "product: [Windows, HP]\n" in saved.markdown
        assert saved.markdown.endswith("## 解决步骤\n\n1. 重启。\n")

    def test_the_script_gets_the_version_and_the_time(self, engineer: FlaskClient, draft_id: int) -> None:
        answer = engineer.post(f"/drafts/{draft_id}", data=fields(), headers=JSON)

        assert answer.get_json()["version"] == 2
        assert re.fullmatch(r"\d\d:\d\d:\d\d", answer.get_json()["saved"])

    def test_a_long_chinese_text_is_taken(self, engineer: FlaskClient, draft_id: int) -> None:
        answer = engineer.post(f"/drafts/{draft_id}", data=fields(body="长" * 80_000))

        assert answer.status_code == 303

    def test_a_text_that_is_too_long_is_refused_and_still_on_the_page(
        self, engineer: FlaskClient, draft_id: int, services: Services, people: People
    ) -> None:
        answer = engineer.post(f"/drafts/{draft_id}", data=fields(body="x" * 1_100_000))

        assert answer.status_code == 413
        assert "x" * 1_100_000 in answer.get_data(as_text=True)
        assert services.drafts.get(people[Role.ENGINEER], draft_id).version == 1

    @pytest.mark.parametrize("version", ["", "x", "-1", "１", "9" * 30])
    def test_a_save_must_say_which_version_it_belongs_to(
        self, engineer: FlaskClient, draft_id: int, version: str
    ) -> None:
        answer = engineer.post(f"/drafts/{draft_id}", data={**fields(), "draft_version": version}, headers=JSON)

        assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (400, "/draft_version")

    def test_front_matter_that_is_no_form_is_edited_as_source(
        self, engineer: FlaskClient, services: Services, people: People
    ) -> None:
        draft = services.drafts.create(people[Role.ENGINEER], "---\ntitle: [\n---\n\nx\n")

        page = engineer.get(draft.url).get_data(as_text=True)
        answer = engineer.post(draft.url, data={"draft_version": "1", "source": "---\r\ntitle: b\r\n---\r\n\r\nx\r\n"})

        assert 'name="source"' in page
        assert "title: [" in page
        assert answer.status_code == 303
        assert services.drafts.get(people[Role.ENGINEER], draft.id).markdown == "---\ntitle: b\n---\n\nx\n"

    def test_somebody_elses_draft_is_not_there(self, as_role: AsRole, draft_id: int) -> None:
        agent = as_role(Role.AGENT)

        for answer in (
            agent.get(f"/drafts/{draft_id}"),
            agent.post(f"/drafts/{draft_id}", data=fields()),
            agent.post(f"/drafts/{draft_id}/preview", data=fields()),
            agent.post(f"/drafts/{draft_id}/merge", data=fields(mine="x")),
        ):
            assert answer.status_code == 404

    @pytest.mark.parametrize("number", ["0", "99999", "9" * 25, "-1", "1e3", "x"])
    def test_a_draft_that_does_not_exist_is_not_there(self, engineer: FlaskClient, number: str) -> None:
        assert engineer.get(f"/drafts/{number}").status_code == 404


class TestPreview:
    def test_is_the_same_html_as_the_published_page(
        self, engineer: FlaskClient, services: Services, people: People, draft_id: int
    ) -> None:
        text = "## 现象\n\n<b>x</b> **粗** [链接](printer.md) `码`\n\n## 解决步骤\n\n1. 甲\n2. 乙\n\n| a | b |\n|-|-|\n"
        posted = fields(body=text, issue="打不了", product="Windows", audience="public")

        preview = engineer.post(f"/drafts/{draft_id}/preview", data=posted).get_data(as_text=True)
        engineer.post(f"/drafts/{draft_id}", data={**posted, "action": "submit"})
        moved = services.review.approve(people[Role.REVIEWER], draft_id, None)
        page = engineer.get(f"/articles/{moved.article_id}").get_data(as_text=True)

        assert body_of(preview) == body_of(page)
        assert head_of(preview) == head_of(page)
        assert 'href="/articles/KB-0001"' in preview

    def test_works_without_a_title(self, engineer: FlaskClient, draft_id: int) -> None:
        answer = engineer.post(f"/drafts/{draft_id}/preview", data=fields(title=""))

        assert answer.status_code == 200
        assert "重启" in answer.get_data(as_text=True)

    def test_says_why_there_is_none(self, engineer: FlaskClient, draft_id: int) -> None:
        answer = engineer.post(f"/drafts/{draft_id}/preview", data={"source": "---\ntitle: [\n---\n"})

        assert (answer.status_code, 'class="notice caution"' in answer.get_data(as_text=True)) == (200, True)

    def test_is_shown_by_a_button_without_saving(
        self, engineer: FlaskClient, draft_id: int, services: Services, people: People
    ) -> None:
        answer = engineer.post(f"/drafts/{draft_id}", data=fields(action="preview", body="**neu**"))

        assert "<strong>neu</strong>" in answer.get_data(as_text=True)
        assert services.drafts.get(people[Role.ENGINEER], draft_id).version == 1


class TestTwoTexts:
    @pytest.fixture
    def stale(self, engineer: FlaskClient, draft_id: int, services: Services, people: People) -> FlaskClient:
        services.drafts.save(people[Role.REVIEWER], draft_id, 1, markdown(title="审核人的标题"))
        return engineer

    def test_a_stale_save_shows_both_and_saves_nothing(
        self, stale: FlaskClient, draft_id: int, services: Services, people: People
    ) -> None:
        answer = stale.post(f"/drafts/{draft_id}", data=fields(title="我的标题"))

        page = answer.get_data(as_text=True)
        assert answer.status_code == 409
        assert ("title: 我的标题" in page, "title: 审核人的标题" in page) == (True, True)
        assert services.drafts.get(people[Role.ENGINEER], draft_id).version == 2

    def test_the_script_is_told_by_status(self, stale: FlaskClient, draft_id: int) -> None:
        answer = stale.post(f"/drafts/{draft_id}", data=fields(), headers=JSON)

        assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")

    @pytest.mark.parametrize(
        ("chosen", "title"),
        [
            ({"take": "mine"}, "a"),
            ({"take": "theirs"}, "b"),
            ({"choice-0": "mine"}, "a"),
            ({"choice-0": "theirs"}, "b"),
        ],
    )
    def test_what_is_chosen_is_saved(
        self,
        engineer: FlaskClient,
        services: Services,
        people: People,
        chosen: dict[str, str],
        title: str,
    ) -> None:
        draft = services.drafts.create(people[Role.ENGINEER], "# b\n\nx\n")

        answer = engineer.post(f"{draft.url}/merge", data={"draft_version": "1", "mine": "# a\r\n\r\nx\r\n", **chosen})

        assert answer.location == f"{draft.url}?settled=1"
        assert services.drafts.get(people[Role.ENGINEER], draft.id).markdown == f"# {title}\n\nx\n"

    def test_without_a_choice_both_are_kept(self, engineer: FlaskClient, services: Services, people: People) -> None:
        draft = services.drafts.create(people[Role.ENGINEER], "b\n")

        engineer.post(f"{draft.url}/merge", data={"draft_version": "1", "mine": "a\n", "choice-0": "nonsense"})

        assert services.drafts.get(people[Role.ENGINEER], draft.id).markdown == "a\nb\n"

    def test_a_third_save_meanwhile_shows_both_again(self, stale: FlaskClient, draft_id: int) -> None:
        answer = stale.post(f"/drafts/{draft_id}/merge", data={"draft_version": "1", "mine": "mein", "take": "mine"})

        assert (answer.status_code, "mein" in answer.get_data(as_text=True)) == (409, True)


class TestSendingToReview:
    def test_saves_and_sends(self, engineer: FlaskClient, draft_id: int, services: Services, people: People) -> None:
        answer = engineer.post(f"/drafts/{draft_id}", data=fields(action="submit"))

        draft = services.drafts.get(people[Role.ENGINEER], draft_id)
        assert answer.status_code == 303
        assert (draft.stage, draft.title) == (Stage.IN_REVIEW, "打印机显示脱机")

    def test_a_text_without_a_title_stays_a_draft_and_says_so(
        self, engineer: FlaskClient, draft_id: int, services: Services, people: People
    ) -> None:
        answer = engineer.post(f"/drafts/{draft_id}", data=fields(action="submit", title=""))

        assert answer.status_code == 400
        assert "重启" in answer.get_data(as_text=True)
        assert services.drafts.get(people[Role.ENGINEER], draft_id).stage is Stage.DRAFT

    def test_in_review_its_author_is_led_to_the_review_page(self, engineer: FlaskClient, draft_id: int) -> None:
        engineer.post(f"/drafts/{draft_id}", data=fields(action="submit"))

        answer = engineer.post(f"/drafts/{draft_id}", data=fields(3), headers=JSON)

        assert engineer.get(f"/drafts/{draft_id}").location == f"/drafts/{draft_id}/review"
        assert answer.status_code == 403


def body_of(page: str) -> str:
    found = re.search(r'<dl class="factbox">.*?<div class="body".*?</div>(?=\s*</article>)', page, re.DOTALL)
    assert found
    return found[0]


def head_of(page: str) -> str:
    found = re.search(r'<header class="article-head">.*?<h1.*?</h1>', page, re.DOTALL)
    assert found
    return found[0]
