from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from kbserver.domain.articles import Stage
from kbserver.store.database import Database
from kbserver.store.models import ArticleRow, Base, CursorRow, RevisionRow
from kbserver.store.outbox import advance, cursor_of
from kbserver.store.schema import HEAD, NewerDatabase, current_version, known_versions, migrate


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5000)],
)
def test_every_connection_is_safe(database: Database, pragma: str, value: object) -> None:
    with database.write() as session:
        assert session.scalar(text(f"PRAGMA {pragma}")) == value


def test_foreign_keys_are_enforced(database: Database) -> None:
    row = RevisionRow(
        article_id="KB-none",
        number=1,
        markdown="",
        sha256="",
        author="",
        reason="",
        stage=Stage.PUBLISHED,
        created_at=None,
    )

    with pytest.raises(IntegrityError), database.write() as session:
        session.add(row)


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    def fail_half_way() -> None:
        with database.write() as session:
            advance(session, "index", 5)
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()

    with database.read() as session:
        assert cursor_of(session, "index") == 0


def test_a_writer_that_reads_first_waits_for_the_one_before_it(database: Database) -> None:
    has_begun = threading.Event()

    def slow_writer() -> None:
        with database.write() as session:
            has_begun.set()
            time.sleep(0.2)
            advance(session, "index", 1)

    other = threading.Thread(target=slow_writer)
    other.start()
    has_begun.wait(5)
    with database.write() as session:
        before = cursor_of(session, "index")
        session.get_one(CursorRow, "index").seq = before + 1
    other.join()

    with database.read() as session:
        assert cursor_of(session, "index") == 2


def test_a_reader_sees_one_state_while_others_write(database: Database) -> None:
    with database.read() as reading:
        before = cursor_of(reading, "index")
        with database.write() as session:
            advance(session, "index", 9)
        reading.expire_all()
        after = cursor_of(reading, "index")

    assert before == after == 0


class TestMigrations:
    def test_the_newest_revision_is_the_one_named(self) -> None:
        assert known_versions()[-1] == HEAD

    def test_migrating_twice_does_nothing_the_second_time(self, database: Database) -> None:
        assert migrate(database) is False

    def test_tables_are_those_of_the_models(self, database: Database) -> None:
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        with database.engine.connect() as connection:
            found = compare_metadata(MigrationContext.configure(connection), Base.metadata)

        assert found == []

    @pytest.mark.sqlite
    def test_down_and_up_again_gives_the_same_schema(self, database: Database) -> None:
        before = _schema(database)

        migrate(database, "base")
        emptied = set(inspect(database.engine).get_table_names())
        migrate(database)

        assert emptied == {"alembic_version"}
        assert _schema(database) == before

    def test_a_later_release_s_database_is_refused(self, database: Database) -> None:
        with database.write() as session:
            session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

        with pytest.raises(NewerDatabase, match="9999"):
            migrate(database)

    def test_a_failed_migration_leaves_the_former_schema(self, tmp_path, monkeypatch) -> None:
        empty = Database.at("", tmp_path)
        monkeypatch.setattr("alembic.op.create_index", _fail)

        with pytest.raises(ZeroDivisionError):
            migrate(empty)

        assert current_version(empty) is None
        assert not inspect(empty.engine).has_table(ArticleRow.__tablename__)
        empty.close()


def _fail(*_: object, **__: object) -> None:
    raise ZeroDivisionError


def _schema(database: Database) -> list[str]:
    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return sorted(rows.scalars())
