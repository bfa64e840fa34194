"""Who may do what, tried: every route, in every state of the table, as everybody; and every way around it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from kbserver.app import create_app
from kbserver.config import Settings
from kbserver.domain.permissions import Scope
from kbserver.store.database import Database
from kbserver.store.schema import migrate
from kbserver.web.api_access import scopes_of
from tests.fakes import FakeIndex
from tests.kbserver.clients import FormClient
from tests.kbserver.conftest import KEY, TickingClock
from tests.kbserver.web.rights_table import EXTRA_FIELDS, ROWS, Row
from tests.kbserver.web.rights_world import ACTORS, NOBODY, World, foreign_token, make_world, send

REFUSED = {401, 403, 404}
UNSAFE = [row for row in ROWS if row.is_unsafe and row.may]
PAGES = [row for row in UNSAFE if not row.is_api]
API = [row for row in UNSAFE if row.is_api]
TOKEN_ONLY = [row for row in API if NOBODY not in row.may]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    root = tmp_path_factory.mktemp("rights")
    settings = Settings(data_dir=root / "var", articles_dir=root / "articles", secret_key=KEY)
    database, index, clock = Database.at("", settings.data_dir), FakeIndex(), TickingClock()
    migrate(database)
    app = create_app(settings, database=database, index=index, clock=clock)
    app.test_client_class = FormClient
    yield from make_world(app, database, index, clock, settings.articles_dir, settings.data_dir / "kb.sqlite3")
    database.close()


@pytest.fixture(autouse=True)
def put_back(world: World) -> Iterator[None]:
    yield
    world.restore()


def as_actor(world: World, row: Row, actor: str, **more):
    """The answer that this person gets: programs show a token of theirs, browsers a session."""
    if row.is_api and row.is_unsafe:
        token = world.tokens.get(actor)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return send(world, world.client(), row, headers={**headers, **more.pop("headers", {})}, **more)
    return send(world, world.client(actor), row, **more)


def routes_of(app: Flask) -> set[str]:
    return {
        f"{method} {rule.rule}" for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def test_every_route_has_a_row(world: World) -> None:
    assert routes_of(world.app) == {row.route for row in ROWS}


def test_no_two_rows_are_the_same(world: World) -> None:
    assert len({str(row) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_who_may_and_who_may_not(world: World, row: Row, actor: str) -> None:
    before = world.rows()

    response = as_actor(world, row, actor)
    status = response.status_code

    assert (status < 400) == (actor in row.may), f"{status} {said(response)}"
    assert status < 400 or status in REFUSED
    if status >= 400 or not row.is_unsafe:
        assert world.rows() == before


@pytest.mark.parametrize("row", PAGES, ids=str)
class TestForms:
    """What another site could make a browser send, in which somebody is signed in who may."""

    def sent(self, world: World, row: Row, *, with_token: bool, headers: dict[str, str]) -> int:
        client = world.client(strongest(row), with_token=with_token)
        return send(world, client, row, headers=headers).status_code

    def test_without_the_page_s_token(self, world: World, row: Row) -> None:
        before = world.rows()

        assert self.sent(world, row, with_token=False, headers={}) == 403
        assert world.rows() == before

    def test_with_a_token_of_another_session(self, world: World, row: Row) -> None:
        before = world.rows()

        headers = {"X-CSRF-Token": foreign_token(world)}
        assert self.sent(world, row, with_token=False, headers=headers) == 403
        assert world.rows() == before

    @pytest.mark.parametrize("origin", ["https://evil.example", "null"])
    def test_from_a_page_of_another_site(self, world: World, row: Row, origin: str) -> None:
        before = world.rows()

        assert self.sent(world, row, with_token=True, headers={"Origin": origin}) == 403
        assert world.rows() == before

    def test_with_a_program_s_token_instead_of_a_session(self, world: World, row: Row) -> None:
        before = world.rows()

        headers = {"Authorization": f"Bearer {world.tokens['admin']}"}
        assert send(world, world.client(with_token=False), row, headers=headers).status_code == 403
        assert world.rows() == before


@pytest.mark.parametrize("row", API, ids=str)
class TestPrograms:
    """What an operation that changes something takes for a permission, and what not."""

    def test_not_a_session(self, world: World, row: Row) -> None:
        before = world.rows()

        assert send(world, world.client("admin"), row).status_code == 401
        assert world.rows() == before

    def test_not_a_token_that_does_not_hold(self, world: World, row: Row) -> None:
        before = world.rows()

        headers = {"Authorization": f"Bearer {world.tokens['admin'][:-1]}"}
        assert send(world, world.client(), row, headers=headers).status_code == 401
        assert world.rows() == before

    def test_not_a_token_of_another_scope(self, world: World, row: Row) -> None:
        before = world.rows()
        wrong = set(Scope) - set(scopes_asked(world, row))

        answers = {
            send(world, world.client(), row, headers={"X-API-Key": world.narrow[scope]}).status_code for scope in wrong
        }

        assert answers == {403}
        assert world.rows() == before

    def test_not_a_page_of_another_site(self, world: World, row: Row) -> None:
        before = world.rows()

        status = as_actor(world, row, "admin", headers={"Origin": "https://evil.example"}).status_code

        assert status == 403
        assert world.rows() == before


@pytest.mark.parametrize("row", TOKEN_ONLY, ids=str)
def test_an_operation_that_is_not_for_all_asks_for_a_token(world: World, row: Row) -> None:
    before = world.rows()

    assert send(world, world.client(), row).status_code == 401
    assert world.rows() == before


@pytest.mark.parametrize("row", PAGES, ids=str)
def test_fields_that_a_form_does_not_have_change_nothing(world: World, row: Row) -> None:
    actor = strongest(row)
    as_actor(world, row, actor)
    without = world.rows(masked=True)
    world.restore()
    extra = {name: value for name, value in EXTRA_FIELDS.items() if name not in {*row.form, *row.takes}}

    status = as_actor(world, row, actor, extra=extra).status_code

    assert status < 400
    assert world.rows(masked=True) == without


@pytest.mark.parametrize("name", EXTRA_FIELDS)
@pytest.mark.parametrize("row", API, ids=str)
def test_fields_that_an_operation_does_not_have_are_refused(world: World, row: Row, name: str) -> None:
    before = world.rows()

    response = as_actor(world, row, strongest(row), extra={name: EXTRA_FIELDS[name]})

    assert response.status_code == 400
    assert world.rows() == before


def said(response: TestResponse) -> str:
    """What the answer says, without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.text).split())[:2000]


def strongest(row: Row) -> str:
    """Somebody who may, of the highest role."""
    return max(row.may, key=ACTORS.index)


def scopes_asked(world: World, row: Row) -> tuple[str, ...]:
    """The scopes of which the operation asks for one, as its document says."""
    method, _, path = row.route.partition(" ")
    documented = path.replace("<string:", "{").replace(">", "}")
    operation = world.client().get("/openapi.json").get_json()["paths"][documented][method.lower()]
    return scopes_of(operation["security"])
