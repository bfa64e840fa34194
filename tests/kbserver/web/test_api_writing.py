from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from indexer.articles import Audience
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.services.container import Services
from kbserver.web.context import EXTENSION
from tests.kbserver.articles import markdown

People = dict[Role, Reader]
Asker = Callable[..., FlaskClient]
ASKER = "kbserver.tests.asker"
ARTICLE = "/api/v1/articles/KB-0001"


@pytest.fixture
def as_reader(app: Flask) -> Asker:
    """Clients of a program that is this reader, whatever its token would be."""
    app.extensions[EXTENSION].authenticators.insert(0, lambda: request.environ.get(ASKER))

    def client_of(reader: Reader) -> FlaskClient:
        client = app.test_client()
        client.environ_base[ASKER] = reader
        return client

    return client_of


def program(*scopes: str) -> Reader:
    return Reader(Audience.INTERNAL, "sync", name="sync", scopes=frozenset(scopes))


@pytest.fixture
def sync(as_reader: Asker, filled: FlaskClient) -> FlaskClient:
    """A trusted program."""
    return as_reader(program("articles:write", "articles:read"))


@pytest.fixture
def drafter(as_reader: Asker, filled: FlaskClient) -> FlaskClient:
    """A program that may only draft."""
    return as_reader(program("drafts:write", "articles:read"))


@pytest.fixture
def reviewer(as_reader: Asker, people: People, filled: FlaskClient) -> FlaskClient:
    """A reviewer's own program."""
    return as_reader(replace(people[Role.REVIEWER], scopes=frozenset({"articles:write", "articles:read"})))


def put(client: FlaskClient, etag: str, text: str = "", **values: object):
    body = {"markdown": text or markdown("KB-0001", "新标题", audience="public"), **values}
    return client.put(ARTICLE, json=body, headers={"If-Match": etag} if etag else {})


def etag_of(client: FlaskClient) -> str:
    return client.get(ARTICLE).headers["ETag"]


class TestReplacing:
    def test_the_answer_has_the_etag_of_the_next_write(self, sync: FlaskClient) -> None:
        first = put(sync, etag_of(sync))
        second = put(sync, first.headers["ETag"], markdown("KB-0001", "再改", audience="public"))

        assert (first.status_code, first.get_json()["revision"]) == (200, 2)
        assert (second.status_code, second.get_json()["revision"]) == (200, 3)
        assert second.headers["ETag"] == etag_of(sync) == f'"{second.get_json()["etag"]}"'

    @pytest.mark.parametrize("header", ["", "*", '"' * 50])
    def test_a_write_must_say_which_text_it_changes(self, sync: FlaskClient, header: str) -> None:
        response = put(sync, header)

        assert (response.status_code, response.mimetype) == (428, "application/problem+json")

    @pytest.mark.parametrize("header", ['"1-00000000000000000000-internal"', '"x"', "nonsense", 'W/"1"'])
    def test_a_write_of_another_text_is_a_conflict_with_the_current_one(self, sync: FlaskClient, header: str) -> None:
        response = put(sync, header)

        assert (response.status_code, response.mimetype) == (409, "application/problem+json")
        current = response.get_json()["current"]
        assert current["revision"] == 1
        assert current["markdown"].startswith("---")
        assert f'"{current["etag"]}"' == etag_of(sync)

    def test_the_loser_of_two_writers_gets_the_winner_s_text(self, sync: FlaskClient) -> None:
        before = etag_of(sync)
        put(sync, before, markdown("KB-0001", "赢家", audience="public"))

        lost = put(sync, before, markdown("KB-0001", "输家", audience="public"))

        assert (lost.status_code, "赢家" in lost.get_json()["current"]["markdown"]) == (409, True)
        assert sync.get(ARTICLE).get_json()["title"] == "赢家"

    def test_a_program_that_may_only_draft_sends_to_review(self, drafter: FlaskClient) -> None:
        response = put(drafter, etag_of(drafter))

        assert response.status_code == 202
        answer = response.get_json()
        assert (answer["revision"], answer["draft"]["stage"]) == (None, "in_review")
        assert drafter.get(ARTICLE).get_json()["revision"] == 1

    def test_asking_for_more_than_is_open_is_refused(self, drafter: FlaskClient) -> None:
        assert put(drafter, etag_of(drafter), then="publish").status_code == 403

    def test_what_a_text_says_of_its_own_trust_counts_for_nothing(self, sync: FlaskClient) -> None:
        text = markdown("KB-0001", "甲", audience="public", state="validated", verified_at="2026-08-01", role="admin")

        put(sync, etag_of(sync), text)

        assert sync.get(ARTICLE).get_json()["state"] == "not_validated"


class TestCreating:
    def test_a_new_article_has_an_address(self, sync: FlaskClient) -> None:
        response = sync.post("/api/v1/articles", json={"markdown": markdown(title="甲")})

        assert (response.status_code, response.headers["Location"]) == (201, "/api/v1/articles/KB-0005")
        assert sync.get(response.headers["Location"]).get_json()["title"] == "甲"

    def test_a_draft_can_be_asked_for(self, sync: FlaskClient) -> None:
        answer = sync.post("/api/v1/articles", json={"markdown": "", "then": "draft"}).get_json()

        assert answer["draft"]["stage"] == "draft"
        assert sync.get(f"/api/v1/articles/{answer['id']}").status_code == 404

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "---\n",
            "---\ntitle: a\n---\n",
            markdown("KB-0001", "别的"),
            "---\nx: !!python/object:os.system\n---\n\na",
        ],
    )
    def test_a_text_that_is_no_article_is_refused_in_a_sentence(self, sync: FlaskClient, text: str) -> None:
        response = sync.post("/api/v1/articles", json={"markdown": text})

        assert (response.status_code, response.mimetype) == (400, "application/problem+json")
        assert response.get_json()["errors"][0]["pointer"] == "/markdown"


class TestSteps:
    def take(self, client: FlaskClient, article_id: str, step: str, **values: object):
        return client.post(f"/api/v1/articles/{article_id}/{step}", json=values)

    @pytest.fixture
    def waiting(self, drafter: FlaskClient) -> str:
        return drafter.post("/api/v1/articles", json={"markdown": markdown(title="甲")}).get_json()["id"]

    def test_a_draft_goes_through_review(self, reviewer: FlaskClient, drafter: FlaskClient, waiting: str) -> None:
        back = self.take(reviewer, waiting, "send_back", reason="太短")
        again = self.take(drafter, waiting, "submit", reason="补充了")
        done = self.take(reviewer, waiting, "approve", validated=True)

        assert [r.status_code for r in (back, again, done)] == [200, 200, 200]
        assert back.get_json()["draft"]["stage"] == "draft"
        assert done.get_json()["revision"] == 1
        assert reviewer.get(f"/api/v1/articles/{waiting}").get_json()["state"] == "validated"

    def test_nobody_approves_their_own(self, reviewer: FlaskClient, sync: FlaskClient) -> None:
        own = reviewer.post("/api/v1/articles", json={"markdown": markdown(title="乙")}).get_json()["id"]
        of_nobody = sync.post("/api/v1/articles", json={"markdown": markdown(title="丙"), "then": "submit"}).get_json()[
            "id"
        ]

        assert self.take(reviewer, own, "approve").status_code == 403
        assert self.take(sync, of_nobody, "approve").status_code == 403

    def test_a_version_that_was_not_seen_is_a_conflict(self, reviewer: FlaskClient, waiting: str) -> None:
        assert self.take(reviewer, waiting, "approve", version=77).status_code == 409

    def test_a_draft_of_another_article_is_not_found(self, reviewer: FlaskClient, waiting: str, drafter) -> None:
        other = drafter.post("/api/v1/articles", json={"markdown": markdown(title="乙")}).get_json()

        assert self.take(reviewer, waiting, "approve", draft_id=other["draft"]["id"]).status_code == 404

    def test_of_several_drafts_one_has_to_be_named(
        self, reviewer: FlaskClient, services: Services, people: People
    ) -> None:
        for role in (Role.AGENT, Role.ENGINEER):
            draft = services.drafts.edit(people[role], "KB-0001")
            services.review.submit(people[role], draft.id, draft.version)

        assert self.take(reviewer, "KB-0001", "approve").status_code == 409
        assert self.take(reviewer, "KB-0001", "send_back", reason="x", draft_id=1).status_code == 200

    def test_an_approval_for_later_says_when(self, reviewer: FlaskClient, waiting: str, clock) -> None:
        when = (clock.now() + timedelta(days=1)).isoformat()

        answer = self.take(reviewer, waiting, "approve", publish_at=when).get_json()

        assert (answer["revision"], answer["draft"]["publish_at"] is not None) == (None, True)

    def test_an_article_is_archived_and_restored(self, reviewer: FlaskClient) -> None:
        archived = self.take(reviewer, "KB-0001", "archive", reason="旧", superseded_by="KB-0002")
        moved = reviewer.get(ARTICLE)
        restored = self.take(reviewer, "KB-0001", "restore")

        assert [archived.status_code, moved.status_code, restored.status_code] == [200, 301, 200]
        assert reviewer.get(ARTICLE).status_code == 200

    def test_an_earlier_revision_is_restored(self, reviewer: FlaskClient, sync: FlaskClient) -> None:
        put(sync, etag_of(sync))

        assert self.take(reviewer, "KB-0001", "restore", revision=1).get_json()["revision"] == 3
        assert reviewer.get(ARTICLE).get_json()["title"] == "打印机 脱机"

    @pytest.mark.parametrize("article_id", ["KB-9999", "x" * 64, "..", "KB-0001%00"])
    @pytest.mark.parametrize("step", ["submit", "archive", "restore"])
    def test_what_is_not_there_cannot_take_a_step(self, reviewer: FlaskClient, article_id: str, step: str) -> None:
        assert self.take(reviewer, article_id, step, reason="x").status_code in (400, 404)

    @pytest.mark.parametrize("step", ["burn", "SUBMIT", "submit%20", "1"])
    def test_a_step_that_is_none_is_refused(self, reviewer: FlaskClient, step: str) -> None:
        assert self.take(reviewer, "KB-0001", step).status_code in (400, 404)

    def test_a_published_article_has_no_draft_to_submit(self, reviewer: FlaskClient) -> None:
        assert self.take(reviewer, "KB-0001", "submit").status_code == 404


class TestWhoMayNot:
    WRITES = (
        ("post", "/api/v1/articles", {"markdown": markdown(title="甲")}),
        ("put", ARTICLE, {"markdown": markdown("KB-0001", "甲")}),
        ("post", f"{ARTICLE}/archive", {"reason": "x"}),
        ("post", f"{ARTICLE}/submit", {}),
    )

    @pytest.mark.parametrize(("method", "address", "body"), WRITES, ids=[f"{w[0]} {w[1]}" for w in WRITES])
    @pytest.mark.parametrize(
        ("reader", "status"),
        [
            (Reader(Audience.INTERNAL), 401),
            (program("articles:read", "search:read"), 403),
            (program(), 403),
            (replace(program("articles:write", "drafts:write"), audience=Audience.CUSTOMER), 403),
            (Reader(Audience.INTERNAL, role=Role.READER, account_id=1, scopes=frozenset({"articles:write"})), 403),
        ],
        ids=["nobody", "reading scopes", "no scope", "customer audience", "a reader's token"],
    )
    def test_a_write_is_refused_and_changes_nothing(
        self, as_reader: Asker, filled: FlaskClient, services: Services, reader, status: int, method, address, body
    ) -> None:
        client = as_reader(reader)

        response = client.open(address, method=method.upper(), json=body, headers={"If-Match": etag_of(filled)})

        # A step of a draft that may not be seen is a step of nothing.
        assert response.status_code in ({status, 404} if address.endswith("submit") else {status})
        assert filled.get(ARTICLE).get_json()["revision"] == 1


MASS = (
    "role",
    "state",
    "stage",
    "status",
    "author",
    "author_id",
    "approver",
    "reviewed_by",
    "is_admin",
    "id",
    "path",
    "account_id",
)


@pytest.mark.parametrize("name", MASS)
def test_fields_that_nobody_may_set_are_refused(sync: FlaskClient, name: str) -> None:
    text = markdown(title="甲")
    answers = [
        sync.post("/api/v1/articles", json={"markdown": text, name: "x"}),
        sync.put(ARTICLE, json={"markdown": text, name: "x"}, headers={"If-Match": etag_of(sync)}),
        sync.post(f"{ARTICLE}/archive", json={"reason": "x", name: "x"}),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert sync.get(ARTICLE).get_json()["revision"] == 1


@pytest.mark.parametrize(
    "body",
    [
        "", "null", "[]", '"x"', "{", '{"markdown": null}', '{"markdown": 1}', '{"markdown": ["a"]}',
        '{"markdown": "a", "then": "burn"}', '{"markdown": "a\\u0000b"}', '{"markdown": "\\ud800"}',
        '{"markdown": "a", "reason": 1}', "[" * 5000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["post", "put"])
def test_a_body_that_cannot_be_used_is_refused_in_a_sentence(sync: FlaskClient, method: str, body: str) -> None:
    address = ARTICLE if method == "put" else "/api/v1/articles"
    headers = {"If-Match": etag_of(sync), "Content-Type": "application/json"}

    response = sync.open(address, method=method.upper(), data=body.encode(), headers=headers)

    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert response.get_json()["detail"]


@pytest.mark.parametrize(
    "values",
    [
        {"draft_id": 0}, {"draft_id": "1"}, {"draft_id": 1.5}, {"draft_id": 2**63}, {"version": -1},
        {"validated": "yes"},
        {"publish_at": "tomorrow"}, {"publish_at": "2026-09-02T10:00"}, {"publish_at": "9999-12-31T23:59:59+25:00"},
        {"revision": True}, {"superseded_by": "x" * 65}, {"reason": "x" * 501}, {"reason": None},
    ],
    ids=lambda values: json.dumps(values)[:40],
)  # fmt: skip
def test_values_of_a_step_are_checked(sync: FlaskClient, values: dict[str, object]) -> None:
    assert sync.post(f"{ARTICLE}/approve", json=values).status_code == 400


def test_an_article_that_is_too_long_is_refused(sync: FlaskClient) -> None:
    response = put(sync, etag_of(sync), "---\ntitle: a\n---\n\n" + "长" * 120_000)

    assert response.status_code in (400, 413)
    assert response.get_json()["detail"]
