"""No reader learns by any route of anything that is hidden from them.

Each secret is a word that stands in one hidden thing and nowhere else. Everybody asks every route
of `leak_routes.ROUTES` for every secret that they may not know. An answer leaks when it holds the
word, or when it differs from the answer to a word, an id or a number that nobody ever used: in
status, headers, text, counts, scores, or in how often the database was asked.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from string import Formatter
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import event, true
from werkzeug.test import TestResponse

from indexer.snapshots import Snapshot, Visible
from tests.kbserver.conftest import TickingClock
from tests.kbserver.web.leak_routes import ROUTES, Row
from tests.kbserver.web.leak_site import NOTHING, Asker, LeakSite, Secret, build

FEWEST_PROBES = 2_000

OUR_HEADERS = ("Content-Type", "Content-Disposition", "Location", "ETag", "Last-Modified", "Cache-Control")
CHANGES_ALWAYS = re.compile(
    r'"took_ms":[\d.]+|[0-7][0-9A-HJKMNP-TV-Z]{25}|csrf[-_]token" (?:content|value)="[^"]*"|<time [^>]*>[^<]*</time>'
    r'|\d{4}-\d\d-\d\dT[\d:.+Z-]+|(?<=cursor=)[\w-]+|(?<="next_cursor":")[\w-]+'
)
"""Times, search ids, form tokens and paging marks: another one for each answer or question."""

ABSENT = {
    "draft": r"999999",
    "attachment": r"none.txt",
    "file": r"KB-9999.png",
    "picture": r"\g<1>files/none.png",
    "id": r"KB-9999",
}
"""Names of things that never were, by placeholder, made of a name of something that is."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LeakSite]:
    site = build(tmp_path_factory.mktemp("leaks"), TickingClock())
    yield site
    site.index.close()
    site.database.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a request, with what was asked for taken out."""

    status: int
    text: str
    headers: tuple[tuple[str, str], ...]
    statements: int
    """How often the database was asked: what takes longer can be told by the time it takes."""


@dataclass
class Prober:
    """Asks, and remembers what things that do not exist are answered with."""

    site: LeakSite
    asked: Counter[str] = field(default_factory=Counter)
    _known: dict[tuple[str, ...], Answer] = field(default_factory=dict)

    def leaks(self, asker: Asker, endpoint: str, row: Row) -> Iterator[str]:
        """What this asker learns by this route that they should not, one line each."""
        hidden = self.site.hidden_from(asker)
        for address in row.addresses if not asker.is_program or endpoint.startswith("api.") else ():
            wanted = _placeholders(address, row)
            if not wanted:
                answer = self._answer(asker, row, address, {})
                self.asked[asker.kind] += len(hidden)
                yield from (self._line(asker, address, secret) for secret in hidden if _shows(answer, secret))
            for secret in hidden if wanted else ():
                for values in _values(secret, wanted):
                    yield from self._compared(asker, row, address, secret, values)

    def _compared(self, asker: Asker, row: Row, address: str, secret: Secret, values: dict[str, str]) -> Iterator[str]:
        self.asked[asker.kind] += 1
        answer = self._answer(asker, row, address, values)
        if _shows(answer, secret):
            yield self._line(asker, address, secret, **values)
        if values.get("text") == secret.sentence or (secret.is_told(asker.reader) and "text" not in values):
            return
        nothing = {name: _nothing_like(name, value) for name, value in values.items()}
        key = (asker.kind, row.method, address, *nothing.values())
        if key not in self._known:
            self._known[key] = self._answer(asker, row, address, nothing)
        if answer != self._known[key]:
            # Something may have been looked up for the first time; what is hidden makes a difference each time.
            answer, other = (self._answer(asker, row, address, asked) for asked in (values, nothing))
            if answer != other:
                yield self._line(asker, address, secret, **values) + f"\n{_difference(answer, other)}"

    def _answer(self, asker: Asker, row: Row, address: str, values: dict[str, str]) -> Answer:
        statements = Counter[str]()

        def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            # Sessions and tokens are touched now and then, whatever is asked.
            statements["read"] += statement.startswith("SELECT")

        event.listen(self.site.database.engine, "before_cursor_execute", count)
        try:
            response = asker.client.open(
                address.format(**values) if values else address,
                method=row.method,
                json={name: text.format(**values) for name, text in row.body.items()} if row.body else None,
            )
        finally:
            event.remove(self.site.database.engine, "before_cursor_execute", count)
        # The tag of an answer that repeats the question changes with the question.
        repeats = values.keys() & {"word", "text"}
        names = [name for name in OUR_HEADERS if name in response.headers and not (name == "ETag" and repeats)]
        headers = tuple((name, _settled(response.headers[name], values)) for name in names)
        return Answer(response.status_code, _settled(_text_of(response), values), headers, statements["read"])

    def _line(self, asker: Asker, address: str, secret: Secret, **values: str) -> str:
        return f"{asker.kind} learns of {secret.what} ({secret.word}) by {address} {values or ''}"


def _placeholders(address: str, row: Row) -> set[str]:
    texts = (address, *map(str, (row.body or {}).values()))
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def _values(secret: Secret, wanted: set[str]) -> Iterator[dict[str, str]]:
    """What the placeholders of an address stand for when this secret is looked for."""
    if wanted <= {"word"}:
        yield {"word": secret.word}
    elif wanted <= {"text"}:
        for text in (secret.word, secret.prefix, secret.sentence, secret.names.get("id", "")):
            if text:
                yield {"text": text}
    elif wanted <= secret.names.keys():
        yield {name: secret.names[name] for name in wanted}


def _nothing_like(name: str, value: str) -> str:
    return re.sub(r"^(.*/|).*$", ABSENT[name], value, count=1) if name in ABSENT else NOTHING[len(value)]


def _text_of(response: TestResponse) -> str:
    if response.mimetype != "application/zip":
        return response.data.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        return "\n".join(f"{name}\n{archive.read(name).decode('utf-8', 'replace')}" for name in archive.namelist())


def _settled(text: str, values: dict[str, str]) -> str:
    """The text without what changes always, and without what was asked for, which pages repeat."""
    text = CHANGES_ALWAYS.sub("*", unquote(unquote(text)))
    for name, value in values.items():
        before = "(?<=drafts/)" if name == "draft" else ""
        text = re.sub(rf"{before}{re.escape(value)}(?!\d)", f"<{name}>", text, flags=re.IGNORECASE)
    return text


def _shows(answer: Answer, secret: Secret) -> bool:
    """Whether an answer holds the word or its beginning."""
    shown = f"{answer.text} {answer.headers}".casefold()
    return secret.prefix.casefold() in shown


def _difference(one: Answer, other: Answer) -> str:
    for name in ("status", "headers", "statements"):
        if getattr(one, name) != getattr(other, name):
            return f"  {name}: {getattr(one, name)} is not {getattr(other, name)}"
    at = next((n for n, (a, b) in enumerate(zip(one.text, other.text, strict=False)) if a != b), 0)
    return f"  text: …{one.text[max(0, at - 80) : at + 120]!r}\n  is not …{other.text[max(0, at - 80) : at + 120]!r}"


def test_every_route_and_operation_has_a_row(site: LeakSite) -> None:
    routes = {rule.endpoint for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    operations = {
        f"api.{operation['operationId']}"
        for methods in site.app.api_doc["paths"].values()  # type: ignore[attr-defined]
        for operation in methods.values()
    }

    assert routes | operations == ROUTES.keys(), "add a row to tests/kbserver/web/leak_routes.py, or take one out"


def test_nobody_learns_what_is_hidden_from_them(site: LeakSite) -> None:
    prober = Prober(site)

    leaks = [
        leak for asker in site.askers for endpoint, row in ROUTES.items() for leak in prober.leaks(asker, endpoint, row)
    ]

    assert not leaks, f"{len(leaks)} leaks:\n" + "\n".join(leaks[:40])
    assert prober.asked.total() >= FEWEST_PROBES
    assert prober.asked.keys() == {asker.kind for asker in site.askers}


def shows_everything(_self: Snapshot, *_: object) -> Visible:
    return Visible(None, None)


def counts_everything(self: Snapshot, *asked: Any) -> Visible:
    return replace(SEES(self, *asked), readable=None)


SEES = Snapshot.visible

BROKEN_GATES = {
    "the database shows every article": (
        "articles.show",
        "kbserver.store.articles.Visible.clause",
        property(lambda _: true()),
    ),
    "the index searches every text": ("api.search", "indexer.snapshots.Snapshot.visible", shows_everything),
    "hidden words count for scores": ("api.search", "indexer.snapshots.Snapshot.visible", counts_everything),
    "pages show internal parts": ("articles.show", "kbserver.services.articles.view_for", lambda _, view: view),
    "everybody sees drafts": ("review.show", "kbserver.services.drafts.may_see_draft", lambda *_: True),
}
"""By what is wrong: the route by which it shows, and how to break it."""


@pytest.mark.parametrize("gate", BROKEN_GATES)
def test_a_broken_gate_is_found(site: LeakSite, monkeypatch: pytest.MonkeyPatch, gate: str) -> None:
    """Otherwise the test above could say nothing."""
    endpoint, *broken = BROKEN_GATES[gate]
    monkeypatch.setattr(*broken)
    prober = Prober(site)
    outside = [asker for asker in site.askers if asker.kind in ("anonymous", "customer")]

    leaks = (leak for asker in outside for leak in prober.leaks(asker, endpoint, ROUTES[endpoint]))

    assert next(leaks, None) is not None
