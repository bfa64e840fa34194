"""kill -9 at random instants of builds and updates: the index opens, answers, and is whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from indexer import generations
from indexer.articles import Audience, SearchRequest
from indexer.checking import check_index
from indexer.searching import Searcher

CHILD = """
import sys
from pathlib import Path
from indexer.articles import Article
from indexer.building import build_index
from indexer.encoding.hashing import HashEncoder
from indexer.tokenizing import Tokenizer
from indexer.updating import IndexWriter

root, seed = Path(sys.argv[1]), int(sys.argv[2])
tokenizer, encoder = Tokenizer(), HashEncoder(64)
writer = IndexWriter(root, tokenizer=tokenizer, encoder=encoder)
print("ready", flush=True)
articles = [Article(f"KB-{n}", f"打印机 {n} 脱机", f"正文 mark{n}x 版本 {seed}") for n in range(12)]
for step in range(1000):
    if step % 5 == 0:
        build_index(root, articles, encoder=encoder, tokenizer=tokenizer, sequence=step)
    else:
        again = Article(f"KB-{step % 12}", f"打印机 {step % 12} 脱机", f"mark{step % 12}x 改 {seed} {step}")
        writer.update([again], sequence=step)
        writer.maintain()
    print(f"done {step}", flush=True)
"""


def killed_run(root: Path, seed: int) -> None:
    """A process that builds and updates `root`, killed 0 to 400 ms after it began."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(root), str(seed)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(random.Random(seed).random() * 0.4)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()


def assert_whole(root: Path, tokenizer, encoder) -> None:
    if generations.current_manifest(root) is None:
        return
    assert check_index(root, tokenizer=tokenizer, model=encoder.model_hash) == []
    searcher = Searcher(root, tokenizer=tokenizer, encoder=encoder)
    assert searcher.status().problems == ()
    assert searcher.status().articles == 12
    answer = searcher.search(SearchRequest("mark7x", reader=Audience.INTERNAL))
    assert answer.hits[0].article_id == "KB-7"


def survive(root: Path, kills: int, tokenizer, encoder) -> None:
    for seed in range(kills):
        killed_run(root, seed)
        assert_whole(root, tokenizer, encoder)
    assert generations.current_manifest(root) is not None


def test_ten_kills_leave_a_whole_index(tmp_path, tokenizer, encoder):
    survive(tmp_path / "index", 10, tokenizer, encoder)


@pytest.mark.slow
def test_a_hundred_kills_leave_a_whole_index(tmp_path, tokenizer, encoder):
    survive(tmp_path / "index", 100, tokenizer, encoder)
