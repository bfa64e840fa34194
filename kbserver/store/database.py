"""Connections and transactions: `Database.read()` and `Database.write()`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from kbserver.errors import N_, Busy

BUSY_TIMEOUT_MS = 5_000
"""How long a writer waits for the one before it."""

WRITE_LOCK = 4_150_201
"""Key of the PostgreSQL advisory lock that puts writers in a row, as SQLite does by itself."""


class Database:
    """One database and its pool of connections; made after a fork, never before."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = _engine(url)
        self._writing = self._engine.execution_options(kb_write=True)
        # PostgreSQL gives each statement a state of its own unless it is asked for one per transaction;
        # SQLite keeps one by itself.
        is_postgresql = self._engine.dialect.name == "postgresql"
        options = {"isolation_level": "REPEATABLE READ"} if is_postgresql else {}
        self._reading = self._engine.execution_options(**options)

    @classmethod
    def at(cls, url: str, data_dir: Path) -> Database:
        """The database at `url`, or the SQLite file of the data folder when it is empty."""
        if not url:
            data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            url = f"sqlite:///{(data_dir / 'kb.sqlite3').resolve()}"
        return cls(url)

    @property
    def engine(self) -> Engine:
        """The engine, for migrations and checks."""
        return self._engine

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the database and never writes."""
        with _busy_as_such(), Session(self._reading, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that holds the write lock from its start and commits at its end.

        A SQLite transaction that begins by reading fails at once when it turns
        to writing while another writes, whatever its timeout says.
        """
        with _busy_as_such(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            # A session begins with its first statement unless it is asked to.
            session.connection()
            if self._engine.dialect.name == "postgresql":
                session.execute(text(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})"))
            yield session

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()


@contextmanager
def _busy_as_such() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if "locked" in str(error.orig) or "busy" in str(error.orig):
            raise Busy(N_("The database is busy; please try again.")) from error
        raise


def _engine(url: str) -> Engine:
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own transactions would start too late and always deferred.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "trusted_schema = OFF",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("kb_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
