"""Print by how much the product ranks better than a linear mix of three plain scores, and how sure that is.

    python -m tests.quality.compare_linear_mix DATA_DIR SET [SET ...]

DATA_DIR holds the prepared model; each SET is a folder as `kb eval` takes it. Both systems rank the same
passages with the same vectors for the same queries. The mix is the strongest of the simple hybrids:
every score min-max scaled over the union of what each lane lists, then 0.5 best cosine of a passage,
0.25 BM25 of the best passage and 0.25 BM25 of the whole article, over words as the segmenter cuts them.
Prints nDCG@10 of both for each set, and the paired 95 % bootstrap interval for each set and for the mean.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rjieba
from numpy.typing import NDArray

from indexer.articles import Mode, Passage, SearchRequest
from indexer.building import build_index
from indexer.encoding.catalog import load_encoder
from indexer.encoding.encoder import Encoder
from indexer.encoding.vector_cache import VectorCache
from indexer.evaluation import Difference, ndcg, paired_difference, per_query
from indexer.postings import PostingsBuilder, idf, level_arrays
from indexer.searching import Searcher
from indexer.signals import best_per_article, spread
from indexer.snapshots import Snapshot, open_snapshot
from indexer.tokenizing import Tokenizer
from kbserver.adapters.evaluating import JudgedSet, read_judged_set
from kbserver.adapters.search_index import VECTOR_FILE

SHARES = (0.5, 0.25, 0.25)
"""Of the dense score, of BM25 over passages, and of BM25 over articles."""

LISTED = 100
"""Articles that each lane lists; the mix ranks their union."""

SHOWN = 10

Floats = NDArray[np.float32]
_SEGMENTER = rjieba.Jieba()


def plain_words(text: str) -> list[str]:
    """The segmenter's words in lower case, without blanks and punctuation; nothing else is done to them."""
    return [word for word in _SEGMENTER.cut_for_search(text.lower()) if any(map(str.isalnum, word))]


class PlainBm25:
    """BM25 of passages and of whole articles, with every occurrence of a word weighing alike."""

    def __init__(self, passages: Sequence[Passage], owner: NDArray[np.int64], articles: int) -> None:
        builder = PostingsBuilder()
        for row, passage in enumerate(passages):
            builder.add(row, Counter(plain_words(passage.encoded_text)))
        postings = builder.sorted()
        self._numbers = {term: number for number, term in enumerate(postings.terms)}
        self._sizes = {"passages": len(passages), "articles": articles}
        self._arrays, _ = level_arrays(postings, owner, np.zeros(len(owner), np.bool_), articles, {})

    def scores(self, query: str, level: str) -> Floats:
        """The score of each document of `level`; a repeated word of the query counts each time."""
        scores = np.zeros(self._sizes[level], np.float32)
        for word in plain_words(query):
            number = self._numbers.get(word.encode("utf-8", "replace"))
            if number is not None:
                self._add(scores, level, number)
        return scores

    def _add(self, scores: Floats, level: str, number: int) -> None:
        start, end = self._arrays[f"{level}.offsets"][number : number + 2]
        rarity = idf(len(scores), np.array([end - start]))[0]
        scores[self._arrays[f"{level}.documents"][start:end]] += rarity * self._arrays[f"{level}.weights"][start:end]


class LinearMix:
    """The simple hybrid over one opened index."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder) -> None:
        parts = [(part.segment, part.vectors) for part in snapshot.parts]
        passages = [segment.passage(row) for segment, _ in parts for row in range(segment.passages)]
        self._vectors = np.concatenate([np.asarray(held.stored, np.float32) for _, held in parts if held is not None])
        self._ids = np.array([record.id for record in snapshot.records], np.str_)
        self._owner = snapshot.owner.astype(np.int64)
        self._words = PlainBm25(passages, self._owner, len(self._ids))
        self._encoder = encoder

    def ranking(self, query: str) -> list[str]:
        """The best `SHOWN` articles, best first, equal ones by id."""
        lanes = self._lanes(query)
        listed = np.unique(np.concatenate([np.argsort(-lane, kind="stable")[:LISTED] for lane in lanes]))
        mixed = np.sum([share * spread(lane[listed]) for share, lane in zip(SHARES, lanes, strict=True)], axis=0)
        order = np.lexsort((self._ids[listed], -mixed))[:SHOWN]
        return [str(name) for name in self._ids[listed[order]]]

    def _lanes(self, query: str) -> tuple[Floats, Floats, Floats]:
        cosines = self._vectors @ self._encoder.encode_query(query)
        dense = best_per_article(cosines, self._owner, len(self._ids))
        passages = best_per_article(self._words.scores(query, "passages"), self._owner, len(self._ids))
        return dense, passages, self._words.scores(query, "articles")


@dataclass(frozen=True, slots=True)
class Compared:
    """nDCG@10 per query of both systems on one set, in the same order."""

    name: str
    product: list[float]
    mix: list[float]


def compare(folder: Path, encoder: Encoder, tokenizer: Tokenizer, cache: VectorCache) -> Compared:
    """Index the set in a scratch folder and ask both systems every judged query."""
    judged = read_judged_set(folder)
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        build_index(root, judged.documents, encoder=encoder, tokenizer=tokenizer, cache=cache)
        searcher = Searcher(root, tokenizer=tokenizer, encoder=encoder)
        mix = LinearMix(open_snapshot(root, encoder.model_hash), encoder)
        product_run = {query: _product(searcher, text) for query, text in judged.queries}
        mix_run = {query: mix.ranking(text) for query, text in judged.queries}
    return Compared(folder.name, _values(product_run, judged), _values(mix_run, judged))


def _product(searcher: Searcher, text: str) -> list[str]:
    return [hit.article_id for hit in searcher.search(SearchRequest(text, mode=Mode.HYBRID)).hits]


def _values(run: Mapping[str, Sequence[str]], judged: JudgedSet) -> list[float]:
    return list(per_query(run, judged.grades, ndcg).values())


def lines(sets: Sequence[Compared]) -> list[str]:
    """The report: one line a set, and one for the mean of the sets."""
    found = [_line(one.name, [one]) for one in sets]
    return [*found, _line("mean", sets)] if len(sets) > 1 else found


def _line(name: str, sets: Sequence[Compared]) -> str:
    gap: Difference = paired_difference([one.product for one in sets], [one.mix for one in sets])
    product, mix = (float(np.mean([np.mean(getattr(one, side)) for one in sets])) for side in ("product", "mix"))
    within = f"95 % interval {gap.low:+.4f} to {gap.high:+.4f}"
    return f"{name}: product {product:.4f}, linear mix {mix:.4f}, difference {gap.mean:+.4f}, {within}"


def main(arguments: Sequence[str]) -> None:
    """Compare on the sets named on the command line."""
    data, folders = Path(arguments[0]), [Path(folder) for folder in arguments[1:]]
    tools: Any = load_encoder(data), Tokenizer(), VectorCache(data / VECTOR_FILE)
    for line in lines([compare(folder, *tools) for folder in folders]):
        print(line)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
