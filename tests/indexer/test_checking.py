from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.articles import Article
from indexer.building import build_index
from indexer.checking import DriftKind, check_index, repair
from indexer.encoding.hashing import HashEncoder
from indexer.segments import content_hash


def expected(articles):
    return {article.id: content_hash(article) for article in articles}


def test_a_sound_index_has_no_drift(root, articles, tokenizer, encoder):
    found = check_index(root, expected(articles), tokenizer=tokenizer, model=encoder.model_hash)
    assert found == []


def test_missing_extra_and_stale_articles_are_named(root, articles):
    published = [*articles[1:-1], Article("N", "new", ""), replace(articles[-1], body="other")]
    found = {(drift.kind, drift.id) for drift in check_index(root, expected(published))}
    assert found == {
        (DriftKind.MISSING, "N"),
        (DriftKind.EXTRA, "KB-0"),
        (DriftKind.STALE, "KB-11"),
    }


def test_another_model_and_tokenizer_are_named(root, tokenizer, monkeypatch):
    monkeypatch.setattr(type(tokenizer), "version", "other")
    found = {drift.kind for drift in check_index(root, tokenizer=tokenizer, model="other")}
    assert found == {DriftKind.WRONG_TOKENIZER, DriftKind.WRONG_MODEL}


def test_pending_vectors_are_named(tmp_path, articles, tokenizer):
    build_index(tmp_path, articles, encoder=None, tokenizer=tokenizer)
    assert [drift.kind for drift in check_index(tmp_path)] == [DriftKind.PENDING]


def test_no_index_is_named(tmp_path):
    assert [drift.kind for drift in check_index(tmp_path)] == [DriftKind.NO_INDEX]


def damage(root, pattern):
    path = next(root.glob(pattern))
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("pattern", ["segments/*/whoosh/*.seg", "vectors/*/*.npy", "CURRENT", "gen-*/*"])
def test_damage_is_found_and_repaired(root, articles, tokenizer, encoder, pattern):
    damage(root, pattern)
    assert repair(root, articles, tokenizer=tokenizer, encoder=encoder)
    assert check_index(root, expected(articles), tokenizer=tokenizer) == []


def test_drift_is_repaired_by_an_update(root, articles, tokenizer, encoder):
    published = [*articles[1:], Article("N", "new", "")]
    repair(root, published, tokenizer=tokenizer, encoder=encoder)
    assert check_index(root, expected(published)) == []


def test_another_model_is_repaired_by_encoding_anew(root, articles, tokenizer):
    other = HashEncoder(32)
    repair(root, articles, tokenizer=tokenizer, encoder=other)
    assert check_index(root, expected(articles), model=other.model_hash) == []
