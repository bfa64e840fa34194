"""The steps of the comparison; each runs in a process of its own."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bench.memory import memory
from tests.bench.peer import Peer, load_questions, load_task
from tests.bench.peer_milvus import Milvus
from tests.bench.peer_product import Product
from tests.bench.peer_txtai import Txtai
from tests.bench.progress import bar
from tests.bench.tables import percentile

PEERS = {"this product": Product, "txtai": Txtai, "Milvus Lite": Milvus}

WARM_UP = 20


def index(peer: str, folder: str, source: str, eval_data: str, articles: str) -> dict[str, float]:
    """Seconds to index everything, with the vectors given; megabytes on disk."""
    task = load_task(Path(eval_data), Path(articles), Path(source))
    target = Path(folder)
    target.mkdir(parents=True)
    made: Peer = PEERS[peer](target)
    started = time.perf_counter()
    made.index(task)
    seconds = time.perf_counter() - started
    disk = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    return {"index_s": seconds, "disk_mb": disk / 2**20}


def search(peer: str, folder: str, source: str) -> dict[str, object]:
    """Articles found per question, milliseconds per question, and the memory of doing only that."""
    questions = load_questions(Path(source))
    started = time.perf_counter()
    ask = PEERS[peer](Path(folder)).open(questions)
    for text in list(questions)[:WARM_UP]:
        ask(text)
    opened = time.perf_counter() - started
    found: dict[str, list[str]] = {}
    taken: list[float] = []
    with bar(peer, len(questions)) as shown:
        for text in questions:
            started = time.perf_counter()
            found[text] = ask(text)
            taken.append((time.perf_counter() - started) * 1000)
            shown.update()
    figures = {"p50_ms": percentile(taken, 50), "p95_ms": percentile(taken, 95), "open_s": opened}
    return {"found": found, "figures": figures | memory().as_dict()}
