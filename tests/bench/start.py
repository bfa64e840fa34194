"""How long a start takes until the first search is answered, and how long a key press takes over HTTP."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.collection import own_collection
from tests.bench.memory import cpu_seconds_of, memory_of
from tests.bench.processes import StepFailedError
from tests.bench.progress import bar
from tests.bench.settings import BenchSettings
from tests.bench.tables import percentile, table

STARTS = 3
"""Second starts; their median is reported."""

PATIENCE = 300.0
"""Seconds that a first start may take: it builds the index of all articles."""

WARM_UP = 20


def measure(settings: BenchSettings) -> dict[str, Any]:
    """Seconds of the first start and of later ones, milliseconds per request, megabytes."""
    folder = settings.scratch / "start"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "models").symlink_to((settings.data_dir / "models").resolve())
    shutil.copytree(settings.articles, folder / "articles")
    found: dict[str, Any] = {"words_s": [], "meaning_s": [], "cpu_s": []}
    with bar("start", STARTS + 2) as shown:
        with _serving(folder, settings.model) as site:
            found["first_s"] = site.seconds_until(degraded=True)
        shown.update()
        for _ in range(STARTS):
            with _serving(folder, settings.model) as site:
                found["words_s"].append(site.seconds_until(degraded=True))
                found["meaning_s"].append(site.seconds_until(degraded=False))
                found["cpu_s"].append(cpu_seconds_of(site.process.pid))
            shown.update()
        with _serving(folder, settings.model) as site:
            site.seconds_until(degraded=False)
            found |= _requests(site, settings.articles)
            found["steady"] = memory_of(site.process.pid).steady
        shown.update()
    shutil.rmtree(folder)
    return found


def tables(found: dict[str, Any]) -> str:
    """The figures for the README."""
    starts = [
        ("first start, articles indexed, model prepared before", f"{found['first_s']:.1f} s"),
        ("second start to the first answer", f"{median(found['words_s']):.1f} s"),
        ("second start to the first answer with meaning", f"{median(found['meaning_s']):.1f} s"),
        ("CPU of a second start", f"{median(found['cpu_s']):.1f} s"),
        ("memory of the site", f"{found['steady']:.0f} MB"),
    ]
    ways = [(name, found[key]["p50"], found[key]["p95"]) for name, key in WAYS.items()]
    return "\n\n".join((table(("", "measured"), starts), table(("over HTTP", "p50 ms", "p95 ms"), ways)))


WAYS = {"typeahead": "typeahead", "search, hybrid": "hybrid", "search, keyword": "keyword"}


class _Site:
    """A site that was just started, in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], started: float) -> None:
        self.process = process
        self._started = started
        assert process.stdout is not None
        said = process.stdout.readline().split()
        if len(said) < 2:
            raise StepFailedError("kb serve ended before it listened; its last words stand above")
        # One connection is kept, as browsers keep theirs.
        self._connection = HTTPConnection(urllib.parse.urlsplit(said[1]).netloc, timeout=PATIENCE)

    def seconds_until(self, *, degraded: bool) -> float:
        """Seconds from the start to the first answered search, from keywords alone if `degraded` will do."""
        while time.perf_counter() - self._started < PATIENCE:
            answer = self.get("search", q="打印机脱机")
            if answer["hits"] and (degraded or not answer["degraded"]):
                return time.perf_counter() - self._started
            time.sleep(0.05)
        raise StepFailedError("kb serve answers no search")

    def get(self, route: str, **query: str) -> Any:
        """The JSON of one request."""
        self._connection.request("GET", f"/api/v1/{route}?{urllib.parse.urlencode(query)}")
        return json.loads(self._connection.getresponse().read())


@contextmanager
def _serving(folder: Path, model: str) -> Iterator[_Site]:
    environ = os.environ | {
        "KB_DATA_DIR": str(folder / "data"),
        "KB_ARTICLES_DIR": str(folder / "articles"),
        "KB_EMBEDDING_MODEL": model,
        "KB_ANONYMOUS_AUDIENCE": "public",
    }
    command = [sys.executable, "-m", "kbserver", "serve", "--port", "0"]
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield _Site(process, started)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def _requests(site: _Site, articles: Path) -> dict[str, dict[str, float]]:
    questions = [question.text for question in own_collection(articles).questions]
    prefixes = [text[:end] for text in questions for end in (2, 4, 7)]
    return {
        "typeahead": _times(site, "typeahead", prefixes),
        "hybrid": _times(site, "search", questions, mode="hybrid"),
        "keyword": _times(site, "search", questions, mode="keyword"),
    }


def _times(site: _Site, route: str, texts: list[str], **query: str) -> dict[str, float]:
    taken = []
    for text in texts:
        started = time.perf_counter()
        site.get(route, q=text, **query)
        taken.append((time.perf_counter() - started) * 1000)
    return {"p50": percentile(taken[WARM_UP:], 50), "p95": percentile(taken[WARM_UP:], 95)}
