"""A site over a real SQLite database and a folder of articles, with an index in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from indexer.articles import Audience
from kbserver.app import create_app
from kbserver.config import Settings
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.services.container import Services
from kbserver.store.database import Database
from kbserver.store.models import AccountRow
from kbserver.store.schema import migrate
from kbserver.web.context import EXTENSION
from tests.fakes import FakeIndex
from tests.kbserver.clients import FormClient, sign_in_as
from tests.kbserver.publishing import Publisher

KEY = "k" * 40


class TickingClock:
    """A clock that moves by a second each time it is read, unless `tick` is off."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
        self.tick = True

    def now(self) -> datetime:
        self.moment += timedelta(seconds=self.tick)
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Passwords are hashed at the least cost there is: what they are worth is not what tests are about."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kbserver.services.passwords.HASHER", PasswordHasher(1, 8, 1))
        yield


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
    database = Database.at(os.environ.get("KB_TEST_DATABASE_URL", ""), settings.data_dir)
    if database.engine.dialect.name == "postgresql":
        empty(database)
    migrate(database)
    yield database
    database.close()


def empty(database: Database) -> None:
    """Drop everything that the last test left in a database that outlives it."""
    with database.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture
def index() -> FakeIndex:
    return FakeIndex()


@pytest.fixture
def app(settings: Settings, database: Database, index: FakeIndex, clock: TickingClock) -> Flask:
    app = create_app(settings, database=database, index=index, clock=clock)
    app.test_client_class = FormClient
    return app


@pytest.fixture
def services(app: Flask) -> Services:
    return app.extensions[EXTENSION].services


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def publisher(database: Database, clock: TickingClock, article_folder: Path, index: FakeIndex) -> Publisher:
    return Publisher(database, clock, article_folder, index)


@pytest.fixture
def people(database: Database, clock: TickingClock) -> dict[Role, Reader]:
    """Somebody of each role, with an account; the name is the role's."""
    with database.write() as session:
        rows = {role: account_row(role.value, role, clock.now()) for role in Role}
        session.add_all(rows.values())
        session.flush()
        return {role: Reader(Audience.INTERNAL, row.name, role, row.id, row.name) for role, row in rows.items()}


@pytest.fixture
def as_role(app: Flask, people: dict[Role, Reader]) -> Callable[[Role], FormClient]:
    """Clients that are signed in as somebody of a role, without the ceremony of signing in."""

    def client_of(role: Role) -> FormClient:
        client = app.test_client()
        sign_in_as(client, people[role])
        return client

    return client_of


def account_row(name: str, role: Role, at: datetime) -> AccountRow:
    """An account that nobody can sign in to with a password."""
    return AccountRow(
        name=name,
        display_name=name,
        email=f"{name}@example.com",
        role=role,
        audience=Audience.INTERNAL,
        created_at=at,
    )
