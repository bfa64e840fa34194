"""An article with internal parts has two editions, and nobody outside the house notices the other one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.articles import Article, Audience, Filters, Mode, SearchRequest
from indexer.audience_sections import for_audience
from indexer.building import build_index
from indexer.checking import check_index, repair
from indexer.searching import Searcher
from indexer.segments import content_hash
from indexer.updating import IndexWriter

OUTSIDE = (Audience.CUSTOMER, Audience.PUBLIC)
SECRET = "\n\n## 处理 {internal}\n\n打印机 quokka 口令 zanzibar 长颈鹿园区 重启 0x8004BEEF，见 spooler。"


def mixed(count: int = 24) -> list[Article]:
    """Articles for every audience; each third has an internal section, and some are internal as a whole."""
    audiences = (Audience.PUBLIC, Audience.CUSTOMER, Audience.INTERNAL, Audience.PUBLIC)
    return [
        Article(
            f"KB-{number:02}",
            f"打印机 {number} 号脱机",
            f"## 现象\n\n打印机脱机，错误 0x8004{number:04X}，标记 mark{number}x。"
            f"{SECRET if number % 3 == 0 else ''}\n\n## 步骤\n\n重启 spooler 服务，第 {number} 台 outlook。",
            product=("HP" if number % 2 else "Canon",),
            category="打印/网络",
            audience=audiences[number % 4],
            issue=(f"打印机没有反应 {number}",),
        )
        for number in range(count)
    ]


def searcher_of(root, articles, tokenizer, encoder) -> Searcher:
    build_index(root, articles, encoder=encoder, tokenizer=tokenizer)
    return Searcher(root, tokenizer=tokenizer, encoder=encoder)


@pytest.fixture
def both(tmp_path, tokenizer, encoder) -> Searcher:
    return searcher_of(tmp_path / "both", mixed(), tokenizer, encoder)


def test_the_house_finds_an_article_by_its_internal_words_once(both):
    answer = both.search(SearchRequest("quokka zanzibar", Audience.INTERNAL, limit=50))

    found = [hit.article_id for hit in answer.hits]
    assert len(found) == len(set(found))
    assert found[0] in {article.id for article in mixed() if "zanzibar" in article.body}
    assert "zanzibar" in answer.hits[0].snippet.text


@pytest.mark.parametrize("reader", list(Audience))
@pytest.mark.parametrize("mode", list(Mode))
def test_each_article_is_found_and_counted_once_by_everybody(both, reader, mode):
    answer = both.search(SearchRequest("打印机脱机 spooler", reader, mode, limit=50))

    readable = [article for article in mixed() if article.audience in reader.readable()]
    assert sorted(hit.article_id for hit in answer.hits) == [article.id for article in readable]
    assert sum(answer.facets["product"].values()) <= len(readable)


@pytest.mark.parametrize("reader", OUTSIDE)
@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("query", ["quokka", "zanzibar 口令", "长颈鹿园区", "0x8004BEEF", "quok", "zanzibat", "处理"])
def test_internal_words_are_nothing_outside(both, reader, mode, query):
    answer = both.search(SearchRequest(query, reader, mode, limit=50))

    shown = " ".join(f"{hit.section} {hit.snippet.text} {hit.why}" for hit in answer.hits)
    assert not any(word in shown for word in ("quokka", "zanzibar", "长颈鹿", "BEEF", "处理"))
    assert not any("zanzibar" in text or "quokka" in text for text in answer.corrections)


@pytest.mark.parametrize("reader", OUTSIDE)
@pytest.mark.parametrize("mode", [Mode.KEYWORD, Mode.HYBRID])
def test_a_hidden_word_answers_like_one_that_nobody_wrote(both, reader, mode):
    """The same answer but for the word: no score, reason or count tells that it stands somewhere."""

    def asked(word: str):
        request = SearchRequest(f"打印机脱机 {word}", reader, mode, limit=50, debug=True)
        answer = both.search(request)
        return [
            (hit.article_id, hit.score, hit.confidence, hit.why, hit.snippet, hit.signals["words"])
            for hit in answer.hits
        ], (answer.estimated_total, answer.facets, answer.no_good_answer, answer.corrections)

    if mode is Mode.HYBRID:  # The query's own vector differs from word to word.
        assert asked("zanzibar")[1] == asked("zqnzxbqr")[1]
    else:
        assert asked("zanzibar") == asked("zqnzxbqr")


@pytest.mark.parametrize("reader", OUTSIDE)
def test_outside_all_is_as_if_the_internal_parts_had_never_been_written(tmp_path, both, tokenizer, encoder, reader):
    without = [
        replace(article, body=for_audience(article.body, reader))
        for article in mixed()
        if article.audience in reader.readable()
    ]
    plain = searcher_of(tmp_path / "plain", without, tokenizer, encoder)

    for query in ("打印机脱机", "spooler 重启", "mark3x", "0x80040003", "outlok 第 9 台", "zanzibar", "打印机没反应"):
        for mode in Mode:
            request = SearchRequest(query, reader, mode, limit=50)
            one, other = both.search(request), plain.search(request)
            ids = [hit.article_id for hit in one.hits]
            assert sorted(ids) == sorted(hit.article_id for hit in other.hits)
            assert (one.facets, one.corrections) == (other.facets, other.corrections)
            scores = {hit.article_id: hit.score for hit in other.hits}
            assert all(abs(hit.score - scores[hit.article_id]) < 0.01 for hit in one.hits), (query, mode)
    for typed in ("打印", "zan", "quo", "长", "spo", "mark", "没有反应", "0x8004"):
        assert both.typeahead(typed, reader) == plain.typeahead(typed, reader)
    for article in without:
        assert {a.article_id for a in both.related(article.id, reader, 50)} == {
            a.article_id for a in plain.related(article.id, reader, 50)
        }


def test_the_house_is_offered_internal_words(both):
    assert "zanzibar" in both.typeahead("zan", Audience.INTERNAL).queries
    assert both.search(SearchRequest("zanzibat", Audience.INTERNAL)).corrections == ("zanzibar",)


def test_the_house_may_still_ask_for_customers_articles_alone(both):
    asked = SearchRequest("zanzibar", Audience.INTERNAL, filters=Filters(audience=Audience.CUSTOMER), limit=50)

    assert {hit.article_id for hit in both.search(asked).hits} <= {
        article.id for article in mixed() if article.audience is Audience.CUSTOMER
    }


def test_two_editions_are_one_article_to_status_and_check(tmp_path, both, tokenizer, encoder):
    expected = {article.id: content_hash(article) for article in mixed()}

    assert both.status().articles == 24
    assert check_index(tmp_path / "both", expected, tokenizer=tokenizer, model=encoder.model_hash) == []


def test_a_changed_article_changes_in_both_editions(tmp_path, both, tokenizer, encoder):
    writer = IndexWriter(tmp_path / "both", tokenizer=tokenizer, encoder=encoder)
    first = mixed()[0]

    report = writer.update([replace(first, body="## 新 {internal}\n\nokapi\n\n## 旧\n\ngiraffe")], ["KB-03"])
    both.refresh()

    def found(word: str, reader: Audience) -> list[str]:
        return [hit.article_id for hit in both.search(SearchRequest(word, reader, Mode.KEYWORD)).hits]

    assert (report.indexed, report.removed, both.status().articles) == (1, 1, 23)
    assert (found("okapi", Audience.INTERNAL), found("okapi", Audience.PUBLIC)) == ([first.id], [])
    assert (found("giraffe", Audience.INTERNAL), found("giraffe", Audience.PUBLIC)) == ([first.id], [first.id])
    assert found("mark3x", Audience.INTERNAL) == found("mark0x", Audience.INTERNAL) == []
    assert both.related(first.id, Audience.PUBLIC)


def test_an_article_that_loses_its_internal_part_has_one_edition(tmp_path, both, tokenizer, encoder):
    plain = [replace(article, body=for_audience(article.body, Audience.PUBLIC)) for article in mixed()]
    repair(tmp_path / "both", plain, tokenizer=tokenizer, encoder=encoder)
    both.refresh()

    expected = {article.id: content_hash(article) for article in plain}
    assert check_index(tmp_path / "both", expected) == []
    assert both.search(SearchRequest("zanzibar", Audience.INTERNAL, Mode.KEYWORD)).hits == ()


def test_joining_segments_keeps_both_editions(tmp_path, both, tokenizer, encoder):
    writer = IndexWriter(tmp_path / "both", tokenizer=tokenizer, encoder=encoder)
    for number in range(12):
        writer.update(
            [
                Article(
                    f"N-{number}",
                    f"新 {number}",
                    f"文\n\n## 密 {{internal}}\n\nokapi{number}",
                    audience=Audience.PUBLIC,
                )
            ]
        )
    writer.maintain()
    both.refresh()

    assert both.status().articles == 36
    assert [hit.article_id for hit in both.search(SearchRequest("okapi7", Audience.INTERNAL, Mode.KEYWORD)).hits] == [
        "N-7"
    ]
    assert both.search(SearchRequest("okapi7", Audience.PUBLIC, Mode.KEYWORD)).hits == ()
