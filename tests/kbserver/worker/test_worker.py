from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from indexer.articles import Audience
from indexer.frontmatter import parse_article
from kbserver.domain.reader import Reader
from kbserver.domain.searching import SearchQuery
from kbserver.services.article_files import sha256_of
from kbserver.services.article_folder import ArticleFolder
from kbserver.services.clock import SystemClock
from kbserver.services.container import Services
from kbserver.services.folder_sync import FolderSync
from kbserver.services.folder_writing import FolderWriter
from kbserver.services.importing import ArticleImporter
from kbserver.services.indexing import IndexConsumer
from kbserver.store.database import Database
from kbserver.store.models import SearchEventRow
from kbserver.store.publishing import NewRevision, publish
from kbserver.worker.lease import LEASE_SECONDS, WorkerLease
from kbserver.worker.worker import Worker
from tests.fakes import FakeIndex
from tests.kbserver.articles import markdown, write


def eventually(is_so: Callable[[], object], seconds: float = 15.0) -> bool:
    """Whether it becomes so before long; generous, since machines are slow at times."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def worker(article_folder: Path, database: Database, index: FakeIndex, services: Services) -> Iterator[Worker]:
    clock = SystemClock()
    worker = Worker(
        root=article_folder,
        folder=FolderSync(
            ArticleImporter(database, clock, article_folder, reviews_files=False),
            FolderWriter(database, clock, ArticleFolder(article_folder)),
        ),
        consumer=IndexConsumer(database, index),
        index=index,
        events=services.events,
        lease=WorkerLease(database, clock),
        retention_days=30,
    )
    write(article_folder, "before.md", markdown("KB-0001"))
    worker.start()
    assert eventually(lambda: "KB-0001" in index.articles)
    yield worker
    worker.stop()


def test_a_saved_file_becomes_searchable(worker: Worker, article_folder: Path, index: FakeIndex) -> None:
    write(article_folder, "new.md", markdown("KB-0002"))

    assert eventually(lambda: "KB-0002" in index.articles)


def test_a_file_saved_by_renaming_becomes_searchable(worker: Worker, article_folder: Path, index: FakeIndex) -> None:
    draft = write(article_folder, ".new.swp", markdown("KB-0002"))
    draft.rename(article_folder / "new.md")

    assert eventually(lambda: "KB-0002" in index.articles)


def test_a_changed_file_is_found_by_its_new_text(worker: Worker, article_folder: Path, index: FakeIndex) -> None:
    write(article_folder, "before.md", markdown("KB-0001", title="全新标题"))

    assert eventually(lambda: index.articles["KB-0001"].title == "全新标题")


def test_a_deleted_file_is_gone(worker: Worker, article_folder: Path, index: FakeIndex) -> None:
    (article_folder / "before.md").unlink()

    assert eventually(lambda: "KB-0001" not in index.articles)


def test_a_whole_folder_that_is_moved_in_and_out_is_followed(
    worker: Worker, article_folder: Path, tmp_path: Path, index: FakeIndex
) -> None:
    outside = tmp_path / "outside"
    write(outside, "a.md", markdown("KB-0007"))

    outside.rename(article_folder / "team")
    came = eventually(lambda: "KB-0007" in index.articles)
    (article_folder / "team").rename(outside)

    assert came
    assert eventually(lambda: "KB-0007" not in index.articles)


def test_what_is_published_elsewhere_reaches_folder_and_index(
    worker: Worker, article_folder: Path, index: FakeIndex, database: Database, clock
) -> None:
    text = markdown("KB-0009", title="浏览器里写的")
    article = parse_article(text, "").article
    with database.write() as session:
        new = NewRevision(article, "KB-0009.md", text, sha256_of(text), "zhang.wei", "", "", None, clock.now())
        publish(session, new)

    assert eventually(lambda: "KB-0009" in index.articles)
    assert eventually(lambda: (article_folder / "KB-0009.md").exists())
    assert (article_folder / "KB-0009.md").read_text(encoding="utf-8") == text


def test_a_folder_that_is_away_does_not_stop_the_index(
    worker: Worker, article_folder: Path, tmp_path: Path, index: FakeIndex, database: Database, clock
) -> None:
    article_folder.rename(tmp_path / "away")
    text = markdown("KB-0009", title="浏览器里写的")
    article = parse_article(text, "").article
    with database.write() as session:
        new = NewRevision(article, "KB-0009.md", text, sha256_of(text), "zhang.wei", "", "", None, clock.now())
        publish(session, new)

    assert eventually(lambda: "KB-0009" in index.articles)


def test_a_failure_of_the_index_is_made_up_for(
    worker: Worker, article_folder: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = index.update
    failures: list[object] = []

    def fail_once(*arguments: object) -> None:
        if not failures:
            failures.append(arguments)
            raise OSError("no space left on device")
        working(*arguments)

    monkeypatch.setattr(index, "update", fail_once)
    write(article_folder, "new.md", markdown("KB-0002"))

    assert eventually(lambda: "KB-0002" in index.articles)
    assert failures


def test_searches_are_written_down_before_long(worker: Worker, services: Services, database: Database) -> None:
    services.search.search(Reader(Audience.INTERNAL, "x"), SearchQuery("打印机"))

    def kept() -> int:
        with database.read() as session:
            return session.scalar(select(func.count()).select_from(SearchEventRow)) or 0

    assert eventually(kept)


class TestLease:
    def test_of_two_processes_one_holds_it(self, database: Database, clock) -> None:
        first, second = WorkerLease(database, clock), WorkerLease(database, clock)

        assert (first.renew(), second.renew(), first.renew()) == (True, False, True)

    def test_another_takes_over_when_it_runs_out(self, database: Database, clock) -> None:
        first, second = WorkerLease(database, clock), WorkerLease(database, clock)
        first.renew()
        clock.moment += timedelta(seconds=LEASE_SECONDS + 1)

        assert (second.renew(), first.renew(), first.is_held) == (True, False, False)

    def test_another_takes_over_at_once_when_it_is_given_up(self, database: Database, clock) -> None:
        first, second = WorkerLease(database, clock), WorkerLease(database, clock)
        first.renew()
        first.give_up()

        assert second.renew()

    def test_a_clock_that_ran_ahead_does_not_block_others_for_a_day(self, database: Database, clock) -> None:
        first, second = WorkerLease(database, clock), WorkerLease(database, clock)
        clock.moment += timedelta(days=1)
        first.renew()
        clock.moment -= timedelta(days=1)

        assert second.renew()


def test_old_events_are_deleted(services: Services, database: Database, clock) -> None:
    services.search.search(Reader(Audience.INTERNAL, "x"), SearchQuery("旧"))
    services.events.flush()
    clock.moment += timedelta(days=31)
    services.search.search(Reader(Audience.INTERNAL, "x"), SearchQuery("新"))
    services.events.flush()

    services.events.prune(30)

    with database.read() as session:
        assert session.scalars(select(SearchEventRow.query)).all() == ["新"] or (
            session.scalar(select(func.count()).select_from(SearchEventRow)) == 1
        )
