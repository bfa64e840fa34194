"""Measure start, growth, indexing and the peers, and print the README's tables."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kbserver.config import load_settings
from tests.bench import growth, indexing, peers, start
from tests.bench.collection import load_collection
from tests.bench.replay import save_real_vectors
from tests.bench.settings import BenchSettings

SIZES = (1_000, 10_000, 100_000)


@dataclass(frozen=True, slots=True)
class Part:
    """One measurement: its title, what measures it, and what prints the figures."""

    title: str
    measure: Callable[[BenchSettings, argparse.Namespace], Any]
    tables: Callable[[Any], str]


PARTS = {
    "start": Part("Start", lambda settings, options: start.measure(settings), start.tables),
    "growth": Part("Growth", lambda settings, options: growth.measure(settings, options.passages), growth.tables),
    "indexing": Part("Indexing", lambda settings, options: indexing.measure(settings), indexing.tables),
    "peers": Part("Beside peers", lambda settings, options: peers.measure(settings), peers.tables),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts asked for; figures as Markdown on stdout, and as JSON into a file if one is named."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="kb-bench-") as scratch:
        settings = _settings(Path(scratch))
        collection = load_collection(settings.eval_data, settings.articles)
        save_real_vectors(collection, settings.source, settings.data_dir, settings.model)
        figures: dict[str, Any] = {"collection": collection.name, "cores": os.cpu_count()}
        for name in options.only:
            figures[name] = PARTS[name].measure(settings, options)
            _say(f"## {PARTS[name].title}\n\n{PARTS[name].tables(figures[name])}\n")
            if options.json:
                options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    return 0


def _settings(scratch: Path) -> BenchSettings:
    settings = load_settings()
    return BenchSettings(
        scratch, settings.data_dir, settings.eval_data, settings.articles_dir, settings.embedding_model
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", type=_names, default=tuple(PARTS), help=f"of {','.join(PARTS)}")
    parser.add_argument("--passages", type=_sizes, default=SIZES, help="sizes for growth, for example 1000,10000")
    parser.add_argument("--json", type=Path, help="file for all figures")
    return parser.parse_args(arguments)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := [name for name in names if name not in PARTS]:
        raise argparse.ArgumentTypeError(f"there is no part {unknown[0]}; there are {', '.join(PARTS)}")
    return names


def _sizes(text: str) -> tuple[int, ...]:
    try:
        sizes = tuple(sorted(int(size) for size in text.split(",")))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a list of whole numbers") from None
    if not sizes or sizes[0] < 1:
        raise argparse.ArgumentTypeError("a size is at least 1")
    return sizes


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
