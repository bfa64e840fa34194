"""The steps of the growth measurement; each runs in a process of its own."""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from indexer.articles import Article, Audience, Mode, SearchRequest
from indexer.building import build_index
from indexer.encoding import VectorCache
from indexer.searching import Searcher
from indexer.tokenizing import Tokenizer
from indexer.updating import IndexWriter
from tests.bench.collection import load_collection
from tests.bench.corpora import Variations, perturbed
from tests.bench.memory import memory
from tests.bench.progress import bar
from tests.bench.replay import MODEL, PASSAGES, QUESTIONS, ReplayEncoder
from tests.bench.tables import percentile

WARM_UP = 30
"""Questions that are asked before those that count."""

UPDATES = 20


def build(size: int, folder: str, source: str, eval_data: str, articles: str) -> dict[str, float]:
    """Make a collection of `size` passages with cached vectors, and build its index: seconds, MB."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    made, dimensions = _made(size, target, Path(source), Path(eval_data), Path(articles))
    encoder = ReplayEncoder({}, dimensions)
    root = target / "index"
    with VectorCache(target / "vectors") as cache, bar(f"index {size:,}", 2 * size) as shown:
        started, busy = time.perf_counter(), time.process_time()
        manifest = build_index(
            root,
            made,
            encoder=encoder,
            tokenizer=Tokenizer(),
            cache=cache,
            progress=lambda step, done, total: _shown(shown),
        )
        seconds, worked = time.perf_counter() - started, time.process_time() - busy
    if manifest.pending:
        raise AssertionError(f"{manifest.pending} passages have no vectors")
    disk = sum(file.stat().st_size for file in root.rglob("*") if file.is_file())
    return {"passages": size, "articles": len(made), "build_s": seconds, "build_cpu_s": worked, "disk_mb": disk / 2**20}


def _shown(shown: Any) -> None:
    shown.update(min(256, shown.total - shown.n) if shown.n % 2 else 1)


def search(folder: str) -> dict[str, float]:
    """Open the index and ask: milliseconds per way of asking, and the memory of doing only that."""
    before = memory()
    started = time.perf_counter()
    searcher, questions = _opened(Path(folder))
    opened = time.perf_counter() - started
    found = {"open_s": opened, "start_mb": before.steady}
    for name, mode in (("hybrid", Mode.HYBRID), ("keyword", Mode.KEYWORD)):
        found |= _times(name, questions, lambda text, mode=mode: searcher.search(SearchRequest(text, mode=mode)))
    prefixes = [text[:end] for text in questions for end in (2, 4, 7)]
    found |= _times("typeahead", prefixes, lambda text: searcher.typeahead(text, Audience.PUBLIC))
    held = memory()
    return found | held.as_dict()


def update(folder: str) -> dict[str, float]:
    """Change one article after the other: seconds until each is found by a word of its new text."""
    target = Path(folder)
    tokenizer = Tokenizer()
    searcher = _opened(target)[0]
    writer = IndexWriter(target / "index", tokenizer=tokenizer)
    changes: list[Article] = pickle.loads((target / "changes.pickle").read_bytes())
    seconds, upkeep = [], []
    for number, article in enumerate(changes):
        mark = f"neuwort{time.time_ns() % 10**8}x{number}"
        changed = replace(article, body=f"{article.body}\n\n{mark}", audience=Audience.PUBLIC)
        started = time.perf_counter()
        writer.update([changed])
        searcher.refresh()
        hits = searcher.search(SearchRequest(mark, mode=Mode.KEYWORD)).hits
        seconds.append(time.perf_counter() - started)
        if not hits or hits[0].article_id != article.id:
            raise AssertionError(f"{article.id} is not found by its new word {mark}")
        started = time.perf_counter()
        writer.maintain()
        upkeep.append(time.perf_counter() - started)
        searcher.refresh()
    return {
        "update_p50_s": percentile(seconds, 50),
        "update_p95_s": percentile(seconds, 95),
        "update_first_s": seconds[0],
        "maintain_max_s": max(upkeep),
    }


def _times(name: str, texts: list[str], ask: Callable[[str], object]) -> dict[str, float]:
    for text in texts[:WARM_UP]:
        ask(text)
    taken, worked = [], []
    for text in texts[WARM_UP:]:
        started, busy = time.perf_counter(), time.process_time()
        ask(text)
        taken.append((time.perf_counter() - started) * 1000)
        worked.append((time.process_time() - busy) * 1000)
    return {
        f"{name}_p50_ms": percentile(taken, 50),
        f"{name}_p95_ms": percentile(taken, 95),
        f"{name}_cpu_ms": percentile(worked, 50),
    }


def _opened(folder: Path) -> tuple[Searcher, list[str]]:
    questions: list[str] = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    vectors = np.load(folder / QUESTIONS)
    encoder = ReplayEncoder(dict(zip(questions, vectors, strict=True)), vectors.shape[1])
    return Searcher(folder / "index", tokenizer=Tokenizer(), encoder=encoder), questions


def _made(size: int, target: Path, source: Path, eval_data: Path, own: Path) -> tuple[list[Article], int]:
    """The articles of a collection; its vectors, its questions and some changes to it are left in `target`."""
    collection = load_collection(eval_data, own)
    variations = Variations(collection.articles)
    real = np.load(source / PASSAGES)
    made: list[Article] = []
    texts: list[str] = []
    rows: list[int] = []
    with bar(f"make {size:,}", size) as shown:
        for varied in variations.of_size(size):
            made.append(varied.article)
            texts += [passage.encoded_text for passage in varied.passages]
            rows += varied.rows
            shown.update(len(varied.passages))
    with VectorCache(target / "vectors") as cache:
        for first in range(0, size, 5000):
            part = real[rows[first : first + 5000]].astype(np.float32)
            cache.put_many(MODEL, texts[first : first + 5000], perturbed(part, first))
    asked = [variations.question(question.text, 1) for question in collection.questions]
    (target / "questions.json").write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
    np.save(target / QUESTIONS, perturbed(np.load(source / QUESTIONS)))
    changes = list(islice((article for article in reversed(made) if article.body), UPDATES))
    (target / "changes.pickle").write_bytes(pickle.dumps(changes))
    return made, real.shape[1]
