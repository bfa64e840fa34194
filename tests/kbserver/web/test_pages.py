from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from indexer.articles import Confidence, Hit, SearchAnswer, Snippet
from kbserver.services.indexing import IndexConsumer
from kbserver.store.database import Database
from kbserver.store.models import FeedbackRow, SearchEventRow
from tests.fakes import FakeIndex
from tests.kbserver.articles import markdown, write

PROXIED = {"X-Forwarded-For": "203.0.113.9"}
"""Headers of a request that came through a proxy: its reader is a public one."""

PAGES = [
    "/",
    "/search?q=打印机",
    "/search",
    "/browse",
    "/browse?category=打印",
    "/articles/KB-0001",
    "/status",
    "/api/docs",
]


def page(client: FlaskClient, address: str, **options: object) -> str:
    response = client.get(address, **options)
    assert response.status_code == 200, response.text
    return response.text


def answering(index: FakeIndex, monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """The index gives one hit for KB-0001, with changes to the answer or to the hit."""
    hit = Hit("KB-0001", "打印机 脱机", 0.9, Confidence.HIGH, ("words",), "", Snippet("重启服务"))
    answer = SearchAnswer((hit,), normalized_query="打印机", estimated_total=1)
    of_hit = {name: changes.pop(name) for name in list(changes) if name in Hit.__dataclass_fields__}
    answer = replace(answer, hits=(replace(hit, **of_hit),)) if of_hit else answer
    monkeypatch.setattr(index, "search", lambda request: replace(answer, **changes))


class TestEveryPage:
    @pytest.mark.parametrize("address", PAGES)
    def test_is_served_in_chinese_by_default(self, filled: FlaskClient, address: str) -> None:
        assert '<html lang="zh-CN" data-theme="system">' in page(filled, address)

    @pytest.mark.parametrize("address", PAGES)
    def test_has_a_title_and_one_main_heading_at_most(self, filled: FlaskClient, address: str) -> None:
        text = page(filled, address)

        assert "知识库</title>" in text
        assert text.count("<h1") <= 1

    @pytest.mark.parametrize("address", [*PAGES, "/nothing"])
    def test_has_no_inline_script_or_style(self, filled: FlaskClient, address: str) -> None:
        text = filled.get(address).text

        assert "<style" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        assert text.count("<script") == text.count('<script type="module" src="/static/')

    def test_follows_the_language_that_the_browser_asks_for(self, filled: FlaskClient) -> None:
        assert '<html lang="en"' in page(filled, "/", headers={"Accept-Language": "en-GB,en;q=0.8"})


class TestHome:
    def test_counts_articles_by_category(self, filled: FlaskClient) -> None:
        assert '<span class="tile-name">打印</span><span class="count">1</span>' in page(filled, "/")

    def test_a_public_reader_sees_nothing_of_internal_articles(self, filled: FlaskClient) -> None:
        text = page(filled, "/", headers=PROXIED)

        assert "zanzibarcanary" not in text
        assert "Secretix" not in text
        assert "内部" not in text

    def test_without_articles_it_says_how_to_add_some(self, client: FlaskClient) -> None:
        assert "还没有文章" in page(client, "/")

    def test_lists_what_was_opened_this_week(self, filled: FlaskClient, services) -> None:
        filled.get("/articles/KB-0004")
        services.feedback._log.flush()

        popular = page(filled, "/").partition('id="popular"')[2]

        assert "/articles/KB-0004" in popular


class TestResults:
    def test_a_hit_shows_title_path_badge_and_reason(self, filled: FlaskClient) -> None:
        text = page(filled, "/search?q=脱机")

        assert "打印机 <mark>脱机</mark></a>" in text
        assert "未验证</span>" in text
        assert "<span>词语</span>" in text
        assert 'href="/browse?category=%E6%89%93%E5%8D%B0%2F%E5%85%B1%E4%BA%AB"' in text

    def test_an_exact_match_names_the_code_as_typed(self, filled, index, monkeypatch) -> None:
        answering(index, monkeypatch, why=("exact:0x8004010f", "meaning"))

        text = page(filled, "/search?q=0x8004010F")

        assert "精确：0x8004010F" in text
        assert "<span>语义</span>" in text

    def test_what_is_searched_for_is_escaped(self, filled: FlaskClient) -> None:
        text = page(filled, "/search", query_string={"q": '"><script>alert(1)</script>'})

        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text

    def test_a_snippet_is_escaped_around_its_marks(self, filled, index, monkeypatch) -> None:
        answering(index, monkeypatch, snippet=Snippet("<b>重启</b> & 等待", ((3, 5),)))

        assert "&lt;b&gt;<mark>重启</mark>&lt;/b&gt; &amp; 等待" in page(filled, "/search?q=重启")

    def test_nothing_found_helps_on(self, filled: FlaskClient) -> None:
        text = page(filled, "/search?q=qqqzzz")

        assert "没有找到“qqqzzz”" in text
        assert "写出准确的错误代码" in text

    def test_nothing_found_with_filters_offers_to_drop_them(self, filled: FlaskClient) -> None:
        assert "去掉筛选条件再搜" in page(filled, "/search?q=打印机&product=Nothing")

    def test_no_sure_answer_is_said_above_the_hits(self, filled, index, monkeypatch) -> None:
        answering(index, monkeypatch, no_good_answer=True)

        text = page(filled, "/search?q=打印机")

        assert text.index("没有把握的答案") < text.index("data-hits")

    def test_a_degraded_answer_says_so(self, filled, index, monkeypatch) -> None:
        answering(index, monkeypatch, degraded=True)

        assert "语义搜索暂不可用" in page(filled, "/search?q=打印机")

    def test_titles_are_found_while_there_is_no_index(self, filled, index: FakeIndex) -> None:
        index.is_available = False

        assert "/articles/KB-0001?from=" in page(filled, "/search?q=打印机")

    def test_corrections_are_links(self, filled, index, monkeypatch) -> None:
        answering(index, monkeypatch, corrections=("打印机",))

        assert 'href="/search?q=%E6%89%93%E5%8D%B0%E6%9C%BA" data-query="打印机"' in page(filled, "/search?q=打印几")

    def test_pages_lead_on_and_back(self, filled: FlaskClient, importer, article_folder, database, index) -> None:
        for number in range(12):
            write(article_folder, f"many{number}.md", markdown(f"KB-1{number:03}", f"扫描仪 {number}"))
        importer.import_folder()
        IndexConsumer(database, index).catch_up()

        first = page(filled, "/search?q=扫描仪")
        following = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        second = page(filled, following)

        assert "第 1–10 条，共约 12 条" in first
        assert "第 11–12 条，共约 12 条" in second
        assert "第一页" in second

    def test_a_passage_that_repeats_the_facts_gives_way_to_the_beginning(self, filled, index, monkeypatch) -> None:
        answering(index, monkeypatch, snippet=Snippet("打印 共享 Windows"))

        assert "重启 spooler 服务" in page(filled, "/search?q=打印机").replace("<mark>", "").replace("</mark>", "")

    def test_a_query_beyond_the_limit_is_refused_in_a_sentence(self, filled: FlaskClient) -> None:
        response = filled.get("/search", query_string={"q": "长" * 600})

        assert response.status_code == 400
        assert "最多可以有 512 个" in response.text


class TestFacets:
    def test_a_chosen_facet_becomes_a_chip_that_takes_it_back(self, filled: FlaskClient) -> None:
        text = page(filled, "/search?q=打印机&product=Windows")

        assert 'aria-label="去掉条件“Windows”"' in text
        assert 'data-facet="product:Windows" aria-current="true"' in text

    def test_choosing_keeps_the_query_and_the_other_choices(self, filled: FlaskClient) -> None:
        text = page(filled, "/search?q=打印机&tag=打印")

        assert "/search?q=%E6%89%93%E5%8D%B0%E6%9C%BA&amp;product=Windows" not in text.partition("data-hits")[2]
        assert 'data-facet="tag:打印" aria-current="true"' in text


class TestFragment:
    def test_is_the_results_without_the_frame(self, filled: FlaskClient) -> None:
        text = page(filled, "/search/fragment?q=打印机")

        assert "data-hits" in text
        assert "<html" not in text

    @pytest.mark.parametrize(("address", "events"), [("?q=打印机", 0), ("?q=打印机&settled=1", 1)])
    def test_counts_as_a_search_once_typing_has_settled(
        self, filled: FlaskClient, services, database: Database, address: str, events: int
    ) -> None:
        page(filled, f"/search/fragment{address}")
        services.feedback._log.flush()

        with database.read() as session:
            assert len(session.scalars(select(SearchEventRow)).all()) == events


class TestArticle:
    def test_shows_facts_body_and_history(self, filled: FlaskClient) -> None:
        text = page(filled, "/articles/KB-0001")

        assert "zhang.wei" in text
        assert 'data-section="steps"' in text
        assert "修订记录" in text

    def test_gives_the_steps_as_plain_text(self, filled: FlaskClient) -> None:
        response = filled.get("/articles/KB-0001/steps")

        assert response.content_type == "text/plain; charset=utf-8"
        assert response.text == "1. 重启 spooler 服务。"

    def test_an_internal_article_is_nothing_to_a_public_reader(self, filled: FlaskClient) -> None:
        assert filled.get("/articles/KB-0003", headers=PROXIED).status_code == 404

    def test_opening_it_counts_even_with_a_made_up_search_id(self, filled, services, database: Database) -> None:
        filled.get("/articles/KB-0001?from=%00nonsense")
        services.feedback._log.flush()

        with database.read() as session:
            assert len(session.scalars(select(FeedbackRow)).all()) == 1

    def test_feedback_goes_back_to_the_article_and_thanks(self, filled: FlaskClient) -> None:
        response = filled.post("/articles/KB-0001/feedback", data={"event": "helpful"}, follow_redirects=True)

        assert response.request.path == "/articles/KB-0001"
        assert "已记下，谢谢" in response.text

    @pytest.mark.parametrize("event", ["", "opened", "nonsense"])
    def test_feedback_of_another_kind_is_refused(self, filled: FlaskClient, event: str) -> None:
        assert filled.post("/articles/KB-0001/feedback", data={"event": event}).status_code == 400

    def test_feedback_from_another_site_is_refused(self, filled: FlaskClient) -> None:
        headers = {"Origin": "https://elsewhere.example"}

        response = filled.post("/articles/KB-0001/feedback", data={"event": "helpful"}, headers=headers)

        assert response.status_code == 403


class TestBrowse:
    def test_a_category_holds_those_below_it(self, filled: FlaskClient) -> None:
        assert "/articles/KB-0001" in page(filled, "/browse?category=打印")

    def test_a_product_restricts(self, filled: FlaskClient) -> None:
        text = page(filled, "/browse?product=Outlook")

        assert ("/articles/KB-0002" in text, "/articles/KB-0001" in text) == (True, False)

    def test_an_empty_category_says_so(self, filled: FlaskClient) -> None:
        assert "这里还没有文章" in page(filled, "/browse?category=无")

    @pytest.mark.parametrize("number", ["0", "-1", "x", "１", "9" * 30])
    def test_a_page_that_is_no_number_is_refused(self, filled: FlaskClient, number: str) -> None:
        assert filled.get("/browse", query_string={"page": number}).status_code == 400


class TestStatus:
    def test_names_refused_files_with_line_and_reason(self, filled, importer, article_folder) -> None:
        write(article_folder, "bad.md", "---\ntitle: [unclosed\n---\n")
        importer.import_folder()

        assert "<code>bad.md</code>" in page(filled, "/status")

    def test_is_not_there_for_public_readers(self, filled: FlaskClient) -> None:
        assert filled.get("/status", headers=PROXIED).status_code == 404


class TestApiReference:
    def test_names_every_operation(self, filled: FlaskClient) -> None:
        text = page(filled, "/api/docs")

        assert "<code>/api/v1/search</code>" in text
        assert "<code>/api/v1/feedback</code>" in text


class TestErrors:
    @pytest.mark.parametrize(
        ("language", "expected"), [("zh", "这里没有内容"), ("en", "Nothing here")], ids=["zh", "en"]
    )
    def test_speak_the_readers_language_and_offer_a_search(
        self, filled: FlaskClient, language: str, expected: str
    ) -> None:
        filled.set_cookie("lang", language)

        response = filled.get("/nothing")

        assert response.status_code == 404
        assert expected in response.text
        assert 'name="q"' in response.text

    def test_a_failure_shows_no_detail(self, filled: FlaskClient, app: Flask, monkeypatch) -> None:
        app.config["PROPAGATE_EXCEPTIONS"] = False
        monkeypatch.setattr("kbserver.web.home.api_reference", lambda: 1 / 0)

        response = filled.get("/api/docs")

        assert response.status_code == 500
        assert "服务器出错" in response.text
        assert "division" not in response.text


class TestPreferences:
    @pytest.mark.parametrize(("name", "value"), [("lang", "en"), ("theme", "dark")])
    def test_are_remembered(self, filled: FlaskClient, name: str, value: str) -> None:
        filled.get(f"/preferences?{name}={value}&next=/browse")

        assert filled.get_cookie(name).value == value

    def test_the_chosen_theme_is_in_the_page_itself(self, filled: FlaskClient) -> None:
        filled.get("/preferences?theme=dark")

        assert 'data-theme="dark"' in page(filled, "/")

    @pytest.mark.parametrize("value", ["", "fr", "dark; Path=/x", "<b>"])
    def test_unknown_values_are_ignored(self, filled: FlaskClient, value: str) -> None:
        response = filled.get("/preferences", query_string={"lang": value, "theme": value})

        assert (response.status_code, "Set-Cookie" in response.headers) == (303, False)

    @pytest.mark.parametrize(
        "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: 1"]
    )
    def test_lead_back_to_this_site_only(self, filled: FlaskClient, target: str) -> None:
        response = filled.get("/preferences", query_string={"next": target, "lang": "en"})

        assert response.headers["Location"] == "/"
