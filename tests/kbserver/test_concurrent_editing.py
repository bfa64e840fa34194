"""Promise D9 and threat T22 over HTTP: of writers at one moment one wins, the others lose and overwrite nothing."""

from __future__ import annotations

import http.client
import json
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
import waitress
from flask import Flask
from sqlalchemy import select

from indexer.articles import Audience
from indexer.frontmatter import parse_article
from kbserver.domain.permissions import Scope
from kbserver.services.accounts import COMMAND_LINE
from kbserver.services.api_tokens import TokenWish
from kbserver.services.container import Services
from kbserver.store.articles import standing
from kbserver.store.database import Database
from kbserver.store.models import OutboxRow, RevisionRow
from tests.kbserver.articles import markdown

WRITERS = 8


@dataclass
class Writer:
    """A program with a connection of its own, and what it was told."""

    port: int
    token: str
    name: str
    acknowledged: list[tuple[str, int, str]] = field(default_factory=list)
    """Article, revision and the mark in its text, for every publish that was acknowledged."""
    lost: list[tuple[str, int]] = field(default_factory=list)
    """Article and the newer revision that a conflict told of."""

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def close(self) -> None:
        self._connection.close()

    def send(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict, str]:
        headers |= {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        self._connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = self._connection.getresponse()
        return response.status, json.loads(response.read() or b"{}"), response.headers.get("ETag", "")

    def etag(self, article_id: str) -> str:
        return self.send("GET", f"/api/v1/articles/{article_id}")[2]

    def publish(self, article_id: str, etag: str, mark: str) -> str:
        """Publish a text with that mark; gives the ETag to go on from."""
        text = markdown(article_id, f"{article_id} {mark}", f"## 解决步骤\n\n1. {mark}")
        status, answer, etag = self.send(
            "PUT", f"/api/v1/articles/{article_id}", {"markdown": text}, **{"If-Match": etag}
        )
        if status == 200:
            self.acknowledged.append((article_id, answer["revision"], mark))
            return etag
        assert status == 409, answer
        self.lost.append((article_id, answer["current"]["revision"]))
        return f'"{answer["current"]["etag"]}"'


@pytest.fixture
def make_writer(app: Flask, services: Services) -> Iterator[Callable[[int], Writer]]:
    """Writers of a site that answers on a port of this machine."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=WRITERS)
    thread = threading.Thread(target=server.run)
    thread.start()
    scopes = frozenset({Scope.ARTICLES_READ, Scope.ARTICLES_WRITE})

    writers: list[Writer] = []

    def make(number: int) -> Writer:
        made = services.api_tokens.create(COMMAND_LINE, TokenWish(f"writer {number}", scopes, Audience.INTERNAL, 1))
        writers.append(Writer(server.effective_port, made.text, f"w{number}"))
        return writers[-1]

    yield make
    for writer in writers:
        writer.close()
    server.close()
    # The loop ends with the last of its sockets.
    server.asyncore.close_all(server._map)
    thread.join(10)
    server.task_dispatcher.shutdown()


def new_articles(writer: Writer, count: int) -> list[str]:
    answers = [writer.send("POST", "/api/v1/articles", {"markdown": markdown(title=str(n))})[1] for n in range(count)]
    return [answer["id"] for answer in answers]


def check_the_record(database: Database, writers: list[Writer], articles: list[str]) -> None:
    """Every acknowledged publish is a revision with its text, and there is no other; the last one stands."""
    acknowledged = {(a, number): mark for writer in writers for a, number, mark in writer.acknowledged}
    assert len(acknowledged) == sum(len(writer.acknowledged) for writer in writers), "a number was given twice"
    with database.read() as session:
        rows = session.execute(select(RevisionRow.article_id, RevisionRow.number, RevisionRow.markdown)).all()
        told = session.execute(select(OutboxRow.article_id, OutboxRow.payload).order_by(OutboxRow.seq)).all()
        current = {article_id: standing(session, article_id) for article_id in articles}
    for article_id in articles:
        numbers = sorted(number for a, number, _ in rows if a == article_id)
        assert numbers == list(range(1, len(numbers) + 1))
        assert [payload["revision"] for a, payload in told if a == article_id] == numbers
        assert current[article_id].revision == numbers[-1]
    for article_id, number, text in rows:
        if number > 1:
            assert f"1. {acknowledged.pop((article_id, number))}\n" in text
            assert parse_article(text, "").article.id == article_id
    assert acknowledged == {}, "an acknowledged publish is not there"


def test_of_many_writers_at_the_same_moment_one_wins(make_writer, database: Database) -> None:
    writers = [make_writer(number) for number in range(WRITERS)]
    (article,) = new_articles(writers[0], 1)
    start = threading.Barrier(WRITERS)

    def race(writer: Writer) -> None:
        for number in range(5):
            etag = writer.etag(article)
            start.wait(30)
            writer.publish(article, etag, f"{writer.name}-{number}")
            start.wait(30)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(race, writers))

    assert sum(len(writer.acknowledged) for writer in writers) == 5
    assert sum(len(writer.lost) for writer in writers) == 5 * (WRITERS - 1)
    check_the_record(database, writers, [article])


@pytest.mark.parametrize(
    ("publishes", "count"),
    [(6, 3), pytest.param(100, 20, marks=pytest.mark.slow)],
    ids=["6 publishes on 3 articles", "100 publishes on 20 articles"],
)
def test_writers_who_publish_again_and_again_lose_nothing(
    make_writer, database: Database, publishes: int, count: int
) -> None:
    writers = [make_writer(number) for number in range(WRITERS)]
    articles = new_articles(writers[0], count)

    def publish_all(writer: Writer) -> None:
        pick = random.Random(writer.name)
        etags: dict[str, str] = {}
        for number in range(publishes):
            article = pick.choice(articles)
            # What a writer saw last may be old by now: then it learns so, and tries again from there.
            etag = etags.get(article) or writer.etag(article)
            before = len(writer.acknowledged)
            while len(writer.acknowledged) == before:
                etag = etags[article] = writer.publish(article, etag, f"{writer.name}-{number}")

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(publish_all, writers))

    assert [len(writer.acknowledged) for writer in writers] == [publishes] * WRITERS
    assert any(writer.lost for writer in writers)
    for writer in writers:
        for article in articles:
            own = [number for a, number, _ in writer.acknowledged if a == article]
            assert own == sorted(set(own)), "versions grow"
    check_the_record(database, writers, articles)
