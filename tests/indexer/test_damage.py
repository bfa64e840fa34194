"""Every file of the index cut off or with one bit flipped: noticed, said, and served around."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from indexer.articles import Article, Audience, SearchRequest
from indexer.searching import Searcher

FILES = (
    "CURRENT",
    "gen-000002/manifest.json",
    "delta/postings.arrays",
    "delta/passages.jsonl",
    "delta/phrases.json",
    "delta/articles.json",
    "delta/whoosh/*.seg",
    "delta/whoosh/*.toc",
    "vectors/vectors.f16.npy",
)
CUTS = ("empty", "one byte", "half", "all but one")
FLIPS = range(8)


def file_of(root: Path, name: str) -> Path:
    """The file of that name that only the newest generation needs."""
    folder, _, rest = name.partition("/")
    if folder not in ("delta", "vectors"):
        return root / name
    parts = root / ("segments" if folder == "delta" else "vectors")
    newest = max(parts.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    return next(newest.glob(rest))


def cut(path: Path, how: str) -> None:
    content = path.read_bytes()
    length = {"empty": 0, "one byte": 1, "half": len(content) // 2, "all but one": len(content) - 1}
    path.write_bytes(content[: length[how]])


def flip(path: Path, seed: int) -> None:
    content = bytearray(path.read_bytes())
    bit = random.Random(f"{path.name}{seed}").randrange(8 * len(content))
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(bytes(content))


@pytest.fixture
def grown(root, writer) -> Path:
    writer.update([Article("N", "zebra", "正文")])
    return root


def assert_served_around(root: Path, tokenizer, encoder) -> None:
    searcher = Searcher(root, tokenizer=tokenizer, encoder=encoder)
    answer = searcher.search(SearchRequest("mark7x", reader=Audience.INTERNAL))
    assert answer.hits[0].article_id == "KB-7"
    assert searcher.status().problems


@pytest.mark.parametrize("how", CUTS)
@pytest.mark.parametrize("name", FILES)
def test_a_cut_off_file_is_noticed_and_served_around(grown, tokenizer, encoder, name, how):
    cut(file_of(grown, name), how)
    assert_served_around(grown, tokenizer, encoder)


@pytest.mark.parametrize("seed", FLIPS)
@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit_is_noticed_and_served_around(grown, tokenizer, encoder, name, seed):
    path = file_of(grown, name)
    flip(path, seed)
    assert_served_around(grown, tokenizer, encoder)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_noticed_and_served_around(grown, tokenizer, encoder, name):
    file_of(grown, name).unlink()
    assert_served_around(grown, tokenizer, encoder)


def test_a_damaged_base_leaves_the_other_segments(grown, tokenizer, encoder):
    oldest = min((grown / "segments").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    flip(oldest / "postings.arrays", 0)
    searcher = Searcher(grown, tokenizer=tokenizer, encoder=encoder)
    hits = searcher.search(SearchRequest("zebra", reader=Audience.INTERNAL)).hits
    assert [hit.article_id for hit in hits] == ["N"]
    assert searcher.status().problems


def test_damaged_vectors_leave_the_words(root, tokenizer, encoder):
    flip(next(root.glob("vectors/*/vectors.f16.npy")), 1)
    searcher = Searcher(root, tokenizer=tokenizer, encoder=encoder)
    answer = searcher.search(SearchRequest("mark7x", reader=Audience.INTERNAL))
    assert answer.degraded
    assert answer.hits[0].article_id == "KB-7"


def test_nothing_whole_is_empty_and_said(root, tokenizer, encoder):
    shutil.rmtree(root / "segments")
    searcher = Searcher(root, tokenizer=tokenizer, encoder=encoder)
    assert searcher.search(SearchRequest("mark7x")).hits == ()
    assert searcher.status().problems


def test_a_planted_pickle_is_never_loaded(root, tokenizer, encoder, tmp_path):
    witness = tmp_path / "run"
    toc = next(root.glob("segments/*/whoosh/*.toc"))
    toc.write_bytes(b"cos\nsystem\n(S'touch " + str(witness).encode() + b"'\ntR.")
    searcher = Searcher(root, tokenizer=tokenizer, encoder=encoder)
    searcher.typeahead("spo", Audience.INTERNAL)
    assert not witness.exists()
