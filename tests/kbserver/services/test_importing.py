from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from indexer.articles import Audience
from kbserver.domain.articles import ArticleFilter
from kbserver.domain.reader import Reader
from kbserver.errors import FolderUnavailable, NotFound
from kbserver.services.articles import ArticleService
from kbserver.services.container import Services
from kbserver.services.importing import ArticleImporter, ImportReport
from kbserver.store.database import Database
from kbserver.store.models import ArticleRow, AuditRow, OutboxRow, RevisionRow
from tests.kbserver.articles import markdown, write

STAFF = Reader(Audience.INTERNAL)


@pytest.fixture
def importer(database: Database, clock, article_folder: Path) -> ArticleImporter:
    return ArticleImporter(database, clock, article_folder, reviews_files=False)


@pytest.fixture
def articles(services: Services) -> ArticleService:
    return services.articles


def ids(articles: ArticleService) -> list[str]:
    return sorted(a.id for a in articles.list(STAFF, ArticleFilter(), per_page=50).articles)


def counts(database: Database) -> dict[str, int]:
    tables = (ArticleRow, RevisionRow, OutboxRow, AuditRow)
    with database.read() as session:
        return {t.__tablename__: session.scalar(select(func.count()).select_from(t)) for t in tables}


def test_a_new_file_is_published_with_revision_audit_and_outbox(
    importer: ArticleImporter, article_folder: Path, database: Database
) -> None:
    write(article_folder, "a.md", markdown("KB-0001"))

    report = importer.import_folder()

    assert report.published == ["KB-0001"]
    assert counts(database) == {"articles": 1, "revisions": 1, "outbox": 1, "audit": 1}


def test_an_unchanged_file_does_nothing(importer: ArticleImporter, article_folder: Path, database: Database) -> None:
    write(article_folder, "a.md", markdown("KB-0001"))
    importer.import_folder()
    before = counts(database)

    report = importer.import_folder()

    assert (report.unchanged, report.changed, counts(database)) == (1, False, before)


def test_a_changed_file_is_the_next_revision(
    importer: ArticleImporter, article_folder: Path, articles: ArticleService
) -> None:
    path = write(article_folder, "a.md", markdown("KB-0001"))
    importer.import_folder()
    write(article_folder, "a.md", markdown("KB-0001", title="打印机仍脱机"))

    importer.import_paths([path])

    assert [r.number for r in articles.revisions(STAFF, "KB-0001")] == [2, 1]
    assert articles.get(STAFF, "KB-0001").summary.title == "打印机仍脱机"


def test_a_removed_file_is_archived_and_comes_back_with_its_history(
    importer: ArticleImporter, article_folder: Path, articles: ArticleService
) -> None:
    path = write(article_folder, "a.md", markdown("KB-0001"))
    importer.import_folder()
    path.unlink()

    archived = importer.import_paths([path]).archived
    with pytest.raises(NotFound):
        articles.get(STAFF, "KB-0001")
    write(article_folder, "b.md", markdown("KB-0001"))
    importer.import_folder()

    assert archived == ["KB-0001"]
    assert articles.get(STAFF, "KB-0001").summary.revision == 2


@pytest.mark.parametrize("whole", [True, False], ids=["folder", "paths"])
def test_a_renamed_file_keeps_its_article_without_a_new_revision(
    importer: ArticleImporter, article_folder: Path, articles: ArticleService, whole: bool
) -> None:
    old = write(article_folder, "a.md", markdown("KB-0001"))
    importer.import_folder()
    new = old.rename(article_folder / "b.md")

    report = importer.import_folder() if whole else importer.import_paths([old, new])

    assert (report.moved, report.archived) == (["KB-0001"], [])
    view = articles.get(STAFF, "KB-0001")
    assert (view.path, view.summary.revision) == ("b.md", 1)


def test_two_files_that_swap_names_keep_their_articles(
    importer: ArticleImporter, article_folder: Path, articles: ArticleService
) -> None:
    write(article_folder, "a.md", markdown("KB-0001"))
    write(article_folder, "b.md", markdown("KB-0002", title="二"))
    importer.import_folder()
    write(article_folder, "a.md", markdown("KB-0002", title="二"))
    write(article_folder, "b.md", markdown("KB-0001"))

    report = importer.import_folder()

    assert (report.refused, report.archived) == ([], [])
    assert articles.get(STAFF, "KB-0001").path == "b.md"
    assert articles.get(STAFF, "KB-0002").path == "a.md"


def test_a_file_that_now_holds_another_article_archives_the_former_one(
    importer: ArticleImporter, article_folder: Path, articles: ArticleService
) -> None:
    path = write(article_folder, "a.md", markdown("KB-0001"))
    importer.import_folder()
    write(article_folder, "a.md", markdown("KB-0009"))

    importer.import_paths([path])

    assert ids(articles) == ["KB-0009"]


class TestMissingId:
    def test_the_next_number_is_assigned_and_written_into_the_file(
        self, importer: ArticleImporter, article_folder: Path
    ) -> None:
        write(article_folder, "a.md", markdown("KB-0041"))
        path = write(article_folder, "b.md", "# 重置密码\n\n打开设置。\n")

        importer.import_folder()

        assert path.read_text(encoding="utf-8").startswith("---\nid: KB-0042\n---\n")
        assert importer.import_folder().unchanged == 2

    def test_a_number_is_never_given_twice(
        self, importer: ArticleImporter, article_folder: Path, articles: ArticleService
    ) -> None:
        path = write(article_folder, "a.md", "# 一\n\n文\n")
        importer.import_folder()
        path.unlink()
        importer.import_paths([path])

        write(article_folder, "b.md", "# 二\n\n文\n")
        importer.import_folder()

        assert ids(articles) == ["KB-0002"]

    def test_a_crash_before_the_id_is_written_back_does_not_make_a_second_article(
        self,
        importer: ArticleImporter,
        article_folder: Path,
        articles: ArticleService,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        path = write(article_folder, "a.md", "# 一\n\n文\n")
        with monkeypatch.context() as patch:
            patch.setattr("kbserver.services.article_folder.ArticleFolder.replace", lambda *_: False)
            importer.import_folder()

        importer.import_folder()

        assert ids(articles) == ["KB-0001"]
        assert "id: KB-0001" in path.read_text(encoding="utf-8")
        assert articles.get(STAFF, "KB-0001").summary.revision == 1

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_that_cannot_be_written_is_served_all_the_same(
        self, importer: ArticleImporter, article_folder: Path, articles: ArticleService
    ) -> None:
        write(article_folder, "a.md", "# 一\n\n文\n")
        article_folder.chmod(0o500)

        importer.import_folder()
        article_folder.chmod(0o700)

        assert ids(articles) == ["KB-0001"]


class TestQuarantine:
    def test_a_bad_file_is_named_with_its_line_while_others_are_served(
        self, importer: ArticleImporter, article_folder: Path, articles: ArticleService
    ) -> None:
        write(article_folder, "bad.md", "---\nid: KB-0001\ntitle: [a\n---\n\n文\n")
        write(article_folder, "good.md", markdown("KB-0002"))

        report = importer.import_folder()

        assert ids(articles) == ["KB-0002"]
        assert [(f.path, f.line > 0, bool(f.zh), bool(f.en)) for f in report.refused] == [("bad.md", True, True, True)]

    def test_a_broken_edit_leaves_the_last_good_revision(
        self, importer: ArticleImporter, article_folder: Path, articles: ArticleService
    ) -> None:
        path = write(article_folder, "a.md", markdown("KB-0001"))
        importer.import_folder()
        path.write_bytes("标题".encode("gb18030") * 20)

        report = importer.import_paths([path])

        assert [f.path for f in report.refused] == ["a.md"]
        assert articles.get(STAFF, "KB-0001").summary.title == "打印机脱机"

    def test_a_repaired_file_leaves_quarantine(self, importer: ArticleImporter, article_folder: Path) -> None:
        path = write(article_folder, "a.md", "")
        importer.import_folder()
        write(article_folder, "a.md", markdown("KB-0001"))

        assert importer.import_paths([path]).refused == []

    def test_a_removed_bad_file_leaves_quarantine(self, importer: ArticleImporter, article_folder: Path) -> None:
        write(article_folder, "a.md", "")
        importer.import_folder()
        (article_folder / "a.md").unlink()

        assert importer.import_folder().refused == []

    def test_of_two_new_files_with_one_id_neither_is_taken_and_both_are_named(
        self, importer: ArticleImporter, article_folder: Path, articles: ArticleService
    ) -> None:
        write(article_folder, "a.md", markdown("KB-0001"))
        write(article_folder, "b.md", markdown("KB-0001", title="另一篇"))

        report = importer.import_folder()

        assert ids(articles) == []
        assert [f.path for f in report.refused] == ["a.md", "b.md"]
        assert all("a.md" in f.en and "b.md" in f.en for f in report.refused)

    def test_a_copy_does_not_take_the_id_of_the_file_that_has_it(
        self, importer: ArticleImporter, article_folder: Path, articles: ArticleService
    ) -> None:
        write(article_folder, "z.md", markdown("KB-0001"))
        importer.import_folder()
        copy = write(article_folder, "a.md", markdown("KB-0001", title="副本"))

        report = importer.import_paths([copy])

        assert articles.get(STAFF, "KB-0001").summary.title == "打印机脱机"
        assert [f.path for f in report.refused] == ["a.md"]

    def test_a_copy_is_taken_once_the_first_file_is_gone(
        self, importer: ArticleImporter, article_folder: Path, articles: ArticleService
    ) -> None:
        first = write(article_folder, "z.md", markdown("KB-0001"))
        write(article_folder, "a.md", markdown("KB-0002"))
        importer.import_folder()
        write(article_folder, "copy.md", markdown("KB-0001", title="副本"))
        importer.import_folder()
        first.unlink()

        report = importer.import_paths([first])

        assert report.refused == []
        assert articles.get(STAFF, "KB-0001").summary.title == "副本"

    @pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
    def test_what_is_not_a_regular_file_is_skipped_and_named(
        self, importer: ArticleImporter, article_folder: Path, tmp_path: Path, kind: str
    ) -> None:
        path = article_folder / "x.md"
        if kind == "link":
            path.symlink_to(write(tmp_path, "secret.md", markdown("KB-0666")))
        elif kind == "pipe":
            os.mkfifo(path)
        else:
            path.mkdir()

        report = importer.import_folder()

        assert [f.path for f in report.refused] == ["x.md"]
        assert report.published == []


class TestMissingFolder:
    def test_a_folder_that_is_not_there_archives_nothing(
        self, importer: ArticleImporter, article_folder: Path, articles: ArticleService
    ) -> None:
        write(article_folder, "a.md", markdown("KB-0001"))
        importer.import_folder()
        shutil.rmtree(article_folder)

        with pytest.raises(FolderUnavailable, match="does not exist"):
            importer.import_folder()

        assert ids(articles) == ["KB-0001"]

    def test_a_folder_that_is_suddenly_empty_archives_nothing(
        self, importer: ArticleImporter, article_folder: Path, articles: ArticleService
    ) -> None:
        for number in range(5):
            write(article_folder, f"{number}.md", markdown(f"KB-{number:04d}"))
        importer.import_folder()
        for path in article_folder.iterdir():
            path.unlink()

        with pytest.raises(FolderUnavailable, match="is empty"):
            importer.import_folder()

        assert len(ids(articles)) == 5


class TestReviewOfFiles:
    @pytest.fixture
    def importer(self, database: Database, clock, article_folder: Path) -> ArticleImporter:
        return ArticleImporter(database, clock, article_folder, reviews_files=True)

    def test_the_first_import_is_published(self, importer: ArticleImporter, article_folder: Path) -> None:
        write(article_folder, "a.md", markdown("KB-0001"))

        assert importer.import_folder().published == ["KB-0001"]

    def test_a_changed_file_becomes_a_draft_and_readers_keep_what_they_had(
        self, importer: ArticleImporter, article_folder: Path, articles: ArticleService
    ) -> None:
        write(article_folder, "a.md", markdown("KB-0001"))
        importer.import_folder()
        write(article_folder, "a.md", markdown("KB-0001", title="未经审核", state="validated"))

        report: ImportReport = importer.import_folder()

        assert (report.drafts, report.published) == (["KB-0001"], [])
        assert articles.get(STAFF, "KB-0001").summary.title == "打印机脱机"
        assert [r.number for r in articles.revisions(STAFF, "KB-0001")] == [1]

    def test_a_new_file_is_not_shown_before_its_review(
        self, importer: ArticleImporter, article_folder: Path, articles: ArticleService
    ) -> None:
        write(article_folder, "a.md", markdown("KB-0001"))
        importer.import_folder()
        write(article_folder, "b.md", markdown("KB-0002"))

        importer.import_folder()

        assert ids(articles) == ["KB-0001"]
        with pytest.raises(NotFound):
            articles.get(STAFF, "KB-0002")
