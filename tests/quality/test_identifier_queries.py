"""Code and model queries over the shipped articles: the right article comes first, however the code is spelled."""

from pathlib import Path

import pytest

from indexer.articles import Audience, Mode, SearchRequest
from indexer.building import build_index
from indexer.encoding.hashing import HashEncoder
from indexer.frontmatter import scan_folder
from indexer.searching import Searcher
from indexer.terms import Terms
from indexer.tokenizing import Tokenizer

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    tuple(line.split("\t"))
    for line in (ROOT / "tests/data/identifier_queries.tsv").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def searcher(tmp_path_factory):
    root = tmp_path_factory.mktemp("index")
    articles = [file.article for file in scan_folder(ROOT / "articles") if file.article]
    tokenizer = Tokenizer(Terms.load(ROOT / "articles/terms.yml", articles))
    encoder = HashEncoder()
    build_index(root, articles, encoder=encoder, tokenizer=tokenizer)
    return Searcher(root, tokenizer=tokenizer, encoder=encoder)


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.KEYWORD])
@pytest.mark.parametrize(("query", "article_id"), ROWS, ids=[query for query, _ in ROWS])
def test_the_article_of_the_code_comes_first(searcher, query, article_id, mode):
    answer = searcher.search(SearchRequest(query, reader=Audience.INTERNAL, mode=mode))

    assert answer.hits[0].article_id == article_id


def test_there_are_at_least_sixty_code_queries():
    assert len(ROWS) >= 60


@pytest.mark.parametrize("query", sorted({query for query, _ in ROWS}))
def test_a_code_is_named_as_the_reason(searcher, query):
    answer = searcher.search(SearchRequest(query, reader=Audience.INTERNAL))

    assert any(reason.startswith("exact:") for reason in answer.hits[0].why)
