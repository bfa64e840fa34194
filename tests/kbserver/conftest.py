"""A site over a real SQLite database and a folder of articles, with an index in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kbserver.app import create_app
from kbserver.config import Settings
from kbserver.services.container import Services
from kbserver.store.database import Database
from kbserver.store.schema import migrate
from kbserver.web.context import EXTENSION
from tests.fakes import FakeIndex

KEY = "k" * 40


class TickingClock:
    """A clock that moves by a second each time it is read."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


@pytest.fixture
def article_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(tmp_path: Path, article_folder: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var", articles_dir=article_folder, secret_key=KEY)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database.at("", settings.data_dir)
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture
def index() -> FakeIndex:
    return FakeIndex()


@pytest.fixture
def app(settings: Settings, database: Database, index: FakeIndex, clock: TickingClock) -> Flask:
    return create_app(settings, database=database, index=index, clock=clock)


@pytest.fixture
def services(app: Flask) -> Services:
    return app.extensions[EXTENSION].services


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
