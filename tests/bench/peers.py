"""This product beside other search libraries: the same passages and vectors, in the same run."""

from __future__ import annotations

import importlib.util
import json
import math
import shutil
from collections.abc import Mapping, Sequence
from statistics import mean, median
from typing import Any

from indexer.passages import passages_of
from tests.bench import peer_milvus, peer_txtai
from tests.bench.collection import Collection, is_judged, load_collection
from tests.bench.peer import ARTICLES
from tests.bench.processes import StepFailedError, in_fresh_process
from tests.bench.progress import bar
from tests.bench.settings import BenchSettings
from tests.bench.tables import table

ROUNDS = 3
"""Searches of all take turns so often; medians are reported, for other programs run too."""

NEEDED = {"this product": (), "txtai": peer_txtai.PACKAGES, "Milvus Lite": peer_milvus.PACKAGES}


def measure(settings: BenchSettings) -> dict[str, Any]:
    """Figures per system; a reason where there are none."""
    if not is_judged(settings.eval_data):
        return {"skipped": f"No judged collection is present below {settings.eval_data}, so nothing is compared."}
    collection = load_collection(settings.eval_data, settings.articles)
    _leave_task(collection, settings)
    missing = {name: _missing(packages) for name, packages in NEEDED.items()}
    found: dict[str, Any] = {
        "passages": sum(len(passages_of(article)) for article in collection.articles),
        "questions": len(collection.questions),
        "systems": {name: {} for name in NEEDED if not missing[name]},
        "left out": {name: f"{', '.join(which)} is not installed" for name, which in missing.items() if which},
    }
    systems: dict[str, dict[str, Any]] = found["systems"]
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in systems}
    with bar("peers", len(systems) * (ROUNDS + 1)) as shown:
        for turn in range(ROUNDS + 1):
            for name in list(systems):
                try:
                    if turn:
                        rounds[name].append(_searched(name, settings))
                    else:
                        systems[name] = _indexed(name, settings)
                except StepFailedError as error:
                    found["left out"][name] = str(error)
                    del systems[name]
                shown.update()
    for name in systems:
        figures = [answer["figures"] for answer in rounds[name]]
        systems[name] |= {key: median(one[key] for one in figures) for key in figures[0]}
        systems[name]["ndcg"] = _quality(collection, rounds[name][0]["found"])
    return found


def tables(found: Mapping[str, Any]) -> str:
    """The figures for the README."""
    if "skipped" in found:
        return str(found["skipped"])
    columns = ("ndcg", "p50_ms", "p95_ms", "index_s", "open_s", "disk_mb", "peak", "steady")
    rows = [
        (name, f"{figures['ndcg']:.3f}", *(figures[column] for column in columns[1:]))
        for name, figures in found["systems"].items()
    ]
    header = ("", "nDCG@10", "p50 ms", "p95 ms", "index s", "open s", "disk MB", "peak MB", "steady MB")
    note = (
        f"{found['passages']:,} passages, {found['questions']} questions; every system got the same passages and the"
        " same vectors, computed before, so times are without encoding."
    )
    absent = [f"{name} was left out: {why}." for name, why in found["left out"].items()]
    return "\n\n".join((note, table(header, rows), *absent))


def ndcg(found: Sequence[str], relevant: Mapping[str, int]) -> float:
    """How good the first ten of `found` are: 1 is the best order there is.

    >>> ndcg(["x", "a"], {"a": 1}) == 1 / math.log2(3)
    True
    """
    gain = sum((2 ** relevant.get(id_, 0) - 1) / math.log2(at + 2) for at, id_ in enumerate(found[:ARTICLES]))
    grades = sorted(relevant.values(), reverse=True)[:ARTICLES]
    best = sum((2**grade - 1) / math.log2(at + 2) for at, grade in enumerate(grades))
    return gain / best if best else 0.0


def _quality(collection: Collection, found: Mapping[str, Sequence[str]]) -> float:
    return mean(ndcg(found[question.text], question.relevant) for question in collection.questions)


def _leave_task(collection: Collection, settings: BenchSettings) -> None:
    """The passages and questions as files for the other processes, in the order of their vectors."""
    rows = [
        [article.id, passage.encoded_text]
        for article in sorted(collection.articles, key=lambda article: article.id)
        for passage in passages_of(article)
    ]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (settings.source / "passages.jsonl").write_text(lines, encoding="utf-8")
    asked = json.dumps([question.text for question in collection.questions], ensure_ascii=False)
    (settings.source / "questions.json").write_text(asked, encoding="utf-8")


def _missing(packages: Sequence[str]) -> list[str]:
    return [name for name in packages if importlib.util.find_spec(name) is None]


def _folder(name: str, settings: BenchSettings) -> str:
    return str(settings.scratch / f"peer-{name.replace(' ', '-')}")


def _indexed(name: str, settings: BenchSettings) -> dict[str, Any]:
    shutil.rmtree(_folder(name, settings), ignore_errors=True)
    return in_fresh_process("peer_steps", "index", peer=name, folder=_folder(name, settings), **settings.paths())


def _searched(name: str, settings: BenchSettings) -> dict[str, Any]:
    return in_fresh_process(
        "peer_steps", "search", peer=name, folder=_folder(name, settings), source=str(settings.source)
    )
