"""The contract of the search port, over the embedded backend and the fake alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from indexer.articles import Article, Audience, Filters, Mode, SearchRequest
from indexer.encoding import HashEncoder
from kbserver.adapters.null_index import NullSearchIndex
from kbserver.adapters.search_index import EmbeddedSearchIndex
from kbserver.config import Settings
from kbserver.errors import IndexUnavailable
from kbserver.services.ports import SearchIndex
from tests.fakes import FakeIndex

PRINTER = Article("KB-0001", "打印机 脱机", "重启 spooler", audience=Audience.PUBLIC, product=("Windows",))
OUTLOOK = Article("KB-0002", "Outlook 收不到", "重建 profile", audience=Audience.CUSTOMER)
SECRET = Article("KB-0003", "打印机 zanzibar", "管理口令", audience=Audience.INTERNAL)


def embedded(settings: Settings) -> EmbeddedSearchIndex:
    index = EmbeddedSearchIndex(settings, load=HashEncoder)
    index.load_model()
    return index


def fake(_settings: Settings) -> FakeIndex:
    return FakeIndex()


@pytest.fixture(params=[embedded, fake], ids=["embedded", "fake"])
def index(request: pytest.FixtureRequest, settings: Settings) -> SearchIndex:
    make: Callable[[Settings], SearchIndex] = request.param
    index = make(settings)
    index.rebuild([PRINTER, OUTLOOK, SECRET], 3)
    return index


def ids(index: SearchIndex, text: str, reader: Audience = Audience.INTERNAL, **more: object) -> list[str]:
    return [hit.article_id for hit in index.search(SearchRequest(text, reader, **more)).hits]


def test_an_article_is_found_by_its_words(index: SearchIndex) -> None:
    assert ids(index, "outlook")[0] == "KB-0002"


@pytest.mark.parametrize(
    ("reader", "expected"),
    [(Audience.PUBLIC, {"KB-0001"}), (Audience.CUSTOMER, {"KB-0001"}), (Audience.INTERNAL, {"KB-0001", "KB-0003"})],
)
def test_a_reader_finds_only_what_they_may_read(index: SearchIndex, reader: Audience, expected: set[str]) -> None:
    found = set(ids(index, "打印机", reader))

    assert expected <= found
    assert reader is Audience.INTERNAL or "KB-0003" not in found


def test_filters_hold(index: SearchIndex) -> None:
    assert ids(index, "打印机", filters=Filters({"product": ("Windows",)})) == ["KB-0001"]


def test_facets_do_not_count_what_is_hidden(index: SearchIndex) -> None:
    answer = index.search(SearchRequest("zanzibar", Audience.PUBLIC))

    assert "KB-0003" not in [hit.article_id for hit in answer.hits]


def test_a_changed_article_is_found_at_once(index: SearchIndex) -> None:
    index.update([Article("KB-0001", "扫描仪 xylophone", "新", audience=Audience.PUBLIC)], [], 4)

    assert ids(index, "xylophone")[0] == "KB-0001"
    assert index.status().sequence == 4


def test_a_deleted_article_is_gone_at_once(index: SearchIndex) -> None:
    index.update([], ["KB-0002"], 4)

    assert "KB-0002" not in ids(index, "outlook")


def test_the_same_update_twice_changes_nothing(index: SearchIndex) -> None:
    index.update([PRINTER], ["KB-0002"], 4)
    index.update([PRINTER], ["KB-0002"], 4)

    assert index.status().articles == 2


def test_typeahead_offers_only_what_may_be_read(index: SearchIndex) -> None:
    _, staff = index.typeahead("打印", Audience.INTERNAL, 6)
    queries, public = index.typeahead("打印", Audience.PUBLIC, 6)

    assert "KB-0001" in public
    assert set(staff) >= set(public)
    assert "KB-0003" not in public
    assert not any("zanzibar" in query for query in queries)


def test_related_articles_are_those_that_may_be_read(index: SearchIndex) -> None:
    assert "KB-0003" not in index.related("KB-0001", Audience.PUBLIC, 5)
    assert "KB-0001" not in index.related("KB-0001", Audience.INTERNAL, 5)


def test_status_counts(index: SearchIndex) -> None:
    status = index.status()

    assert (status.ready, status.articles, status.sequence) == (True, 3, 3)


def test_without_an_index_nothing_answers_and_it_asks_to_be_built(settings: Settings) -> None:
    index = EmbeddedSearchIndex(settings)

    with pytest.raises(IndexUnavailable):
        index.search(SearchRequest("打印机"))
    assert index.status().needs_rebuild


def test_the_null_index_answers_nothing() -> None:
    index = NullSearchIndex()
    index.update([PRINTER], [], 1)

    with pytest.raises(IndexUnavailable):
        index.search(SearchRequest("打印机"))
    assert not index.status().ready


def test_before_the_model_is_there_words_answer_and_it_is_said(settings: Settings) -> None:
    index = EmbeddedSearchIndex(settings)
    index.rebuild([PRINTER], 1)

    answer = index.search(SearchRequest("打印机", Audience.INTERNAL))

    assert (answer.degraded, [hit.article_id for hit in answer.hits]) == (True, ["KB-0001"])
    assert index.status().degraded


def test_a_hidden_tag_cuts_up_no_question_from_outside(settings: Settings) -> None:
    """Otherwise whoever asks for a tag that is hidden could tell that there is such a tag."""

    def marked(names: tuple[str, ...], reader: Audience) -> object:
        index = EmbeddedSearchIndex(settings, names, load=HashEncoder)
        index.rebuild([Article("KB-1", "打印机网络变慢", "检查打印机网络。", audience=Audience.PUBLIC)], 1)
        found = index.search(SearchRequest("机网络", reader, Mode.KEYWORD))
        index.close()
        return found.hits[0].snippet

    assert marked(("机网络",), Audience.PUBLIC) == marked((), Audience.PUBLIC)
    assert marked(("机网络",), Audience.INTERNAL) != marked((), Audience.INTERNAL)


def test_check_names_what_differs_and_repair_makes_it_right(settings: Settings) -> None:
    index = embedded(settings)
    index.rebuild([PRINTER, OUTLOOK], 2)

    found = index.check([PRINTER, SECRET])
    index.repair([PRINTER, SECRET], 3)

    assert any("KB-0002" in problem for problem in found)
    assert any("KB-0003" in problem for problem in found)
    assert index.check([PRINTER, SECRET]) == ()


@pytest.mark.parametrize(
    "look",
    [
        lambda index, hidden: ids(index, "打印机", hidden=hidden),
        lambda index, hidden: index.typeahead("打印", Audience.INTERNAL, 5, hidden)[1],
        lambda index, hidden: index.related("KB-0003", Audience.INTERNAL, 5, hidden),
    ],
    ids=["search", "typeahead", "related"],
)
def test_a_hidden_article_does_not_exist_for_the_question(look, index: SearchIndex) -> None:
    assert "KB-0001" in look(index, frozenset())
    assert "KB-0001" not in look(index, frozenset({"KB-0001"}))


def test_facets_do_not_count_a_hidden_article(index: SearchIndex) -> None:
    answer = index.search(SearchRequest("打印机", Audience.INTERNAL, hidden=frozenset({"KB-0001"})))

    assert answer.facets.get("product", {}) == {}


def test_a_lowered_article_says_so_and_its_score_falls(index: SearchIndex) -> None:
    usual = index.search(SearchRequest("打印机 脱机", Audience.INTERNAL)).hits
    lowered = index.search(SearchRequest("打印机 脱机", Audience.INTERNAL, lowered=frozenset({"KB-0001"}))).hits

    assert [hit.why[-1] for hit in lowered if hit.article_id == "KB-0001"] == ["overdue"]
    assert not any("overdue" in hit.why for hit in usual)


def test_scores_fall_from_hit_to_hit_with_lowered_articles_too(index: SearchIndex) -> None:
    answer = index.search(SearchRequest("打印机", Audience.INTERNAL, lowered=frozenset({"KB-0001", "KB-0002"})))

    scores = [hit.score for hit in answer.hits]
    assert scores == sorted(scores, reverse=True)
