from __future__ import annotations

from pathlib import Path

import pytest

from kbserver.services.importing import ArticleImporter
from kbserver.services.indexing import CONSUMER, IndexConsumer
from kbserver.store.database import Database
from kbserver.store.outbox import cursor_of, last_seq
from tests.fakes import FakeIndex
from tests.kbserver.articles import markdown, write


@pytest.fixture
def importer(database: Database, clock, article_folder: Path) -> ArticleImporter:
    for number in (1, 2):
        write(article_folder, f"{number}.md", markdown(f"KB-000{number}"))
    importer = ArticleImporter(database, clock, article_folder, reviews_files=False)
    importer.import_folder()
    return importer


def test_everything_published_is_taken_in(importer: ArticleImporter, database: Database, index: FakeIndex) -> None:
    IndexConsumer(database, index).catch_up()

    assert sorted(index.articles) == ["KB-0001", "KB-0002"]
    with database.read() as session:
        assert index.sequence == last_seq(session) == cursor_of(session, CONSUMER)


def test_nothing_new_touches_nothing(importer: ArticleImporter, database: Database, index: FakeIndex) -> None:
    consumer = IndexConsumer(database, index)
    consumer.catch_up()
    generation = index.generation

    assert (consumer.catch_up(), index.generation) == (0, generation)


def test_an_archived_article_is_taken_out(
    importer: ArticleImporter, article_folder: Path, database: Database, index: FakeIndex
) -> None:
    consumer = IndexConsumer(database, index)
    consumer.catch_up()
    (article_folder / "1.md").unlink()
    importer.import_folder()

    consumer.catch_up()

    assert sorted(index.articles) == ["KB-0002"]


def test_an_index_that_knows_more_than_the_database_is_built_anew(
    importer: ArticleImporter, database: Database, index: FakeIndex
) -> None:
    index.articles, index.sequence = {"KB-0666": None}, 999

    IndexConsumer(database, index).catch_up()

    assert sorted(index.articles) == ["KB-0001", "KB-0002"]


def test_an_interrupted_update_is_made_up_for(
    importer: ArticleImporter, database: Database, index: FakeIndex, monkeypatch
) -> None:
    consumer = IndexConsumer(database, index)
    with monkeypatch.context() as patch:
        patch.setattr(index, "update", _fail)
        with pytest.raises(ZeroDivisionError):
            consumer.catch_up()

    consumer.catch_up()

    assert sorted(index.articles) == ["KB-0001", "KB-0002"]


def _fail(*_: object) -> None:
    raise ZeroDivisionError
