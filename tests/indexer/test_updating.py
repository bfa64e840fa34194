from __future__ import annotations

from dataclasses import replace

import pytest

from indexer import generations
from indexer.articles import Article, Audience, Mode, SearchRequest
from indexer.building import RebuildNeededError, build_index
from indexer.encoding.hashing import HashEncoder
from indexer.searching import Searcher
from indexer.updating import IndexWriter


def found(searcher: Searcher, text: str, mode: Mode = Mode.KEYWORD) -> list[str]:
    searcher.refresh()
    answer = searcher.search(SearchRequest(text, reader=Audience.INTERNAL, mode=mode))
    return [hit.article_id for hit in answer.hits]


class FailingEncoder(HashEncoder):
    def encode_passages(self, texts):
        raise OSError("no model")


def test_a_new_article_is_found(writer, searcher):
    assert writer.update([Article("N-1", "斑马 zebra", "正文")]).indexed == 1
    assert found(searcher, "zebra") == ["N-1"]


def test_a_changed_article_is_found_by_its_new_words_only(writer, searcher, articles):
    writer.update([replace(articles[3], body="只有 giraffe")])
    assert found(searcher, "giraffe") == ["KB-3"]
    assert found(searcher, "mark3x") == []


def test_a_deleted_article_is_gone_at_once(writer, searcher):
    assert writer.update([], ["KB-3"]).removed == 1
    assert found(searcher, "mark3x") == []


def test_unchanged_articles_are_skipped(writer, articles, root):
    before = generations.current_manifest(root).generation
    assert writer.update(articles).indexed == 0
    assert generations.current_manifest(root).generation == before


def test_the_sequence_is_kept_with_the_generation(writer):
    writer.update([], [], sequence=9)
    assert writer.sequence == 9


def test_many_new_passages_are_found_by_words_before_they_have_vectors(writer, searcher):
    new = [Article(f"N-{at}", f"新 {at}", "zebra 正文") for at in range(15)]
    assert writer.update(new).pending_vectors == 30
    assert len(found(searcher, "zebra")) == 10
    assert searcher.status().pending_vectors == 30


def test_pending_vectors_follow_in_a_later_generation(writer, searcher):
    writer.update([Article(f"N-{at}", f"新 {at}", "zebra 正文") for at in range(15)])
    assert writer.fill_pending() == 0
    assert found(searcher, "zebra 正文", Mode.VECTOR)[0].startswith("N-")


def test_a_failing_encoder_leaves_vectors_pending(root, tokenizer, searcher):
    writer = IndexWriter(root, tokenizer=tokenizer, encoder=FailingEncoder(64))
    assert writer.update([Article("N-1", "zebra", "正文")]).pending_vectors == 2
    assert found(searcher, "zebra") == ["N-1"]


def test_an_index_grows_from_nothing(tmp_path, tokenizer, encoder):
    IndexWriter(tmp_path, tokenizer=tokenizer, encoder=encoder).update([Article("A", "zebra", "")])
    assert found(Searcher(tmp_path, tokenizer=tokenizer, encoder=encoder), "zebra") == ["A"]


def test_another_tokenizer_needs_a_rebuild(root, tokenizer, encoder, articles, monkeypatch):
    monkeypatch.setattr(type(tokenizer), "version", "other")
    with pytest.raises(RebuildNeededError):
        IndexWriter(root, tokenizer=tokenizer, encoder=encoder).update(articles)


def test_small_segments_are_joined_without_changing_answers(writer, searcher, root):
    for at in range(12):
        writer.update([Article(f"N-{at}", f"斑马 zebra {at}", "正文")])
    writer.update([], ["N-5"])
    before = found(searcher, "zebra")
    assert writer.maintain()
    assert len(generations.current_manifest(root).segments) < 8
    assert found(searcher, "zebra") == before
    assert generations.current_manifest(root).pending == 0


def test_a_rebuild_keeps_what_was_committed_meanwhile(root, writer, searcher, tokenizer, articles):
    class Interrupting(HashEncoder):
        """Publishes and deletes while the build is encoding."""

        def encode_passages(self, texts):
            writer.update([Article("N-1", "zebra", "")], ["KB-3"], sequence=5)
            return super().encode_passages(texts)

    build_index(root, articles, encoder=Interrupting(64), tokenizer=tokenizer, sequence=4)
    assert found(searcher, "zebra") == ["N-1"]
    assert found(searcher, "mark3x") == []
    assert writer.sequence == 4
