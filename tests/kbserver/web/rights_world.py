"""A site with somebody of every role and something in every state, for tests that try every route as everybody.

What a test changes is put back from a copy, so that each begins with the same rows.
"""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy import text as sql
from werkzeug.test import TestResponse

from indexer.articles import Audience
from kbserver.domain.articles import Stage
from kbserver.domain.drafts import Draft
from kbserver.domain.permissions import Role, Scope
from kbserver.domain.reader import Reader
from kbserver.domain.searching import Feedback, FeedbackKind
from kbserver.services.accounts import COMMAND_LINE, Person
from kbserver.services.api_tokens import TokenWish
from kbserver.services.container import Services
from kbserver.services.importing import ArticleImporter
from kbserver.services.indexing import IndexConsumer
from kbserver.store.database import Database
from kbserver.store.models import TaskRow
from kbserver.web import cookies, csrf
from kbserver.web.context import EXTENSION
from tests.kbserver.articles import markdown, write
from tests.kbserver.clients import FormClient

PASSWORD = "corgi-lamp-91"
NOBODY = "nobody"
ACTORS = (NOBODY, *(role.value for role in Role))

EVENT_TABLES = frozenset({"search_events", "feedback"})
"""What reading pages may write."""

CHANCE = {
    "sessions": {"secret_hash"},
    "password_links": {"secret_hash"},
    "api_tokens": {"id", "secret_hash", "last_used_at"},
    "accounts": {"password_hash"},
    "attachments": {"id"},
    "audit": {"subject"},
}
"""Columns whose values are drawn by lot, so that two runs of the same request differ in them."""

ARTICLES = {
    "public.md": markdown("KB-0001", "打印机 脱机", audience="public", category="打印", product="[Windows]"),
    "customer.md": markdown("KB-0002", "Outlook 收不到邮件", audience="customer"),
    "internal.md": markdown("KB-0003", "VPN 错误 809", audience="internal", state="validated"),
    "archived.md": markdown("KB-0004", "旧传真机", audience="internal"),
    "changed.md": markdown("KB-0005", "扫描仪", audience="public"),
}


@dataclass
class World:
    """The site, who there is, and `names` for addresses: numbers and ids of what stands in each state."""

    app: Flask
    services: Services
    database: Database
    path: Path
    people: dict[str, Reader] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    """The secret of each one's session."""
    tokens: dict[str, str] = field(default_factory=dict)
    """A token of each one, for everything that it may be for."""
    narrow: dict[str, str] = field(default_factory=dict)
    """A token of the administrator's for each scope alone."""
    names: dict[str, object] = field(default_factory=dict)
    _copy: sqlite3.Connection | None = None

    def client(self, actor: str = NOBODY, *, with_token: bool = True) -> FormClient:
        """A browser in which that person is signed in."""
        client = self.app.test_client()
        assert isinstance(client, FormClient)
        client.with_token = with_token
        if actor in self.sessions:
            client.set_cookie(cookies.SESSION, self.sessions[actor])
        return client

    def keep(self) -> None:
        """Remember all rows as they are now."""
        self._copy = sqlite3.connect(":memory:", check_same_thread=False)
        with sqlite3.connect(self.path) as live:
            live.backup(self._copy)

    def restore(self) -> None:
        """Put all rows back as they were remembered."""
        assert self._copy is not None
        live = sqlite3.connect(self.path)
        self._copy.backup(live)
        live.close()

    def rows(self, *, masked: bool = False) -> dict[str, list[str]]:
        """Every row of every table as text, sorted, without what is drawn by lot if asked."""
        with self.database.read() as session:
            tables = session.scalars(sql("SELECT name FROM sqlite_master WHERE type = 'table'"))
            names = sorted(name for name in tables if not name.startswith("sqlite_") and name not in EVENT_TABLES)
            found = {}
            for name in names:
                hidden = CHANCE.get(name, set()) if masked else {"last_used_at"}
                rows = session.execute(sql(f'SELECT * FROM "{name}"')).mappings()
                found[name] = sorted(repr([v for c, v in row.items() if c not in hidden]) for row in rows)
            return found

    def close(self) -> None:
        """Give everything back."""
        if self._copy is not None:
            self._copy.close()


def make_world(app: Flask, database: Database, index: Any, clock: Any, folder: Path, path: Path) -> Iterator[World]:
    """The world, from its beginning to its end."""
    services = app.extensions[EXTENSION].services
    world = World(app, services, database, path)
    _articles(world, index, clock, folder)
    for role in Role:
        _person(world, role)
    _states(world)
    clock.tick = False
    world.keep()
    yield world
    world.close()


def send(world: World, client: FormClient, row: Any, **more: Any) -> TestResponse:
    """The response to a row's request."""
    names = world.names
    form = {**{key: _filled(value, names) for key, value in row.form.items()}, **more.pop("extra", {})}
    headers = {**{key: _filled(value, names) for key, value in row.headers.items()}, **more.pop("headers", {})}
    content = {"json": form} if row.is_api else {"data": _form(form)}
    method = getattr(client, row.route.split(" ")[0].lower())
    return method(row.address(names), headers=headers, buffered=True, **(content if row.is_unsafe else {}), **more)


def _filled(value: Any, names: Mapping[str, object]) -> Any:
    """The value with what the names stand for; braces around anything else are left."""
    if not isinstance(value, str):
        return value
    for name, meant in names.items():
        value = value.replace(f"{{{name}}}", str(meant))
    return value


def _form(form: Mapping[str, Any]) -> dict[str, Any]:
    """The form's values; bytes stand for a file."""
    return {k: (io.BytesIO(v), "log.txt") if isinstance(v, bytes) else v for k, v in form.items()}


def _articles(world: World, index: Any, clock: Any, folder: Path) -> None:
    for name, text in ARTICLES.items():
        write(folder, name, text)
    importer = ArticleImporter(world.database, clock, folder, reviews_files=False)
    importer.import_folder()
    write(folder, "changed.md", markdown("KB-0005", "扫描仪 卡纸", audience="public"))
    importer.import_folder()
    IndexConsumer(world.database, index).catch_up()


def _person(world: World, role: Role) -> None:
    services = world.services
    account = services.accounts.create(COMMAND_LINE, Person(role.value, role), PASSWORD)
    who = Reader(account.audience, account.name, role, account.id, account.name)
    world.people[role.value] = who
    world.sessions[role.value] = services.sessions.begin(account.id, "Firefox/140 Windows").secret
    wish = TokenWish(f"of {role}", frozenset(Scope), Audience.INTERNAL, 0, account.id)
    world.tokens[role.value] = services.api_tokens.create(COMMAND_LINE, wish).text
    world.names[role.value] = account.id


def _states(world: World) -> None:
    services, people, names = world.services, world.people, world.names
    agent, engineer, reviewer, admin = (people[name] for name in ("agent", "engineer", "reviewer", "admin"))
    services.archive.archive(reviewer, "KB-0004", "no longer sold")
    draft = services.drafts.edit(agent, "KB-0001")
    services.attachments.add(agent, draft.id, "log.txt", io.BytesIO(b"all well\n"))
    [file] = services.attachments.of_draft(agent, draft.id)
    waiting = _submitted(services, agent, "KB-0002")
    comment = services.comments.add(reviewer, waiting.id, "is this so?", "")
    others = services.drafts.edit(engineer, "KB-0003")
    of_reviewer = _submitted(services, reviewer, "KB-0003")
    services.feedback.record(people["reader"], Feedback("KB-0001", FeedbackKind.WRONG, "", "step 1 is wrong"))
    services.events.flush()
    with world.database.read() as session:
        names["task"] = session.scalar(select(TaskRow.id))
    names |= {
        "draft": draft.id,
        "file": file.name,
        "waiting": waiting.id,
        "waiting_version": waiting.version,
        "comment": comment.id,
    }
    names |= {"others": others.id, "of_reviewer": of_reviewer.id}
    names["link"] = services.password_links.create(admin, people["reader"].account_id).path.rpartition("/")[2]
    names["etag"] = services.writing.etag(admin, "KB-0005") + "-internal"
    for scope in Scope:
        wish = TokenWish(f"for {scope}", frozenset({scope}), Audience.INTERNAL, 0, admin.account_id)
        made = services.api_tokens.create(COMMAND_LINE, wish)
        world.narrow[scope.value] = made.text
        names["token"] = made.token.id


def _submitted(services: Services, who: Reader, article_id: str) -> Draft:
    draft = services.drafts.edit(who, article_id)
    changed = services.drafts.save(who, draft.id, draft.version, draft.markdown + "\n2. 再试一次。\n")
    services.review.submit(who, draft.id, changed.version, "a second step")
    found = services.drafts.get(who, draft.id)
    assert found.stage is Stage.IN_REVIEW
    return found


def foreign_token(world: World) -> str:
    """A form token of a browser that is none of this test's."""
    with world.app.app_context():
        return csrf.token_for("somebody else's session")
