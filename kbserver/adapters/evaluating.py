"""Judged data sets, indexed in a scratch folder and asked one query at a time."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indexer.articles import Article, Audience, Mode, SearchRequest
from indexer.building import build_index
from indexer.encoding import Encoder, EncoderQueue, VectorCache, Vectors
from indexer.evaluation import figures
from indexer.searching import Searcher
from indexer.terms import Terms
from indexer.tokenizing import Tokenizer
from kbserver.adapters.search_index import TERMS_FILE, VECTOR_FILE
from kbserver.config import Settings
from kbserver.domain.limits import MAX_EVALUATED_QUERY_CHARS
from kbserver.errors import N_, IndexUnavailable, InvalidInput

WARM_UP = 5
"""Queries asked before the clock counts: the first ones open files and fill caches."""

PATIENCE_SECONDS = 60.0
"""How long a question may wait for its vector: an answer from keywords would count against the ranking."""

FIGURES_FILE = "figures.json"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Documents, queries, and the grade of each document for each query."""

    documents: tuple[Article, ...]
    queries: tuple[tuple[str, str], ...]
    grades: dict[str, dict[str, int]]
    digest: str


@dataclass(frozen=True, slots=True)
class BuildFigures:
    """What building the scratch index took; kept with it, since it is built once."""

    documents: int
    passages: int
    index_seconds: float
    embed_seconds: float


class TimedEncoder:
    """An encoder that counts the seconds it spends on passages."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.model_hash = encoder.model_hash
        self.dimensions = encoder.dimensions
        self.seconds = 0.0

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """The vectors of the texts."""
        started = time.perf_counter()
        vectors = self._encoder.encode_passages(texts)
        self.seconds += time.perf_counter() - started
        return vectors


def read_judged_set(folder: Path) -> JudgedSet:
    """The set in a folder: corpus.jsonl, queries.jsonl and qrels.tsv; `InvalidInput` names what is wrong."""
    corpus = folder / "corpus.jsonl"
    documents = tuple(
        Article(row["id"], row.get("title", ""), row["text"], audience=Audience.PUBLIC)
        for row in _rows(corpus, ("id", "text"))
    )
    queries = tuple((row["id"], row["text"]) for row in _rows(folder / "queries.jsonl", ("id", "text")))
    for query_id, text in queries:
        if len(text) > MAX_EVALUATED_QUERY_CHARS:
            raise InvalidInput(
                N_("Query %(id)s has more than %(most)s characters."),
                id=query_id,
                most=MAX_EVALUATED_QUERY_CHARS,
            )
    digest = hashlib.sha256(corpus.read_bytes()).hexdigest()
    return JudgedSet(documents, queries, _grades(folder / "qrels.tsv"), digest)


def evaluate(
    folder: Path, settings: Settings, encoder: Encoder | None, mode: Mode, progress: Progress
) -> dict[str, Any]:
    """The figures of `kb eval --json` for one set and mode. Closes the encoder."""
    judged = read_judged_set(folder)
    terms_path = settings.articles_dir / TERMS_FILE
    tokenizer = Tokenizer(Terms.load(terms_path))
    root = settings.data_dir / "eval" / _key(judged, tokenizer, encoder, terms_path)
    built = _built(root, judged, settings, tokenizer, encoder, progress)
    # Questions wait in line as they do on the site, but none is given up.
    queue = EncoderQueue(encoder, deadline_seconds=PATIENCE_SECONDS) if encoder else None
    searcher = Searcher(root, tokenizer=tokenizer, encoder=queue)
    asked = [(query_id, text) for query_id, text in judged.queries if query_id in judged.grades]
    for _, text in asked[:WARM_UP]:
        searcher.search(SearchRequest(text, mode=mode))
    rankings, latencies, encodings = {}, [], []
    for number, (query_id, text) in enumerate(asked, 1):
        started = time.perf_counter()
        answer = searcher.search(SearchRequest(text, mode=mode))
        latencies.append((time.perf_counter() - started) * 1000)
        encodings.append(answer.encode_ms)
        rankings[query_id] = [hit.article_id for hit in answer.hits]
        progress("queries", number, len(asked))
    if queue:
        queue.close()
    return _figures(built, mode, judged.grades, rankings, latencies, encodings)


def _figures(
    built: BuildFigures,
    mode: Mode,
    judged: dict[str, dict[str, int]],
    rankings: dict[str, list[str]],
    latencies: list[float],
    encodings: list[float],
) -> dict[str, Any]:
    def ms(values: list[float], share: int) -> float:
        return round(float(np.percentile(values, share)), 3) if values else 0.0

    return {
        "documents": built.documents,
        "passages": built.passages,
        "queries": len(rankings),
        "mode": str(mode),
        **{name: round(value, 4) for name, value in figures(rankings, judged).items()},
        "latency_ms": {
            "p50": ms(latencies, 50),
            "p95": ms(latencies, 95),
            "max": ms(latencies, 100),
        },
        "encode_ms": {"p50": ms(encodings, 50), "p95": ms(encodings, 95)},
        "index_seconds": built.index_seconds,
        "embed_seconds": built.embed_seconds,
    }


def _built(
    root: Path,
    judged: JudgedSet,
    settings: Settings,
    tokenizer: Tokenizer,
    encoder: Encoder | None,
    progress: Progress,
) -> BuildFigures:
    """The scratch index, built unless it is there; an unfinished one is begun anew."""
    kept = root / FIGURES_FILE
    if kept.is_file():
        return BuildFigures(**json.loads(kept.read_text(encoding="utf-8")))
    shutil.rmtree(root, ignore_errors=True)
    timed = TimedEncoder(encoder) if encoder else None
    cache = VectorCache(settings.data_dir / VECTOR_FILE)
    started = time.perf_counter()
    build_index(
        root,
        judged.documents,
        encoder=timed,
        tokenizer=tokenizer,
        cache=cache,
        progress=progress,
    )
    seconds = time.perf_counter() - started
    status = Searcher(root, tokenizer=tokenizer, encoder=encoder).status()
    if timed and status.pending_vectors:
        raise IndexUnavailable(N_("The passages could not be encoded; the log says why."))
    embedded = timed.seconds if timed else 0.0
    built = BuildFigures(len(judged.documents), status.passages, round(seconds, 2), round(embedded, 2))
    kept.write_text(json.dumps(asdict(built)), encoding="utf-8")
    return built


def _key(judged: JudgedSet, tokenizer: Tokenizer, encoder: Encoder | None, terms_path: Path) -> str:
    terms = terms_path.read_bytes() if terms_path.is_file() else b""
    parts = (
        judged.digest,
        tokenizer.version,
        encoder.model_hash if encoder else "",
        hashlib.sha256(terms).hexdigest(),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def _rows(path: Path, needed: tuple[str, ...]) -> list[dict[str, str]]:
    rows = []
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not all(isinstance(row[key], str) for key in needed):
                raise TypeError
        except (ValueError, KeyError, TypeError, RecursionError):
            raise InvalidInput(
                N_("%(file)s line %(line)s is not a JSON object with the texts %(keys)s."),
                file=path.name,
                line=number,
                keys=", ".join(needed),
            ) from None
        rows.append(row)
    return rows


def _grades(path: Path) -> dict[str, dict[str, int]]:
    grades: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_lines(path), 1):
        parts = line.split("\t")
        if number == 1 and parts[-1].strip() == "score":
            continue
        if not line.strip():
            continue
        try:
            query_id, document_id, score = parts
            grades.setdefault(query_id, {})[document_id] = int(score)
        except ValueError:
            raise InvalidInput(
                N_("%(file)s line %(line)s is not query, document and score between tabs."),
                file=path.name,
                line=number,
            ) from None
    return grades


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        raise InvalidInput(N_("There is no %(file)s in %(folder)s."), file=path.name, folder=path.parent) from None
    except UnicodeDecodeError:
        raise InvalidInput(N_("%(file)s is not UTF-8."), file=path.name) from None
