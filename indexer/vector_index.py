"""The vectors of one segment: exact scores through FAISS, and a graph above a measured size.

    vectors.f16.npy  one row per passage, L2-normalised, half precision
    graph.faiss      HNSW over 8-bit codes, only for segments above GRAPH_FROM rows

The half-precision rows are handed to FAISS as they are, so small segments need
no FAISS file. FAISS is imported on first use and runs on one thread: threads
come from the server, and an OpenMP pool per thread would only fight them.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

GRAPH_FROM = 10_000
"""Rows from which a graph is used. One core beside other work, top 100: a scan takes 0.9 ms at 10,000
rows and 2.0 ms at 22,668, a graph 0.4 ms at both."""

LINKS = 32
EF_CONSTRUCTION = 80
EF_SEARCH = 256
"""Recall of 0.98 in the first 10 and 50, 0.97 in the first 100 on 22,668 real passages (318 real
questions); what words find beside it gets its exact cosine anyhow. 192 gives 0.97, 0.97 and 0.95."""

GRAPH_SHARE = 0.3
"""With a smaller share of rows allowed a graph walk misses too many, and scanning them is quick."""

GATHER_BELOW = 4096
"""Fewer allowed rows than this are multiplied directly, at 0.2 microseconds a row."""


class VectorFileError(ValueError):
    """The vectors do not fit the segment."""


@lru_cache(maxsize=1)
def _faiss() -> Any:
    import faiss

    faiss.omp_set_num_threads(1)
    return faiss


def write_vectors(folder: Path, vectors: Floats, graph_from: int = GRAPH_FROM, threads: int = 2) -> None:
    """Store `vectors`, and their graph if there are at least `graph_from` of them."""
    np.save(folder / "vectors.f16.npy", vectors.astype(np.float16), allow_pickle=False)
    if len(vectors) >= graph_from:
        _write_graph(folder / "graph.faiss", vectors, threads)


def _write_graph(path: Path, vectors: Floats, threads: int) -> None:
    faiss = _faiss()
    kind = faiss.ScalarQuantizer.QT_8bit
    graph = faiss.IndexHNSWSQ(vectors.shape[1], kind, LINKS, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = EF_CONSTRUCTION
    faiss.omp_set_num_threads(threads)
    try:
        graph.train(vectors)
        graph.add(vectors)
    finally:
        faiss.omp_set_num_threads(1)
    faiss.write_index(graph, str(path))


class SegmentVectors:
    """The opened vectors of a segment; safe to share between threads. Verify the files first."""

    def __init__(self, folder: Path, rows: int) -> None:
        self.id = folder.name
        self.stored = np.load(folder / "vectors.f16.npy", mmap_mode="r", allow_pickle=False)
        if self.stored.ndim != 2 or len(self.stored) != rows:
            raise VectorFileError(f"{len(self.stored)} vectors for {rows} passages")
        self.rows, self.dimensions = self.stored.shape
        self._exact: Any = None
        self._graph = self._open_graph(folder / "graph.faiss")
        if self._graph is None:
            self._scan()
        self._article_means: NDArray[np.float16] | None = None
        self.sum: Floats = self.stored.sum(axis=0, dtype=np.float32)
        """Sum of all rows; with the row counts it gives the mean of a whole index."""
        self._sums: dict[int, Floats] = {}

    def _scan(self) -> Any:
        """The exact index; with a graph only narrow filters need it, so it is made on first use."""
        if self._exact is None:
            faiss = _faiss()
            kind = faiss.ScalarQuantizer.QT_fp16
            exact = faiss.IndexScalarQuantizer(self.dimensions, kind, faiss.METRIC_INNER_PRODUCT)
            faiss.copy_array_to_vector(self.stored.view(np.uint8).reshape(-1), exact.codes)
            exact.ntotal = self.rows
            self._exact = exact
        return self._exact

    def _open_graph(self, path: Path) -> Any:
        if not path.exists():
            return None
        faiss = _faiss()
        graph = faiss.read_index(str(path))
        fits = graph.ntotal == self.rows and graph.d == self.dimensions
        if not fits or graph.metric_type != faiss.METRIC_INNER_PRODUCT:
            raise VectorFileError("the graph does not belong to the vectors")
        return graph

    def sum_for(self, reader: int, readable: Mask) -> Floats:
        """Sum of the rows that a reader of that code may read, always the same ones. Kept after the first call."""
        if reader not in self._sums:
            total = np.zeros(self.dimensions, np.float32)
            for at in range(0, self.rows, 4096):
                total += readable[at : at + 4096].astype(np.float32) @ self.stored[at : at + 4096].astype(np.float32)
            self._sums[reader] = total
        return self._sums[reader]

    def article_means(self, starts: Ints) -> NDArray[np.float16]:
        """The mean vector of each article; its rows lie from one of `starts` to the next. Kept after the first call."""
        if self._article_means is None:
            sizes = np.diff(starts)
            filled = np.flatnonzero(sizes)
            means = np.zeros((len(sizes), self.dimensions), np.float16)
            for at in range(0, len(filled), 1024):
                some = filled[at : at + 1024]
                first, last = starts[some[0]], starts[some[-1] + 1]
                sums = np.add.reduceat(self.stored[first:last].astype(np.float32), starts[some] - first, axis=0)
                means[some] = sums / sizes[some, None]
            self._article_means = means
        return self._article_means

    def nearest(self, query: Floats, k: int, allowed: Mask | None) -> tuple[Ints, Floats]:
        """The k rows with the highest cosine among the allowed ones, best first, exact cosines.

        A graph gives at most EF_SEARCH rows.
        """
        if allowed is None:
            return self._search(query, k, None)
        count = int(np.count_nonzero(allowed))
        if count < GATHER_BELOW:
            rows = np.flatnonzero(allowed)
            cosines = self.cosines(query, rows)
            best = np.argsort(-cosines, kind="stable")[:k]
            return rows[best], cosines[best]
        return self._search(query, k, allowed)

    def _search(self, query: Floats, k: int, allowed: Mask | None) -> tuple[Ints, Floats]:
        k = min(k, self.rows)
        selective = allowed is not None and np.count_nonzero(allowed) < GRAPH_SHARE * self.rows
        if self._graph is not None and not selective:
            rows = np.sort(self._run(self._graph, query, min(k, EF_SEARCH), allowed)[0])
            cosines = self.cosines(query, rows)
            order = np.argsort(-cosines, kind="stable")
            return rows[order], cosines[order]
        return self._run(self._scan(), query, k, allowed)

    def _run(self, index: Any, query: Floats, k: int, allowed: Mask | None) -> tuple[Ints, Floats]:
        faiss = _faiss()
        options: dict[str, Any] = {}
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            options["sel"] = faiss.IDSelectorBitmap(bits)
        if index is self._graph:
            params = faiss.SearchParametersHNSW(efSearch=EF_SEARCH, **options)
        else:
            params = faiss.SearchParameters(**options) if options else None
        scores, rows = index.search(query.reshape(1, -1), k, params=params)
        found = rows[0] >= 0
        return rows[0][found], scores[0][found]

    def cosines(self, query: Floats, rows: Ints) -> Floats:
        """The exact cosine of each of `rows` with the query, in their order."""
        return half_dot(self.stored, rows, query)


def half_dot(table: NDArray[np.float16], rows: Ints, query: Floats) -> Floats:
    """`table[rows] @ query` for normal half-precision numbers, six times as fast as numpy widens them.

    The bits of a half are moved to where a single has them. That leaves its
    exponent 112 too small, which a query multiplied by 2**112 makes good, exactly.

    >>> half_dot(np.array([[0.5, -2.0]], np.float16), np.array([0]), np.array([1.0, 0.25], np.float32))
    array([0.], dtype=float32)
    """
    bits = table.view(np.int16).take(rows, 0).astype(np.int32)
    np.left_shift(bits, 13, out=bits)
    np.bitwise_and(bits, _SIGN_EXPONENT_MANTISSA, out=bits)
    return np.asarray(bits.view(np.float32) @ (query * _REBIAS), np.float32)


_SIGN_EXPONENT_MANTISSA = np.int32(-0x7000_2000)
"""0x8FFFE000: without the copies of the sign that shifting a negative number left behind."""

_REBIAS = np.float32(2.0**112)
