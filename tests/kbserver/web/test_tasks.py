"""The pages of those who report and of those who see to it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from kbserver.domain.permissions import Role
from kbserver.domain.tasks import Resolution, TaskFilter
from kbserver.services.container import Services

AsRole = Callable[[Role], FlaskClient]
CHINESE = {"Accept-Language": "zh"}


def flag(client: FlaskClient, article_id: str = "KB-0001", **form: str):
    data = {"event": "wrong", "comment": "第 3 步不对"} | form
    return client.post(f"/articles/{article_id}/flag", data=data)


def test_every_result_has_a_way_to_report_it(filled: FlaskClient) -> None:
    page = filled.get("/search?q=打印机").text

    assert 'href="/articles/KB-0001/flag?from=' in page


def test_the_form_offers_what_can_be_the_matter(filled: FlaskClient) -> None:
    page = filled.get("/articles/KB-0001/flag", headers=CHINESE).text

    assert all(name in page for name in ("内容有误", "已过时", "说不清楚", "缺内容"))


def test_reporting_leads_back_to_the_article(filled: FlaskClient) -> None:
    answer = flag(filled)

    assert (answer.status_code, answer.location) == (303, "/articles/KB-0001?said=wrong#feedback")


@pytest.mark.parametrize(
    "form", [{"event": "nonsense"}, {"comment": " "}, {"comment": "长" * 2001}], ids=["kind", "reason", "length"]
)
def test_a_report_that_says_nothing_is_refused(form: dict[str, str], filled: FlaskClient) -> None:
    assert flag(filled, **form).status_code == 400


def test_what_a_reader_may_not_see_cannot_be_reported(filled: FlaskClient, as_role: AsRole) -> None:
    # With accounts, readers who have not signed in see what is public only.
    as_role(Role.AGENT)

    outside = filled.get("/articles/KB-0003/flag", headers={"X-Forwarded-For": "203.0.113.9"})

    assert outside.status_code == 404


def test_first_line_sees_what_was_reported(filled: FlaskClient, as_role: AsRole) -> None:
    flag(filled)

    page = as_role(Role.AGENT).get("/tasks", headers=CHINESE).text

    assert "第 3 步不对" in page
    assert "打印机 脱机" in page


def test_the_article_tells_staff_that_something_is_open(filled: FlaskClient, as_role: AsRole) -> None:
    flag(filled)

    staff = as_role(Role.AGENT)

    assert "needs-update" in staff.get("/articles/KB-0001").text
    assert "needs-update" in staff.get("/search?q=打印机").text
    assert "needs-update" in staff.get("/browse").text


def test_customers_do_not_hear_of_it(filled: FlaskClient, as_role: AsRole) -> None:
    flag(filled)
    as_role(Role.AGENT)

    for path in ("/articles/KB-0001", "/search?q=打印机", "/browse"):
        page = filled.get(path, headers={"X-Forwarded-For": "203.0.113.9"})
        assert page.status_code == 200
        assert "needs-update" not in page.text
        assert "第 3 步不对" not in page.text


def test_several_are_closed_at_once(filled: FlaskClient, as_role: AsRole, services: Services, people) -> None:
    flag(filled)
    flag(filled, event="outdated")
    ids = [task.id for task in services.tasks.page(people[Role.ADMIN], TaskFilter()).tasks]

    form = {"id": ids, "resolution": "fixed", "note": "改好了"}
    answer = as_role(Role.ENGINEER).post("/tasks/close", data=form)

    assert (answer.status_code, answer.location) == (303, "/tasks?done=2")
    closed = services.tasks.page(people[Role.ADMIN], TaskFilter(is_open=False)).tasks
    assert {(task.resolution, task.note) for task in closed} == {(Resolution.FIXED, "改好了")}


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/tasks/close", {"resolution": "fixed"}),
        ("/tasks/close", {"id": "1", "resolution": "burned"}),
        ("/tasks/close", {"id": "1' OR 1", "resolution": "fixed"}),
        ("/tasks/close", {"id": "１", "resolution": "fixed"}),
        ("/tasks/take", {}),
        ("/tasks/take?view=nonsense", {"id": "1"}),
    ],
)
def test_a_form_that_makes_no_sense_is_refused_in_words(path: str, form: dict[str, str], as_role: AsRole) -> None:
    answer = as_role(Role.ENGINEER).post(path, data=form)

    assert answer.status_code in (400, 404)


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=abc", "page=１", "page=1e9", "view=nonsense"])
def test_an_address_that_makes_no_sense_is_refused(query: str, as_role: AsRole) -> None:
    assert as_role(Role.AGENT).get(f"/tasks?{query}").status_code == 400


def test_the_table_for_a_spreadsheet_holds_no_formula(filled: FlaskClient, as_role: AsRole) -> None:
    flag(filled, comment="=cmd|' /C calc'!A0")

    answer = as_role(Role.AGENT).get("/tasks.csv")

    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))
    assert answer.mimetype == "text/csv"
    assert rows[1][4] == "'=cmd|' /C calc'!A0"


def test_one_click_says_that_an_article_still_holds(
    filled: FlaskClient, importer, article_folder, as_role: AsRole, services: Services, people
) -> None:
    path = article_folder / "printer.md"
    path.write_text(path.read_text().replace("audience:", "state: validated\nverified_at: 2026-01-01\naudience:"))
    importer.import_folder()
    engineer = as_role(Role.ENGINEER)
    page = engineer.get("/articles/KB-0001", headers=CHINESE).text

    answer = engineer.post("/articles/KB-0001/verify", data={"revision": "2"})

    assert "仍然有效" in page
    assert (answer.status_code, answer.location) == (303, "/articles/KB-0001?said=verified")
    verified = services.articles.get(people[Role.ADMIN], "KB-0001").summary.verified_at
    assert verified.isoformat() == "2026-09-01"


def test_first_line_is_not_offered_to_say_so(filled: FlaskClient, as_role: AsRole) -> None:
    assert "/verify" not in as_role(Role.AGENT).get("/articles/KB-0001").text


@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}"])
def test_what_a_reader_types_is_shown_as_text(attack: str, filled: FlaskClient, as_role: AsRole) -> None:
    flag(filled, comment=attack)

    for path in ("/tasks", "/articles/KB-0001"):
        page = as_role(Role.ENGINEER).get(path).text
        assert attack not in page or attack == "{{7*7}}"
        assert "49" not in page.split("said-of-it")[-1][:80]


def test_programs_in_the_house_hear_of_it_too(filled: FlaskClient, as_role: AsRole) -> None:
    flag(filled)
    inside = as_role(Role.AGENT).get("/api/v1/search?q=打印机&audience=internal").get_json()["hits"]

    outside = filled.get("/api/v1/search?q=打印机", headers={"X-Forwarded-For": "203.0.113.9"}).get_json()["hits"]

    assert {hit["id"]: (hit["trust"], hit["needs_update"]) for hit in outside} == {"KB-0001": ("not_validated", None)}
    assert all(isinstance(hit["needs_update"], bool) for hit in inside)
