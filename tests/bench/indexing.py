"""How fast articles become searchable: beside the encoder's own pace, from cached vectors, and with nothing to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.processes import StepFailedError, in_fresh_process
from tests.bench.progress import bar
from tests.bench.settings import BenchSettings
from tests.bench.tables import table

SIZE = 20_000
SAMPLE = 400
"""Passages that the model encodes for the comparison with its own pace."""

UNCHANGED = 3
"""Updates with nothing changed; their median is reported."""


def measure(settings: BenchSettings, size: int = SIZE) -> dict[str, Any]:
    """Passages per second round by round, and seconds of the two commands."""
    folder = settings.scratch / "indexing"
    shutil.rmtree(folder, ignore_errors=True)
    model = {"data_dir": str(settings.data_dir), "model": settings.model}
    with bar("indexing", 4 + UNCHANGED - 1) as shown:
        paths = {name: path for name, path in settings.paths().items() if name != "source"}
        found: dict[str, Any] = in_fresh_process(
            "indexing_steps", "pace", size=SAMPLE, folder=str(folder), **model, **paths
        )
        shown.update()
        found |= in_fresh_process(
            "indexing_steps", "installation", size=size, folder=str(folder), **model, **settings.paths()
        )
        shown.update()
        found["build_s"] = _command(folder, settings.model, "build")
        shown.update()
        found["unchanged_s"] = []
        for _ in range(UNCHANGED):
            found["unchanged_s"].append(_command(folder, settings.model, "update"))
            shown.update()
    shutil.rmtree(folder)
    return found


def tables(found: dict[str, Any]) -> str:
    """The figures for the README."""
    ratio = median(whole / alone for whole, alone in zip(found["build"], found["encoder"], strict=True))
    rows = [
        (f"encoder alone, {SAMPLE} passages", f"{median(found['encoder']):.1f} passages/s"),
        ("build with that encoder, the same passages", f"{median(found['build']):.1f} passages/s"),
        ("build beside the encoder's own pace", f"{100 * ratio:.0f} %"),
        (f"`kb index build`, {found['passages']:,} passages, cached vectors", f"{found['build_s']:.1f} s"),
        (
            f"`kb index update`, {found['articles']:,} articles, nothing changed",
            f"{median(found['unchanged_s']):.1f} s",
        ),
    ]
    return table(("", "measured"), rows)


def _command(folder: Path, model: str, name: str) -> float:
    """Seconds that `kb index <name>` takes on the installation in `folder`, its start included."""
    environ = os.environ | {
        "KB_DATA_DIR": str(folder / "data"),
        "KB_ARTICLES_DIR": str(folder / "articles"),
        "KB_EMBEDDING_MODEL": model,
    }
    started = time.perf_counter()
    ran = subprocess.run([sys.executable, "-m", "kbserver", "index", name], env=environ, stdout=sys.stderr, check=False)
    if ran.returncode:
        raise StepFailedError(f"kb index {name} ended with status {ran.returncode}")
    return time.perf_counter() - started
