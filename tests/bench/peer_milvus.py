"""Milvus Lite: its BM25 function over jieba's words, HNSW for vectors, joined by reciprocal ranks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.bench.peer import NEAREST, Floats, Task, articles_in_order

PACKAGES = ("pymilvus", "milvus_lite", "jieba")
NAME = "passages"
BATCH = 1000


class Milvus:
    """One collection in one local file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def index(self, task: Task) -> None:
        """Insert everything and build both indexes."""
        client = self._client()
        client.create_collection(NAME, schema=_schema(task.vectors.shape[1]), index_params=_indexes(client))
        for first in range(0, len(task.texts), BATCH):
            rows = range(first, min(first + BATCH, len(task.texts)))
            client.insert(NAME, [{"id": at, "text": task.texts[at], "dense": task.vectors[at].tolist()} for at in rows])
        client.flush(NAME)
        client.close()
        (self._folder / "owners.json").write_text(json.dumps(task.owners), encoding="utf-8")

    def open(self, questions: Mapping[str, Floats]) -> Callable[[str], list[str]]:
        """Load the collection."""
        from pymilvus import AnnSearchRequest, RRFRanker

        owners = json.loads((self._folder / "owners.json").read_text(encoding="utf-8"))
        client = self._client()
        client.load_collection(NAME)

        def ask(text: str) -> list[str]:
            dense = AnnSearchRequest([questions[text].tolist()], "dense", {"params": {"ef": 128}}, NEAREST)
            words = AnnSearchRequest([text], "words", {}, NEAREST)
            found = client.hybrid_search(NAME, [dense, words], RRFRanker(), limit=NEAREST)[0]
            return articles_in_order([owners[hit["id"]] for hit in found])

        return ask

    def _client(self) -> Any:
        from pymilvus import MilvusClient

        return MilvusClient(str(self._folder / "milvus.db"))


def _schema(dimensions: int) -> Any:
    from pymilvus import DataType, Function, FunctionType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field(
        "text", DataType.VARCHAR, max_length=65_535, enable_analyzer=True, analyzer_params={"tokenizer": "jieba"}
    )
    schema.add_field("dense", DataType.FLOAT_VECTOR, dim=dimensions)
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("bm25", FunctionType.BM25, ["text"], ["words"]))
    return schema


def _indexes(client: Any) -> Any:
    indexes = client.prepare_index_params()
    indexes.add_index("dense", index_type="HNSW", metric_type="COSINE", params={"M": 32, "efConstruction": 200})
    indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    return indexes
