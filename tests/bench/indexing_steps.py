"""The steps of the indexing measurement; each runs in a process of its own."""

from __future__ import annotations

import shutil
import time
from itertools import count
from pathlib import Path

import numpy as np

from indexer.article_text import parse_article
from indexer.article_writing import markdown_of
from indexer.building import build_index
from indexer.encoding import VectorCache, load_encoder
from indexer.passages import passages_of
from indexer.tokenizing import Tokenizer
from kbserver.adapters.search_index import VECTOR_FILE
from tests.bench.collection import load_collection
from tests.bench.corpora import Variations, perturbed
from tests.bench.progress import bar
from tests.bench.replay import PASSAGES

ROUNDS = 3
"""The encoder alone and the whole build take turns so often."""


def pace(size: int, folder: str, data_dir: str, model: str, eval_data: str, articles: str) -> dict[str, list[float]]:
    """Passages per second of the encoder alone and of a build with it, on the same passages, round by round."""
    encoder = load_encoder(Path(data_dir), model)
    tokenizer = Tokenizer()
    collection = load_collection(Path(eval_data), Path(articles))
    made = list(Variations(collection.articles).of_size(size))
    texts = [passage.encoded_text for varied in made for passage in varied.passages]
    encoder.encode_passages(texts[:16])
    tokenizer.words("预热")
    alone, whole = [], []
    with bar(f"encode and index {size:,}", 2 * ROUNDS) as shown:
        for turn in range(ROUNDS):
            started = time.perf_counter()
            encoder.encode_passages(sorted(texts, key=len))
            alone.append(size / (time.perf_counter() - started))
            shown.update()
            root = Path(folder) / f"pace-{turn}"
            started = time.perf_counter()
            build_index(root, [varied.article for varied in made], encoder=encoder, tokenizer=tokenizer)
            whole.append(size / (time.perf_counter() - started))
            shutil.rmtree(root)
            shown.update()
    encoder.close()
    return {"encoder": alone, "build": whole}


def installation(
    size: int, folder: str, source: str, data_dir: str, model: str, eval_data: str, articles: str
) -> dict[str, int]:
    """An articles folder of `size` passages and a data folder with the model and their vectors in the cache."""
    target = Path(folder)
    (target / "articles").mkdir(parents=True)
    (target / "data").mkdir()
    (target / "data" / "models").symlink_to((Path(data_dir) / "models").resolve())
    encoder = load_encoder(Path(data_dir), model)
    collection = load_collection(Path(eval_data), Path(articles))
    real = np.load(Path(source) / PASSAGES)
    rows: list[int] = []
    texts: list[str] = []
    files = count()
    with bar(f"make {size:,}", size) as shown:
        for varied in Variations(collection.articles).of_size(size):
            text, path = markdown_of(varied.article), f"{varied.article.category or '便笺'}/{varied.article.id}.md"
            article = parse_article(text, path).article
            if article is None:
                continue
            file = target / "articles" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            next(files)
            found = [passage.encoded_text for passage in passages_of(article)]
            texts += found
            rows += [varied.rows[min(at, len(varied.rows) - 1)] for at in range(len(found))]
            shown.update(len(found))
    with VectorCache(target / "data" / VECTOR_FILE) as cache:
        for first in range(0, len(rows), 5000):
            part = real[rows[first : first + 5000]].astype(np.float32)
            cache.put_many(encoder.model_hash, texts[first : first + 5000], perturbed(part, first))
    encoder.close()
    return {"passages": len(texts), "articles": next(files)}
