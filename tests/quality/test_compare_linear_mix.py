from __future__ import annotations

import json

import numpy as np
import pytest

from indexer.articles import Passage, PassageKind
from indexer.encoding import HashEncoder, VectorCache
from indexer.tokenizing import Tokenizer
from tests.quality.compare_linear_mix import Compared, PlainBm25, compare, lines, plain_words

TEXTS = {"p": "printer spooler stopped", "q": "mailbox quota exceeded", "r": "vpn tunnel reconnects"}


@pytest.fixture
def judged_folder(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    rows = [json.dumps({"id": name, "title": "", "text": text}) for name, text in TEXTS.items()]
    asked = [json.dumps({"id": f"ask-{name}", "text": text}) for name, text in TEXTS.items()]
    grades = [f"ask-{name}\t{name}\t1" for name in TEXTS]
    (folder / "corpus.jsonl").write_text("\n".join(rows))
    (folder / "queries.jsonl").write_text("\n".join(asked))
    (folder / "qrels.tsv").write_text("\n".join(["query_id\tdoc_id\tscore", *grades]))
    return folder


def test_both_systems_find_the_articles_that_say_what_was_asked(judged_folder, tmp_path):
    compared = compare(judged_folder, HashEncoder(), Tokenizer(), VectorCache(tmp_path / "vectors.sqlite3"))
    assert compared == Compared("set", [1.0] * 3, [1.0] * 3)


def test_punctuation_is_no_word_and_case_does_not_count():
    assert plain_words("VPN, 断开。") == ["vpn", "断开"]


def test_an_article_is_scored_by_the_words_of_all_its_passages():
    passages = [Passage(owner, PassageKind.SECTION, (), text, text) for owner, text in (("a", "x"), ("a", "y"))]
    other = Passage("b", PassageKind.SECTION, (), "x z", "x z")
    words = PlainBm25([*passages, other], np.array([0, 0, 1]), 2)
    alone = words.scores("x", "articles")
    assert words.scores("x y", "passages")[0] == words.scores("x", "passages")[0]
    assert words.scores("x y", "articles")[0] > alone[0]
    assert words.scores("x y", "articles")[1] == alone[1]


def test_the_mean_line_weighs_sets_alike():
    report = lines([Compared("large", [1.0] * 30, [0.5] * 30), Compared("small", [0.4], [0.5])])
    assert len(report) == 3
    assert report[-1].startswith("mean: product 0.7000, linear mix 0.5000, difference +0.2000")
