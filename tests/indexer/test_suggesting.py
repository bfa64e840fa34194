from __future__ import annotations

import pytest

from indexer.articles import Audience, SearchRequest


def test_typing_offers_titles_and_issue_lines(searcher):
    offered = searcher.typeahead("打印机", Audience.INTERNAL, 3)
    assert len(offered.articles) == 3
    assert offered.queries[0].startswith("打印机没有反应")


def test_a_part_of_a_word_is_completed(searcher):
    assert searcher.typeahead("重启 spo", Audience.INTERNAL).queries == ("重启 spooler",)


@pytest.mark.parametrize("prefix", ["mark4", "打印机 4", "打印机没有反应 4", "4 号"])
def test_nothing_hidden_is_offered(searcher, prefix):
    offered = searcher.typeahead(prefix, Audience.PUBLIC, 50)
    assert not any("4" in query.removeprefix(prefix) or query == "mark4x" for query in offered.queries)
    assert "KB-4" not in [article.article_id for article in offered.articles]


@pytest.mark.parametrize("prefix", ["", " ", "*", "\\", "(" * 500, "a" * 5000])
def test_odd_prefixes_are_answered(searcher, prefix):
    searcher.typeahead(prefix, Audience.INTERNAL)


@pytest.mark.parametrize(
    ("typed", "meant"), [("spoler 服务", "spooler 服务"), ("spooller", "spooler"), ("脱鸡", "脱机")]
)
def test_a_slip_is_corrected(searcher, typed, meant):
    answer = searcher.search(SearchRequest(typed, reader=Audience.INTERNAL))
    assert answer.corrections == (meant,)


def test_a_correction_never_names_a_hidden_word(searcher):
    answer = searcher.search(SearchRequest("mark4y", reader=Audience.PUBLIC))
    assert answer.corrections != ("mark4x",)


def test_known_words_are_left_alone(searcher):
    assert searcher.search(SearchRequest("打印机 spooler")).corrections == ()


def test_related_articles_exclude_the_article_and_what_is_hidden(searcher):
    offered = [article.article_id for article in searcher.related("KB-3", Audience.PUBLIC, 4)]
    assert len(offered) == 4
    assert all(int(id_[3:]) % 2 and id_ != "KB-3" for id_ in offered)


@pytest.mark.parametrize("article_id", ["KB-4", "none"])
def test_nothing_is_related_to_what_may_not_be_seen(searcher, article_id):
    assert searcher.related(article_id, Audience.PUBLIC) == ()
