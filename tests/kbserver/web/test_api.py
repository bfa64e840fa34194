from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from kbserver.store.database import Database
from kbserver.store.models import FeedbackRow, SearchEventRow
from tests.fakes import FakeIndex

PROXIED = {"X-Forwarded-For": "203.0.113.9"}
"""Headers of a request that came through a proxy: its reader is a public one."""


def ids(client: FlaskClient, address: str, **options: object) -> list[str]:
    answer = client.get(address, **options).get_json()
    return [found["id"] for found in answer.get("hits", answer.get("articles"))]


class TestSearch:
    def test_the_answer_has_the_documented_shape(self, filled: FlaskClient) -> None:
        answer = filled.get("/api/v1/search", query_string={"q": "Outlook"}).get_json()

        assert answer.keys() == {
            "search_id", "query", "normalized_query", "corrections", "took_ms", "degraded",
            "no_good_answer", "estimated_total", "facets", "next_cursor", "hits",
        }  # fmt: skip
        assert answer["hits"][0].keys() == {
            "id", "title", "url", "lang", "audience", "state", "score", "confidence", "why",
            "section", "snippet", "updated_at", "verified_until", "signals", "trust", "needs_update",
        }  # fmt: skip
        assert answer["hits"][0]["url"] == "/articles/KB-0002"

    @pytest.mark.parametrize("text", ["", "   ", "　　", "\x00"])
    def test_an_empty_question_has_an_empty_answer(self, filled: FlaskClient, text: str) -> None:
        response = filled.get("/api/v1/search", query_string={"q": text})

        assert (response.status_code, response.get_json()["hits"]) == (200, [])

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("q=printer&lang=en", ["KB-0004"]),
            ("q=打印机&product=Windows", ["KB-0001"]),
            ("q=打印机&category=打印", ["KB-0001"]),
            ("q=打印机&tag=打印&tag=邮件", ["KB-0001"]),
            ("q=打印机&product=Windows&tag=邮件", []),
            ("q=打印机&audience=public", ["KB-0001"]),
        ],
    )
    def test_filters_restrict(self, filled: FlaskClient, query: str, expected: list[str]) -> None:
        assert ids(filled, f"/api/v1/search?{query}") == expected

    def test_pages_follow_each_other_without_a_gap_or_a_repeat(self, filled: FlaskClient) -> None:
        first = filled.get("/api/v1/search?q=打印机 printer outlook&limit=2").get_json()
        cursor = first["next_cursor"]
        second = filled.get(
            "/api/v1/search", query_string={"q": "打印机 printer outlook", "limit": 2, "cursor": cursor}
        ).get_json()

        found = [hit["id"] for hit in first["hits"] + second["hits"]]
        assert sorted(found) == ["KB-0001", "KB-0002", "KB-0003", "KB-0004"]
        assert second["next_cursor"] is None

    def test_a_page_after_the_index_changed_repeats_nothing(self, filled: FlaskClient, index: FakeIndex) -> None:
        query = {"q": "打印机 printer outlook", "limit": "2"}
        first = filled.get("/api/v1/search", query_string=query).get_json()
        index.update((), [first["hits"][0]["id"]], index.sequence)

        second = filled.get("/api/v1/search", query_string=query | {"cursor": first["next_cursor"]}).get_json()

        found = [hit["id"] for hit in first["hits"] + second["hits"]]
        assert sorted(found) == ["KB-0001", "KB-0002", "KB-0003", "KB-0004"]

    def test_a_cursor_of_a_reader_who_sees_more_is_refused(self, filled: FlaskClient) -> None:
        query = {"q": "打印机 printer", "limit": "1"}
        cursor = filled.get("/api/v1/search", query_string=query).get_json()["next_cursor"]

        response = filled.get("/api/v1/search", query_string=query | {"cursor": cursor}, headers=PROXIED)

        assert (response.status_code, response.get_json()["errors"][0]["pointer"]) == (400, "/cursor")

    def test_without_an_index_titles_answer_and_say_so(self, filled: FlaskClient, index: FakeIndex) -> None:
        index.is_available = False

        answer = filled.get("/api/v1/search?q=outlook").get_json()

        assert answer["degraded"] is True
        assert [hit["id"] for hit in answer["hits"]] == ["KB-0002"]

    def test_a_search_is_kept_without_the_reader_s_address(
        self, filled: FlaskClient, services, database: Database
    ) -> None:
        answer = filled.get("/api/v1/search?q=outlook").get_json()
        services.events.flush()

        with database.read() as session:
            kept = session.scalars(select(SearchEventRow)).one()
        assert (kept.search_id, kept.query, kept.shown) == (answer["search_id"], "outlook", ["KB-0002"])
        assert "127.0.0.1" not in kept.actor
        assert len(kept.actor) == 32


class TestVisibility:
    """Nothing of an article shows to a reader who may not read it, by any address."""

    @pytest.mark.parametrize(
        "address",
        [
            "/api/v1/search?q=zanzibarcanary",
            "/api/v1/search?q=打印机",
            "/api/v1/search?q=打印机&debug=true",
            "/api/v1/search?q=打印机&audience=internal",
            "/api/v1/search?q=打印机&category=内部",
            "/api/v1/typeahead?q=zanzi",
            "/api/v1/typeahead?q=管理员",
            "/api/v1/articles",
            "/api/v1/articles?audience=internal",
            "/api/v1/articles?category=内部",
            "/api/v1/articles?product=Secretix",
            "/api/v1/articles/KB-0003",
            "/api/v1/articles/KB-0003.md",
            "/api/v1/articles/KB-0003/revisions",
        ],
    )
    @pytest.mark.parametrize("has_index", [True, False], ids=["index", "titles only"])
    def test_a_public_reader_sees_nothing_internal(
        self, filled: FlaskClient, index: FakeIndex, address: str, has_index: bool
    ) -> None:
        index.is_available = has_index

        text = filled.get(address, headers=PROXIED).get_data(as_text=True)

        for secret in ("zanzibarcanary", "KB-0003", "管理员", "Secretix", "zhang.wei", "T-1"):
            assert secret not in text.replace("q=", "").replace('"query":"zanzibarcanary"', "").replace(
                '"normalized_query":"zanzibarcanary"', ""
            )

    def test_a_hidden_article_and_none_get_the_same_answer(self, filled: FlaskClient) -> None:
        hidden = filled.get("/api/v1/articles/KB-0003", headers=PROXIED)
        absent = filled.get("/api/v1/articles/KB-9999", headers=PROXIED)

        assert (hidden.status_code, hidden.data) == (absent.status_code, absent.data)

    def test_a_hit_that_the_database_hides_is_dropped(self, filled: FlaskClient, importer, article_folder) -> None:
        (article_folder / "printer.md").unlink()
        importer.import_folder()

        assert ids(filled, "/api/v1/search?q=脱机") == []

    def test_a_customer_is_not_told_who_wrote_it(self, filled: FlaskClient) -> None:
        article = filled.get("/api/v1/articles/KB-0001", headers=PROXIED).get_json()

        assert (article["owner"], article["source_tickets"]) == (None, None)


class TestArticles:
    def test_one_article_is_given_whole(self, filled: FlaskClient) -> None:
        article = filled.get("/api/v1/articles/KB-0001").get_json()

        assert article["body"].startswith("## 解决步骤")
        assert (article["category"], article["product"], article["owner"]) == (
            "打印/共享",
            ["Windows"],
            "zhang.wei",
        )

    def test_the_markdown_is_the_file_for_readers_in_the_house(self, filled: FlaskClient) -> None:
        response = filled.get("/api/v1/articles/KB-0001.md")

        assert response.mimetype == "text/markdown"
        assert response.text.startswith("---\nid: KB-0001\n")

    @pytest.mark.parametrize("suffix", ["", ".md"])
    def test_an_unchanged_article_is_not_sent_again(self, filled: FlaskClient, suffix: str) -> None:
        address = f"/api/v1/articles/KB-0001{suffix}"
        etag = filled.get(address).headers["ETag"]

        response = filled.get(address, headers={"If-None-Match": etag})

        assert (response.status_code, response.data) == (304, b"")

    def test_one_reader_s_etag_is_no_good_for_another(self, filled: FlaskClient) -> None:
        etag = filled.get("/api/v1/articles/KB-0001").headers["ETag"]

        response = filled.get("/api/v1/articles/KB-0001", headers={"If-None-Match": etag, **PROXIED})

        assert response.status_code == 200

    def test_shared_caches_keep_nothing(self, filled: FlaskClient) -> None:
        response = filled.get("/api/v1/articles/KB-0001")

        assert response.headers["Cache-Control"] == "private, no-cache"
        assert "Cookie" in response.headers["Vary"]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("order=id", ["KB-0001", "KB-0002", "KB-0003", "KB-0004"]),
            ("order=id&limit=2&page=2", ["KB-0003", "KB-0004"]),
            ("order=id&page=9999", []),
            ("category=打印", ["KB-0001"]),
            ("category=打", []),
            ("product=Outlook&product=Windows&order=id", ["KB-0001", "KB-0002"]),
            ("lang=en", ["KB-0004"]),
            ("state=validated", []),
        ],
    )
    def test_articles_are_listed(self, filled: FlaskClient, query: str, expected: list[str]) -> None:
        assert ids(filled, f"/api/v1/articles?{query}") == expected

    def test_revisions_are_listed_newest_first(self, filled: FlaskClient) -> None:
        answer = filled.get("/api/v1/articles/KB-0001/revisions").get_json()

        assert [(r["number"], r["is_current"]) for r in answer["revisions"]] == [(1, True)]


class TestFeedback:
    def test_an_opened_article_is_kept(self, filled: FlaskClient, services, database: Database) -> None:
        response = filled.post("/api/v1/feedback", json={"article_id": "KB-0001", "event": "opened"})
        services.events.flush()

        assert (response.status_code, response.data) == (204, b"")
        with database.read() as session:
            assert session.scalars(select(FeedbackRow.article_id)).all() == ["KB-0001"]

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({}, 400),
            ([], 400),
            ("text", 400),
            (None, 400),
            ({"article_id": "KB-0001"}, 400),
            ({"article_id": "KB-0001", "event": "eaten"}, 400),
            ({"article_id": "KB-0001", "event": "opened", "role": "admin"}, 400),
            ({"article_id": 1, "event": "opened"}, 400),
            ({"article_id": "KB-0001", "event": "opened", "search_id": "x"}, 400),
            ({"article_id": "KB-0001", "event": "wrong", "comment": "长" * 2001}, 400),
            ({"article_id": "\ud800", "event": "opened"}, 400),
            ({"article_id": "KB-9999", "event": "opened"}, 404),
            ({"article_id": "x\u0000", "event": "opened"}, 404),
        ],
    )
    def test_a_wrong_body_is_refused_in_words(self, filled: FlaskClient, body: object, status: int) -> None:
        data = json.dumps(body)

        response = filled.post("/api/v1/feedback", data=data, content_type="application/json")

        assert response.status_code == status
        assert response.mimetype == "application/problem+json"
        assert response.get_json()["detail"]

    @pytest.mark.parametrize(
        ("data", "content_type", "status"),
        [
            ("{}", "text/plain", 415),
            ("a=1", "application/x-www-form-urlencoded", 415),
            ("{", "application/json", 400),
            ("[" * 200_000, "application/json", 400),
            (b"\xff\xfe", "application/json", 400),
            ("x" * 1_000_001, "application/json", 413),
        ],
        ids=["plain", "form", "cut", "nested", "not utf-8", "too large"],
    )
    def test_a_body_that_is_not_json_is_refused_in_words(
        self, filled: FlaskClient, data: object, content_type: str, status: int
    ) -> None:
        response = filled.post("/api/v1/feedback", data=data, content_type=content_type)

        assert (response.status_code, response.mimetype) == (status, "application/problem+json")

    @pytest.mark.parametrize("origin", ["null", "https://evil.example", "http://localhost.evil"])
    def test_another_site_cannot_speak_for_a_reader(self, filled: FlaskClient, origin: str) -> None:
        response = filled.post(
            "/api/v1/feedback",
            json={"article_id": "KB-0001", "event": "wrong"},
            headers={"Origin": origin},
        )

        assert response.status_code == 403


class TestTypeahead:
    def test_queries_and_articles_are_offered(self, filled: FlaskClient) -> None:
        answer = filled.get("/api/v1/typeahead?q=outl").get_json()

        assert answer["articles"] == [{"id": "KB-0002", "title": "Outlook 收不到邮件", "url": "/articles/KB-0002"}]
