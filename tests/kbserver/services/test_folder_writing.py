"""Two-way sync: what the browser publishes reaches the folder, and of two changes neither is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.frontmatter import parse_article
from kbserver.domain.articles import Stage, verified_until
from kbserver.domain.drafts import Draft, Origin
from kbserver.domain.excerpt import excerpt_of
from kbserver.domain.folder import Hold
from kbserver.services.article_files import sha256_of
from kbserver.services.article_folder import ArticleFolder
from kbserver.services.folder_sync import FolderSync
from kbserver.services.folder_writing import FolderWriter
from kbserver.services.importing import ArticleImporter
from kbserver.store import articles as stored
from kbserver.store import drafts, folder, held_files, publishing
from kbserver.store.database import Database
from kbserver.store.drafts import SavedText
from kbserver.store.publishing import NewRevision
from tests.kbserver.articles import markdown, write

Edit = Callable[..., str]


@pytest.fixture
def sync(database: Database, clock, article_folder: Path) -> FolderSync:
    return make_sync(database, clock, article_folder)


def make_sync(database: Database, clock, root: Path, *, reviews_files: bool = False) -> FolderSync:
    importer = ArticleImporter(database, clock, root, reviews_files=reviews_files)
    return FolderSync(importer, FolderWriter(database, clock, ArticleFolder(root)))


@pytest.fixture
def edit(database: Database, clock) -> Edit:
    """Publishes a text as the browser does; gives the text."""

    def publish(article_id: str, title: str, path: str = "") -> str:
        text = markdown(article_id, title=title)
        article = parse_article(text, "").article
        assert article is not None
        with database.write() as session:
            known = folder.known_file(session, article_id=article_id)
            new = NewRevision(
                article=article,
                path=path or (known.path if known else "") or f"{article_id}.md",
                markdown=text,
                sha256=sha256_of(text),
                author="zhang.wei",
                reason="",
                excerpt=excerpt_of(article.body),
                verified_until=verified_until(article),
                at=clock.now(),
            )
            publishing.publish(session, new)
        return text

    return publish


@pytest.fixture
def archive(database: Database, clock) -> Callable[[str], None]:
    def take(article_id: str) -> None:
        with database.write() as session:
            publishing.archive(session, article_id, clock.now(), "zhang.wei", "obsolete")

    return take


def published(database: Database, article_id: str) -> tuple[str, int]:
    """Title and revision."""
    with database.read() as session:
        row = session.get_one(stored.ArticleRow, article_id)
        assert row.stage == Stage.PUBLISHED
        return row.title, row.revision


def drafts_of(database: Database, article_id: str) -> list[Draft]:
    with database.read() as session:
        return drafts.of_article(session, article_id)


def held(database: Database) -> list[tuple[str, str, Hold]]:
    with database.read() as session:
        return [(one.path, one.article_id, one.hold) for one in held_files.all_held(session)]


def in_step(database: Database) -> bool:
    with database.read() as session:
        return folder.out_of_step(session) == []


def drop_draft(database: Database, article_id: str) -> None:
    with database.write() as session:
        for draft in drafts.of_article(session, article_id):
            drafts.remove(session, draft.id)


class TestWriting:
    def test_a_new_article_gets_its_file_with_the_folders_above_it(
        self, sync: FolderSync, edit: Edit, article_folder: Path, database: Database
    ) -> None:
        text = edit("KB-0001", "新文章", path="邮件/Outlook/KB-0001.md")

        sync.write_back()

        assert (article_folder / "邮件/Outlook/KB-0001.md").read_text(encoding="utf-8") == text
        assert in_step(database)

    def test_an_edit_in_the_browser_changes_the_file_and_is_not_read_back(
        self, sync: FolderSync, edit: Edit, article_folder: Path, database: Database
    ) -> None:
        path = write(article_folder, "a.md", markdown("KB-0001"))
        path.chmod(0o640)
        sync.whole()
        text = edit("KB-0001", "改过")

        sync.write_back()
        report = sync.changed([path])

        assert path.read_text(encoding="utf-8") == text
        assert path.stat().st_mode & 0o777 == 0o640
        assert (report.unchanged, published(database, "KB-0001")) == (1, ("改过", 2))

    def test_what_came_from_the_folder_is_not_written_back(
        self, sync: FolderSync, article_folder: Path, database: Database
    ) -> None:
        path = write(article_folder, "a.md", markdown("KB-0001"))
        before = path.stat().st_mtime_ns
        sync.whole()

        sync.write_back()

        assert (path.stat().st_mtime_ns, in_step(database)) == (before, True)

    def test_a_crash_before_the_writing_was_noted_costs_nothing(
        self, sync: FolderSync, edit: Edit, article_folder: Path, database: Database
    ) -> None:
        text = edit("KB-0001", "新文章")
        write(article_folder, "KB-0001.md", text)

        report = sync.whole()

        assert (report.published, report.drafts, in_step(database)) == ([], [], True)

    def test_a_file_that_is_missing_is_written_at_the_next_start(
        self, sync: FolderSync, edit: Edit, article_folder: Path, database: Database
    ) -> None:
        path = write(article_folder, "a.md", markdown("KB-0001"))
        sync.whole()
        text = edit("KB-0001", "改过")
        path.unlink()

        report = sync.whole()

        assert (report.archived, path.read_text(encoding="utf-8")) == ([], text)

    def test_a_new_article_does_not_take_the_name_of_another_file(
        self, sync: FolderSync, edit: Edit, article_folder: Path
    ) -> None:
        broken = write(article_folder, "KB-0001.md", "---\ntitle: [a\n---\n")
        sync.whole()
        text = edit("KB-0001", "新文章")

        sync.write_back()

        assert broken.read_text(encoding="utf-8") == "---\ntitle: [a\n---\n"
        assert (article_folder / "KB-0001-2.md").read_text(encoding="utf-8") == text

    def test_an_article_archived_in_the_browser_loses_its_file_and_the_empty_folder(
        self, sync: FolderSync, archive, article_folder: Path, database: Database
    ) -> None:
        write(article_folder, "team/a.md", markdown("KB-0001"))
        sync.whole()
        archive("KB-0001")

        sync.write_back()
        report = sync.whole()

        assert list(article_folder.iterdir()) == []
        assert (report.published, report.drafts, in_step(database)) == ([], [], True)

    def test_an_archived_article_that_is_restored_gets_its_file_again(
        self, sync: FolderSync, archive, edit: Edit, article_folder: Path
    ) -> None:
        path = write(article_folder, "a.md", markdown("KB-0001"))
        sync.whole()
        archive("KB-0001")
        sync.write_back()
        text = edit("KB-0001", "回来了", path="a.md")

        sync.write_back()

        assert path.read_text(encoding="utf-8") == text

    @pytest.mark.parametrize("name", ["../out.md", "/tmp/out.md", "a/../../out.md", ".git/x.md", "a//b.md"])
    def test_no_file_outside_the_folder_is_written(
        self, sync: FolderSync, edit: Edit, article_folder: Path, tmp_path: Path, name: str
    ) -> None:
        edit("KB-0001", "新文章", path=name)

        sync.write_back()

        assert list(article_folder.rglob("*")) == []
        assert not (tmp_path / "out.md").exists()

    def test_links_are_not_followed(self, sync: FolderSync, edit: Edit, article_folder: Path, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (article_folder / "team").symlink_to(outside)
        target = write(tmp_path, "secret.txt", "secret")
        (article_folder / "KB-0002.md").symlink_to(target)
        edit("KB-0001", "新文章", path="team/KB-0001.md")
        edit("KB-0002", "新文章")

        sync.write_back()

        assert list(outside.iterdir()) == []
        assert target.read_text(encoding="utf-8") == "secret"

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_that_cannot_be_written_is_tried_again(
        self, sync: FolderSync, edit: Edit, article_folder: Path, database: Database, monkeypatch
    ) -> None:
        monkeypatch.setattr("kbserver.services.folder_writing.RETRY_SECONDS", 0.0)
        edit("KB-0001", "新文章")
        article_folder.chmod(0o500)
        sync.write_back()
        article_folder.chmod(0o700)

        sync.write_back()

        assert in_step(database)

    def test_a_failed_write_is_made_up_for_and_leaves_no_half_file(
        self, sync: FolderSync, edit: Edit, article_folder: Path, database: Database, monkeypatch
    ) -> None:
        edit("KB-0001", "新文章")
        sync.writer._pause = 0.0
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", _no_space)
            sync.write_back()
        left = list(article_folder.iterdir())

        sync.write_back()

        assert (left, in_step(database)) == ([], True)

    def test_what_a_crash_left_half_written_is_cleared_away(self, sync: FolderSync, article_folder: Path) -> None:
        left = write(article_folder, "team/.kb-0123.tmp", "half")
        os.utime(left, (0, 0))

        sync.whole()

        assert not left.exists()


class TestConflicts:
    @pytest.fixture
    def conflict(self, sync: FolderSync, edit: Edit, article_folder: Path) -> Path:
        """A file changed in the folder while the browser published another text."""
        path = write(article_folder, "a.md", markdown("KB-0001"))
        sync.whole()
        edit("KB-0001", "浏览器里改的")
        write(article_folder, "a.md", markdown("KB-0001", title="文件里改的"))
        sync.whole()
        return path

    def test_neither_is_overwritten_and_the_file_s_text_is_a_draft_in_review(
        self, conflict: Path, database: Database
    ) -> None:
        (draft,) = drafts_of(database, "KB-0001")

        assert published(database, "KB-0001") == ("浏览器里改的", 2)
        assert "文件里改的" in conflict.read_text(encoding="utf-8")
        assert (draft.title, draft.stage, draft.origin) == ("文件里改的", Stage.IN_REVIEW, Origin.FOLDER)
        assert (draft.base_revision, draft.reason) == (1, "changed in the folder and in the browser")
        assert held(database) == [("a.md", "KB-0001", Hold.CONFLICT)]

    def test_looking_again_makes_no_second_draft(self, conflict: Path, sync: FolderSync, database: Database) -> None:
        before = drafts_of(database, "KB-0001")

        report = sync.whole()

        assert (report.unchanged, drafts_of(database, "KB-0001")) == (1, before)

    def test_a_further_change_of_the_file_changes_its_draft(
        self, conflict: Path, sync: FolderSync, article_folder: Path, database: Database
    ) -> None:
        write(article_folder, "a.md", markdown("KB-0001", title="又改"))

        sync.whole()

        assert [(d.title, d.version) for d in drafts_of(database, "KB-0001")] == [("又改", 2)]

    def test_a_draft_that_was_thrown_away_gives_the_file_the_published_text(
        self, conflict: Path, sync: FolderSync, database: Database
    ) -> None:
        drop_draft(database, "KB-0001")

        sync.write_back()

        assert "浏览器里改的" in conflict.read_text(encoding="utf-8")
        assert (held(database), in_step(database)) == ([], True)

    def test_a_merged_text_that_is_published_replaces_the_file(
        self, conflict: Path, sync: FolderSync, edit: Edit, database: Database
    ) -> None:
        text = edit("KB-0001", "合并的")
        drop_draft(database, "KB-0001")

        sync.write_back()

        assert conflict.read_text(encoding="utf-8") == text
        assert (held(database), in_step(database)) == ([], True)

    def test_a_file_that_takes_over_the_published_text_ends_the_conflict(
        self, conflict: Path, sync: FolderSync, article_folder: Path, database: Database
    ) -> None:
        write(article_folder, "a.md", markdown("KB-0001", title="浏览器里改的"))

        sync.whole()

        assert (held(database), drafts_of(database, "KB-0001"), in_step(database)) == ([], [], True)

    def test_a_draft_that_somebody_worked_on_is_kept_when_the_file_changes(
        self, conflict: Path, sync: FolderSync, article_folder: Path, database: Database, clock
    ) -> None:
        (draft,) = drafts_of(database, "KB-0001")
        save(database, draft, "有人接着写", clock.now())
        write(article_folder, "a.md", markdown("KB-0001", title="又改"))

        sync.whole()

        assert {d.title for d in drafts_of(database, "KB-0001")} == {"有人接着写", "又改"}

    def test_a_file_changed_while_its_article_was_archived_is_kept_and_becomes_a_draft(
        self, sync: FolderSync, archive, article_folder: Path, database: Database
    ) -> None:
        path = write(article_folder, "a.md", markdown("KB-0001"))
        sync.whole()
        archive("KB-0001")
        write(article_folder, "a.md", markdown("KB-0001", title="还在改"))

        sync.whole()

        assert [d.title for d in drafts_of(database, "KB-0001")] == ["还在改"]
        assert path.exists()

    def test_a_renamed_file_takes_the_browser_s_text_along(
        self, sync: FolderSync, edit: Edit, article_folder: Path, database: Database
    ) -> None:
        path = write(article_folder, "a.md", markdown("KB-0001"))
        sync.whole()
        text = edit("KB-0001", "浏览器里改的")
        moved = path.rename(article_folder / "b.md")

        report = sync.whole()

        assert (report.moved, report.drafts, moved.read_text(encoding="utf-8")) == (["KB-0001"], [], text)
        assert not path.exists()


class TestReviewOfFiles:
    """KB_REVIEW=all."""

    @pytest.fixture
    def sync(self, database: Database, clock, article_folder: Path) -> FolderSync:
        write(article_folder, "a.md", markdown("KB-0001"))
        write(article_folder, "z.md", markdown("KB-0009", title="另一篇"))
        sync = make_sync(database, clock, article_folder, reviews_files=True)
        sync.whole()
        return sync

    def test_a_changed_file_waits_with_the_revision_it_changes(
        self, sync: FolderSync, article_folder: Path, database: Database
    ) -> None:
        text = markdown("KB-0001", title="未审", state="validated", stage="published")
        write(article_folder, "a.md", text)

        sync.whole()
        sync.whole()

        (draft,) = drafts_of(database, "KB-0001")
        assert (draft.base_revision, draft.stage, draft.markdown) == (1, Stage.IN_REVIEW, text)
        assert published(database, "KB-0001") == ("打印机脱机", 1)
        assert (article_folder / "a.md").read_text(encoding="utf-8") == text

    def test_a_new_file_without_an_id_waits_under_the_id_it_was_given(
        self, sync: FolderSync, article_folder: Path, database: Database
    ) -> None:
        path = write(article_folder, "new.md", "# 新文件\n\n文\n")

        sync.whole()
        again = sync.whole()

        assert path.read_text(encoding="utf-8").startswith("---\nid: KB-0010\n")
        assert [d.path for d in drafts_of(database, "KB-0010")] == ["new.md"]
        assert again.drafts == []

    def test_the_text_that_was_not_taken_is_not_proposed_again(
        self, sync: FolderSync, article_folder: Path, database: Database
    ) -> None:
        write(article_folder, "new.md", markdown("KB-0005"))
        sync.whole()
        drop_draft(database, "KB-0005")

        report = sync.whole()

        assert (report.drafts, drafts_of(database, "KB-0005")) == ([], [])
        assert (article_folder / "new.md").exists()

    def test_a_changed_file_takes_an_approval_away(
        self, sync: FolderSync, article_folder: Path, database: Database, clock
    ) -> None:
        write(article_folder, "a.md", markdown("KB-0001", title="给人看的"))
        sync.whole()
        (draft,) = drafts_of(database, "KB-0001")
        with database.write() as session:
            row = drafts.row_of(session, draft.id)
            row.approved_by, row.publish_at = "reviewer", clock.now()
        write(article_folder, "a.md", markdown("KB-0001", title="夹带的"))

        sync.whole()

        (draft,) = drafts_of(database, "KB-0001")
        assert (draft.title, draft.approved_by, draft.publish_at) == ("夹带的", "", None)

    def test_a_file_put_back_as_it_was_withdraws_its_draft(
        self, sync: FolderSync, article_folder: Path, database: Database
    ) -> None:
        write(article_folder, "a.md", markdown("KB-0001", title="改"))
        sync.whole()
        write(article_folder, "a.md", markdown("KB-0001"))

        sync.whole()

        assert (drafts_of(database, "KB-0001"), held(database)) == ([], [])

    def test_a_removed_file_takes_nothing_from_readers(
        self, sync: FolderSync, article_folder: Path, database: Database
    ) -> None:
        (article_folder / "a.md").unlink()

        sync.whole()
        sync.whole()

        assert published(database, "KB-0001") == ("打印机脱机", 1)
        assert held(database) == [("a.md", "KB-0001", Hold.REMOVED)]
        assert not (article_folder / "a.md").exists()

    def test_a_removed_file_that_comes_back_is_not_held_any_more(
        self, sync: FolderSync, article_folder: Path, database: Database
    ) -> None:
        (article_folder / "a.md").unlink()
        sync.whole()
        write(article_folder, "a.md", markdown("KB-0001"))

        sync.whole()

        assert held(database) == []

    def test_a_file_that_takes_another_article_s_id_is_refused(
        self, sync: FolderSync, article_folder: Path, database: Database
    ) -> None:
        write(article_folder, "a.md", markdown("KB-0009", title="冒名"))

        report = sync.whole()

        assert [f.path for f in report.refused] == ["a.md"]
        assert published(database, "KB-0009") == ("另一篇", 1)

    def test_a_file_that_now_holds_a_new_article_hides_nothing(
        self, sync: FolderSync, article_folder: Path, database: Database
    ) -> None:
        write(article_folder, "a.md", markdown("KB-0100", title="顶替"))

        sync.whole()

        assert published(database, "KB-0001") == ("打印机脱机", 1)
        assert [d.title for d in drafts_of(database, "KB-0100")] == ["顶替"]

    def test_emptying_the_folder_does_not_make_the_next_import_the_first(
        self, sync: FolderSync, archive, article_folder: Path, database: Database
    ) -> None:
        for article_id in ("KB-0001", "KB-0009"):
            archive(article_id)
        sync.whole()
        write(article_folder, "b.md", markdown("KB-0002", title="冒充首次导入"))

        report = sync.whole()

        assert (report.published, report.drafts) == ([], ["KB-0002"])

    def test_a_renamed_file_moves_its_article_and_a_changed_one_waits_at_its_new_name(
        self, sync: FolderSync, article_folder: Path, database: Database
    ) -> None:
        (article_folder / "a.md").rename(article_folder / "b.md")
        (article_folder / "z.md").unlink()
        write(article_folder, "y.md", markdown("KB-0009", title="改名又改"))

        sync.whole()

        with database.read() as session:
            assert {p: k.article_id for p, k in folder.known_files(session).items()} == {
                "b.md": "KB-0001",
                "y.md": "KB-0009",
            }
        assert held(database) == [("y.md", "KB-0009", Hold.REVIEW)]

    def test_a_draft_that_is_published_as_it_is_leaves_its_file_alone(
        self, sync: FolderSync, edit: Edit, article_folder: Path, database: Database
    ) -> None:
        write(article_folder, "team/n.md", markdown("KB-0005", title="新"))
        sync.whole()
        edit("KB-0005", "新", path="team/n.md")
        drop_draft(database, "KB-0005")

        sync.write_back()

        assert (held(database), in_step(database)) == ([], True)

    def test_a_draft_published_under_another_name_takes_its_file_along(
        self, sync: FolderSync, edit: Edit, article_folder: Path, database: Database
    ) -> None:
        old = write(article_folder, "team/n.md", markdown("KB-0005", title="新"))
        sync.whole()
        edit("KB-0005", "审过", path="KB-0005.md")
        drop_draft(database, "KB-0005")

        sync.write_back()

        assert not old.exists()
        assert sync.whole().refused == []
        assert published(database, "KB-0005") == ("审过", 1)


def save(database: Database, draft: Draft, title: str, at) -> None:
    text = markdown(draft.article_id, title=title)
    saved = SavedText(text, sha256_of(text), title, "", "wang.fang", is_by_reviewer=True, at=at)
    with database.write() as session:
        assert drafts.save(session, draft.id, draft.version, saved)


def _no_space(*_: object) -> None:
    raise OSError(28, "No space left on device")
