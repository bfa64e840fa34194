"""How build, search, update and memory grow with the collection."""

from __future__ import annotations

import shutil
from pathlib import Path
from statistics import median

from tests.bench.processes import in_fresh_process
from tests.bench.progress import bar
from tests.bench.settings import BenchSettings
from tests.bench.tables import table

ROUNDS = 3
"""Searches of all sizes take turns so often; medians are reported, for other programs run too."""

Figures = dict[str, float]


def measure(settings: BenchSettings, sizes: tuple[int, ...]) -> list[Figures]:
    """The figures of each size."""
    folders = {size: settings.scratch / f"growth-{size}" for size in sizes}
    found: dict[int, Figures] = {}
    with bar("growth", len(sizes) * (ROUNDS + 2)) as shown:
        for size, folder in folders.items():
            shutil.rmtree(folder, ignore_errors=True)
            found[size] = in_fresh_process("growth_steps", "build", size=size, folder=str(folder), **settings.paths())
            shown.update()
        rounds: dict[int, list[Figures]] = {size: [] for size in sizes}
        for _ in range(ROUNDS):
            for size, folder in folders.items():
                rounds[size].append(_step("search", folder))
                shown.update()
        for size, folder in folders.items():
            found[size] |= _medians(rounds[size]) | _step("update", folder)
            shutil.rmtree(folder)
            shown.update()
    return list(found.values())


def tables(figures: list[Figures]) -> str:
    """The figures for the README."""
    search = [
        (
            int(f["passages"]),
            f["hybrid_p50_ms"],
            f["hybrid_p95_ms"],
            f["keyword_p50_ms"],
            f["keyword_p95_ms"],
            f["typeahead_p50_ms"],
            f["typeahead_p95_ms"],
            f["open_s"],
        )
        for f in figures
    ]
    rest = [
        (
            int(f["passages"]),
            int(f["articles"]),
            f["build_s"],
            f["disk_mb"],
            f["update_p50_s"],
            f["update_p95_s"],
            f["peak"],
            f["steady"],
            f["private"],
        )
        for f in figures
    ]
    return "\n\n".join(
        (
            "Search times are without the encoder, in milliseconds.",
            table(
                ("passages", "search p50", "p95", "keywords p50", "p95", "typeahead p50", "p95", "open s"),
                search,
            ),
            "Build is from cached vectors; an update is one article until it is found by keywords; memory is that of"
            " a process that only opens the index and searches it, pages of mapped files included.",
            table(
                (
                    "passages",
                    "articles",
                    "build s",
                    "disk MB",
                    "update p50 s",
                    "p95 s",
                    "peak MB",
                    "steady MB",
                    "of it private MB",
                ),
                rest,
            ),
            _grown(figures),
        )
    )


def _grown(figures: list[Figures]) -> str:
    first, last = figures[0], figures[-1]
    grown = last["hybrid_p50_ms"] - first["hybrid_p50_ms"]
    return f"From {first['passages']:,.0f} to {last['passages']:,.0f} passages the search p50 grew by {grown:.2f} ms."


def _step(name: str, folder: Path) -> Figures:
    return in_fresh_process("growth_steps", name, folder=str(folder))


def _medians(rounds: list[Figures]) -> Figures:
    return {name: median(figures[name] for figures in rounds) for name in rounds[0]}
