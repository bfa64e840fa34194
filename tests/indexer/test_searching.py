from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from indexer import searching
from indexer.articles import Article, Audience, Filters, Mode, SearchRequest
from indexer.encoding.errors import EncoderBusy, EncoderTimeout
from indexer.encoding.hashing import HashEncoder
from indexer.encoding.queue import EncoderQueue, Reading
from indexer.searching import Searcher


def ask(text: str, **options) -> SearchRequest:
    return SearchRequest(text, **{"reader": Audience.INTERNAL} | options)


class BusyEncoder(HashEncoder):
    def encode_query(self, text):
        raise EncoderBusy("full")


class TimedOut(HashEncoder):
    """Takes a question and does not give its vector in time."""

    milliseconds = 7.0

    def begin_query(self, text):
        return self

    def vector(self):
        raise EncoderTimeout("late")


class FullQueue(HashEncoder):
    def begin_query(self, text):
        raise EncoderBusy("full")


def ids(answer) -> list[str]:
    return [hit.article_id for hit in answer.hits]


@pytest.mark.parametrize("mode", list(Mode))
def test_every_mode_finds_the_article_of_a_word(searcher, mode):
    assert "KB-7" in ids(searcher.search(ask("打印机 7 号脱机 mark7x", mode=mode)))[:5]


@pytest.mark.parametrize("text", ["0x80040007", "80040007", "错误代码 0X80040007 打印机脱机"])
def test_an_identifier_puts_its_article_first(searcher, text):
    hit = searcher.search(ask(text)).hits[0]
    assert hit.article_id == "KB-7"
    assert hit.why[0].startswith("exact:")


def test_a_reader_never_gets_what_is_above_them(searcher):
    answer = searcher.search(ask("打印机脱机", reader=Audience.PUBLIC, limit=50))
    assert all(int(id_[3:]) % 2 for id_ in ids(answer))
    assert answer.facets["product"] == {"HP": 6}
    assert answer.estimated_total == 6


@pytest.mark.parametrize("mode", list(Mode))
def test_a_hidden_article_cannot_be_had_by_its_own_word(searcher, mode):
    answer = searcher.search(ask("mark4x", reader=Audience.PUBLIC, mode=mode, limit=50))
    assert "KB-4" not in ids(answer)


def test_a_filter_keeps_only_articles_with_the_value(searcher):
    filters = Filters({"product": ("HP",), "category": ("打印",)})
    answer = searcher.search(ask("打印机脱机", filters=filters, limit=50))
    assert len(answer.hits) == 6
    assert answer.facets["product"] == {"HP": 6}


@pytest.mark.parametrize(
    "filters", [Filters({"product": ("x",)}), Filters(lang="en"), Filters(audience=Audience.CUSTOMER)]
)
def test_a_filter_that_nothing_passes_gives_no_hits(searcher, filters):
    assert searcher.search(ask("打印机", filters=filters)).hits == ()


def test_pages_do_not_overlap_and_join_to_the_whole(searcher):
    whole = ids(searcher.search(ask("打印机脱机", limit=12)))
    pages = [ids(searcher.search(ask("打印机脱机", limit=4, offset=at))) for at in (0, 4, 8)]
    assert [id_ for page in pages for id_ in page] == whole


def test_scores_fall_from_hit_to_hit(searcher):
    scores = [hit.score for hit in searcher.search(ask("打印机 3 脱机")).hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


@pytest.mark.parametrize("text", ["", "  ", "\u3000", "\u200b"])
def test_an_empty_question_has_an_empty_answer(searcher, text):
    assert searcher.search(ask(text)).hits == ()


@pytest.mark.parametrize("text", ["*" * 400, "(((" * 500, "a" * 20000, "的", "id:1 AND NOT", "🖨️" * 50])
def test_odd_questions_are_answered(searcher, text):
    searcher.search(ask(text))


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.VECTOR])
@pytest.mark.parametrize("asking", [None, BusyEncoder(64), HashEncoder(32), FullQueue(64), TimedOut(64)])
def test_without_a_query_vector_words_answer_and_it_is_said(root, tokenizer, asking, mode):
    searcher = Searcher(root, tokenizer=tokenizer, encoder=asking)
    answer = searcher.search(ask("mark7x", mode=mode))
    assert answer.degraded
    assert ids(answer)[0] == "KB-7"


def test_words_are_looked_up_while_the_question_is_read(root, tokenizer, encoder, monkeypatch):
    events = []
    queue = EncoderQueue(encoder)
    begin, look_up, wait = queue.begin_query, searching.look_up, Reading.vector
    monkeypatch.setattr(queue, "begin_query", lambda text: (events.append("asked"), begin(text))[1])
    monkeypatch.setattr(searching, "look_up", lambda *given: (events.append("words"), look_up(*given))[1])
    monkeypatch.setattr(Reading, "vector", lambda reading: (events.append("vector"), wait(reading))[1])

    answer = Searcher(root, tokenizer=tokenizer, encoder=queue).search(ask("打印机 7 号"))
    queue.close()

    assert events == ["asked", "words", "vector"]
    assert answer.hits == Searcher(root, tokenizer=tokenizer, encoder=encoder).search(ask("打印机 7 号")).hits
    assert answer.encode_ms > 0


def test_keyword_mode_is_not_degraded(searcher):
    assert not searcher.search(ask("mark7x", mode=Mode.KEYWORD)).degraded


def test_a_missing_index_is_empty(tmp_path, tokenizer, encoder):
    searcher = Searcher(tmp_path, tokenizer=tokenizer, encoder=encoder)
    assert searcher.search(ask("打印机")).hits == ()
    assert searcher.status().articles == 0
    assert searcher.typeahead("打", Audience.INTERNAL).articles == ()


def test_refresh_says_whether_the_generation_changed(searcher, writer):
    assert not searcher.refresh()
    writer.update([Article("N", "zebra", "")])
    assert searcher.refresh()
    assert searcher.search(ask("zebra")).generation == searcher.status().generation == 2


def test_an_encoder_that_becomes_ready_is_used_after_a_refresh(root, tokenizer, encoder):
    class LateEncoder(HashEncoder):
        ready = False

        def __getattribute__(self, name):
            if name == "model_hash" and not type(self).ready:
                raise EncoderBusy("the model is being loaded")
            return super().__getattribute__(name)

    searcher = Searcher(root, tokenizer=tokenizer, encoder=LateEncoder(64))
    assert searcher.search(ask("打印机")).degraded
    LateEncoder.ready = True
    searcher.refresh()
    assert not searcher.search(ask("打印机")).degraded


def test_debug_lists_the_signals(searcher):
    assert searcher.search(ask("打印机", debug=True)).hits[0].signals["dense"] >= 0


def test_vectors_score_exactly(searcher, encoder):
    snapshot = searcher._snapshot
    query = encoder.encode_query("打印机脱机")
    rows, cosines = snapshot.nearest(query, 5, snapshot.visible(Audience.INTERNAL, Filters()))
    stored = snapshot.parts[0].vectors.stored.astype(np.float32) @ query
    np.testing.assert_allclose(cosines, stored[rows], atol=1e-4)
    np.testing.assert_allclose(cosines, np.sort(stored)[::-1][:5], atol=1e-4)


def test_threads_search_while_generations_change(searcher, writer, articles):
    stop, wrong = threading.Event(), []

    def keep_asking() -> None:
        while not stop.is_set():
            try:
                answer = searcher.search(ask("mark7x"))
                if not answer.hits or answer.hits[0].article_id != "KB-7":
                    wrong.append(answer)
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=keep_asking) for _ in range(3)]
    for thread in threads:
        thread.start()
    for at in range(10):
        writer.update([replace(articles[0], body=f"第 {at} 版")])
        searcher.refresh()
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
