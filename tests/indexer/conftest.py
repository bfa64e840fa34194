"""A small collection about printers and mail, and an index of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.articles import Article, Audience
from indexer.building import build_index
from indexer.encoding.hashing import HashEncoder
from indexer.searching import Searcher
from indexer.tokenizing import Tokenizer
from indexer.updating import IndexWriter


def make_articles(count: int = 12) -> list[Article]:
    """Articles KB-0, KB-1 ... with one word and one error code of their own each."""
    return [
        Article(
            f"KB-{number}",
            f"打印机 {number} 号脱机",
            f"## 现象\n\n打印机脱机，错误 0x8004{number:04X}，标记 mark{number}x。\n\n"
            f"## 步骤\n\n重启 spooler 服务，第 {number} 台。",
            product=("HP" if number % 2 else "Canon",),
            category="打印/网络",
            audience=Audience.PUBLIC if number % 2 else Audience.INTERNAL,
            issue=(f"打印机没有反应 {number}",),
        )
        for number in range(count)
    ]


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return Tokenizer()


@pytest.fixture(scope="session")
def encoder() -> HashEncoder:
    return HashEncoder(64)


@pytest.fixture
def articles() -> list[Article]:
    return make_articles()


@pytest.fixture
def root(tmp_path: Path, articles, tokenizer, encoder) -> Path:
    """An index of `articles`."""
    folder = tmp_path / "index"
    build_index(folder, articles, encoder=encoder, tokenizer=tokenizer, sequence=1)
    return folder


@pytest.fixture
def writer(root: Path, tokenizer, encoder) -> IndexWriter:
    return IndexWriter(root, tokenizer=tokenizer, encoder=encoder)


@pytest.fixture
def searcher(root: Path, tokenizer, encoder) -> Searcher:
    return Searcher(root, tokenizer=tokenizer, encoder=encoder)
