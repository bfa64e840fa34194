"""Vectors kept on disk by model and text, so that no text is encoded twice."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self
from zlib import crc32

import numpy as np
import numpy.typing as npt

from indexer.encoding.encoder import Vectors

log = logging.getLogger(__name__)

FORMAT = 1
"""Written into the file; a file of another format is set aside, for it holds nothing that
cannot be computed again."""

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS model (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS vector (
    model INTEGER NOT NULL REFERENCES model(id), text BLOB NOT NULL,
    vector BLOB NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (model, text)
);
PRAGMA user_version = {FORMAT};
"""

_KEYS_PER_QUERY = 500
_BUSY_SECONDS = 30.0


class VectorCache:
    """(model hash, SHA-256 of a text) -> vector in half precision, in one SQLite file.

    SQLite's log gives what a cache needs: a batch is there whole or not at all
    after a crash, readers in other processes go on while one writes, and writers
    take turns. SQLite does not see flipped bits, so every vector has a checksum
    and one that does not fit counts as absent. A file that cannot be opened is
    renamed to `*.damaged` and a new one is begun.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._database = _opened(path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            self._database = self._begun_anew(error)

    def get_many(self, model_hash: str, texts: Sequence[str], dimensions: int) -> tuple[Vectors, npt.NDArray[np.bool_]]:
        """A row for each text and which rows were found; rows that were not are zero."""
        places: dict[bytes, int] = {}
        place = [places.setdefault(text_key(text), len(places)) for text in texts]
        vectors = np.zeros((len(places), dimensions), np.float32)
        found = np.zeros(len(places), np.bool_)
        rows, halves = self._stored(model_hash, places, 2 * dimensions)
        vectors[rows] = np.frombuffer(b"".join(halves), np.float16).reshape(-1, dimensions)
        found[rows] = True
        return vectors[place], found[place]

    def put_many(self, model_hash: str, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep one vector for each text, all or none; what was there for a text is replaced."""
        if len(texts) != len(vectors):
            raise ValueError(f"{len(texts)} texts but {len(vectors)} vectors")
        if not np.isfinite(vectors).all():
            raise ValueError("a vector holds a value that is not a finite number")
        halves = [vector.tobytes() for vector in vectors.astype(np.float16)]
        rows = [(text_key(text), half, crc32(half)) for text, half in zip(texts, halves, strict=True)]
        with self._lock:
            try:
                self._insert(model_hash, rows)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                self._database.close()
                self._database = self._begun_anew(error)
                self._insert(model_hash, rows)

    def count(self, model_hash: str) -> int:
        """How many vectors of one model are kept."""
        with self._lock:
            query = "SELECT count(*) FROM vector WHERE model = ?"
            return int(self._database.execute(query, (self._model_id(model_hash),)).fetchone()[0])

    def forget_other_models(self, model_hash: str) -> int:
        """Drop the vectors of all models but one; the number dropped."""
        with self._lock:
            with self._writing():
                keep = self._model_id(model_hash)
                gone = self._database.execute("DELETE FROM vector WHERE model IS NOT ?", (keep,))
                self._database.execute("DELETE FROM model WHERE id IS NOT ?", (keep,))
            if gone.rowcount:
                self._database.execute("VACUUM")
            return gone.rowcount

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _insert(self, model_hash: str, rows: list[tuple[bytes, bytes, int]]) -> None:
        with self._writing():
            model = self._model_id(model_hash, add=True)
            self._database.executemany(
                "INSERT OR REPLACE INTO vector VALUES (?, ?, ?, ?)",
                ((model, *row) for row in rows),
            )

    def _stored(self, model_hash: str, places: Mapping[bytes, int], size: int) -> tuple[list[int], list[bytes]]:
        """The places whose vector is there and whole, and those vectors as bytes."""
        rows: list[int] = []
        halves: list[bytes] = []
        with self._lock:
            try:
                for key, half, checksum in self._selected(model_hash, list(places)):
                    if len(half) == size and crc32(half) == checksum:
                        rows.append(places[key])
                        halves.append(half)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                log.warning("the vector cache %s is damaged (%s): read in part", self.path, error)
        return rows, halves

    def _selected(self, model_hash: str, keys: list[bytes]) -> Iterator[tuple[bytes, bytes, int]]:
        model = self._model_id(model_hash)
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            part = keys[start : start + _KEYS_PER_QUERY]
            marks = ",".join("?" * len(part))
            query = f"SELECT text, vector, checksum FROM vector WHERE model=? AND text IN ({marks})"
            yield from self._database.execute(query, (model, *part))

    def _model_id(self, model_hash: str, *, add: bool = False) -> int | None:
        if add:
            self._database.execute("INSERT OR IGNORE INTO model (hash) VALUES (?)", (model_hash,))
        query = "SELECT id FROM model WHERE hash = ?"
        row = self._database.execute(query, (model_hash,)).fetchone()
        return None if row is None else int(row[0])

    def _writing(self) -> _Transaction:
        return _Transaction(self._database)

    def _begun_anew(self, error: sqlite3.DatabaseError) -> sqlite3.Connection:
        aside = self.path.with_name(self.path.name + ".damaged")
        log.warning("the vector cache %s is damaged (%s): begun anew", self.path, error)
        self.path.replace(aside)
        for ending in ("-wal", "-shm"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
        return _opened(self.path)


class _Transaction:
    """BEGIN IMMEDIATE around a block, so that waiting for another writer happens at its start."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.execute("COMMIT" if kind is None else "ROLLBACK")


def text_key(text: str) -> bytes:
    """What a text is filed under."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        # NORMAL may lose the newest vectors at a power cut, never the file, and
        # a lost vector is only computed again.
        database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        version = int(database.execute("PRAGMA user_version").fetchone()[0])
        if version not in (0, FORMAT):
            raise sqlite3.DatabaseError(f"format {version} instead of {FORMAT}")
        if version == 0:
            database.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
    except BaseException:
        database.close()
        raise
    return database
