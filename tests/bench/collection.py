"""Real articles with real questions: the judged collection where it is present, else the project's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from indexer.article_files import scan_folder
from indexer.articles import Article, Audience
from indexer.audience_sections import for_audience

JUDGED = Path("data", "tidb")
"""Below the folder of evaluation data."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks, and how well which article answers it."""

    text: str
    relevant: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Collection:
    """Articles and questions about them."""

    name: str
    articles: tuple[Article, ...]
    questions: tuple[Question, ...]


def is_judged(eval_data: Path) -> bool:
    """Whether the judged collection is present."""
    return (eval_data / JUDGED / "corpus.jsonl").is_file()


def load_collection(eval_data: Path, articles: Path) -> Collection:
    """The judged collection, or the folder of articles with their issue lines as questions."""
    return _judged(eval_data / JUDGED) if is_judged(eval_data) else own_collection(articles)


def _judged(folder: Path) -> Collection:
    articles = tuple(
        # What readers outside get, for peers know no editions.
        Article(row["id"], row["title"], for_audience(row["text"], Audience.PUBLIC), audience=Audience.PUBLIC)
        for row in _rows(folder / "corpus.jsonl")
    )
    relevant: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        question, article, grade = line.split("\t")
        relevant.setdefault(question, {})[article] = int(grade)
    texts = {row["id"]: row["text"] for row in _rows(folder / "queries.jsonl")}
    questions = tuple(Question(texts[id_], grades) for id_, grades in relevant.items())
    return Collection(folder.name, articles, questions)


def own_collection(folder: Path) -> Collection:
    """The articles of a folder with their issue lines and titles as questions."""
    articles = tuple(parsed.article for parsed in scan_folder(folder) if parsed.article)
    questions = tuple(Question(line, {a.id: 1}) for a in articles for line in (*a.issue, a.title))
    return Collection(folder.name, articles, questions)


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
