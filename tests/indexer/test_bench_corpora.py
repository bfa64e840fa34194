"""The benchmark's collections: of the size asked, the same every time, and like the real ones."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.articles import Article
from tests.bench.corpora import Variations, perturbed

ARTICLES = [
    Article(
        f"KB-{number}",
        f"打印机 {number} 号脱机怎么办",
        f"## 现象\n\n打印机脱机，电脑提示错误 0x8004{number:04X}，重启电脑以后仍然不能打印文件。\n\n"
        f"```\nnet stop spooler\n```\n\n## 步骤\n\n" + "重新安装驱动程序，再检查网络连接和打印服务。" * (40 + number),
    )
    for number in range(12)
]


@pytest.fixture(scope="module")
def variations() -> Variations:
    return Variations(ARTICLES)


@pytest.mark.parametrize("size", [1, 3, 17, 250])
def test_a_collection_has_exactly_the_passages_asked_for(variations, size):
    assert sum(len(varied.passages) for varied in variations.of_size(size)) == size


def test_the_same_seed_makes_the_same_collection(variations):
    assert list(variations.of_size(120)) == list(Variations(ARTICLES[::-1]).of_size(120))


def test_another_seed_makes_another_collection(variations):
    assert list(variations.of_size(120)) != list(Variations(ARTICLES, seed=1).of_size(120))


def test_no_two_articles_have_the_same_id(variations):
    ids = [varied.article.id for varied in variations.of_size(300)]
    assert len(set(ids)) == len(ids)


def test_every_passage_has_a_real_vector(variations):
    for varied in variations.of_size(200):
        assert len(varied.rows) == len(varied.passages)
        assert all(0 <= row < len(variations.texts) for row in varied.rows)


def test_code_stays_as_it_is_while_prose_changes(variations):
    varied = [
        found.article for found in variations.of_size(400) if found.article.body and found.article.id.endswith("-1")
    ]
    assert varied
    originals = {article.body for article in ARTICLES}
    for article in varied:
        assert "```\nnet stop spooler\n```" in article.body
        assert article.body not in originals


def test_perturbed_vectors_keep_their_length_and_stay_near():
    real = np.random.default_rng(3).standard_normal((50, 384), np.float32)
    real /= np.linalg.norm(real, axis=1, keepdims=True)
    made = perturbed(real)
    assert np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    assert 0.93 < float((made * real).sum(axis=1).mean()) < 0.97
    assert np.array_equal(made, perturbed(real))
