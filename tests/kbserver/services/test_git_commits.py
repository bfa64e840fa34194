"""KB_GIT_COMMIT: each publish is a commit of one file in its author's name, and nothing else is touched."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.frontmatter import parse_article
from kbserver.domain.folder import HeldFile, Hold
from kbserver.services.article_files import sha256_of
from kbserver.services.article_folder import ArticleFolder
from kbserver.services.folder_sync import FolderSync
from kbserver.services.folder_writing import FolderWriter
from kbserver.services.git_commits import GitCommitter
from kbserver.services.importing import ArticleImporter
from kbserver.store import folder, held_files, outbox, publishing
from kbserver.store.database import Database
from kbserver.store.models import AccountRow
from kbserver.store.publishing import NewRevision
from tests.kbserver.articles import markdown, write

Publish = Callable[..., str]
WHO = ("-c", "user.name=Li Na", "-c", "user.email=li.na@example.com")


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *WHO, *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, article_folder: Path) -> Path:
    """A repository whose folder `articles` is the articles folder, with one commit."""
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / ".gitignore").write_text("var/\n", encoding="utf-8")
    write(article_folder, "a.md", markdown("KB-0001"))
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


@pytest.fixture
def sync(repository: Path, database: Database, clock, article_folder: Path) -> FolderSync:
    importer = ArticleImporter(database, clock, article_folder, reviews_files=False)
    writer = FolderWriter(database, clock, ArticleFolder(article_folder))
    sync = FolderSync(importer, writer, GitCommitter(database, clock, article_folder))
    sync.whole()
    return sync


@pytest.fixture
def publish(database: Database, clock, sync: FolderSync) -> Publish:
    """Publishes in the browser and lets the folder follow."""

    def work(article_id: str, title: str, author: str = "zhang.wei", **more: str) -> str:
        text = markdown(article_id, title=title)
        article = parse_article(text, "").article
        assert article is not None
        with database.write() as session:
            known = folder.known_file(session, article_id=article_id)
            path = more.pop("path", "") or (known.path if known else f"{article_id}.md")
            more.setdefault("reason", "")
            revision = NewRevision(
                article=article, path=path, markdown=text, sha256=sha256_of(text), author=author,
                excerpt="", verified_until=None, at=clock.now(), **more,
            )  # fmt: skip
            publishing.publish(session, revision)
        sync.write_back()
        return text

    return work


def log_of(repository: Path, form: str) -> list[str]:
    return git(repository, "log", f"--format={form}").splitlines()


def test_a_publish_is_a_commit_by_its_author_with_the_approver_as_trailer(
    repository: Path, database: Database, clock, publish: Publish
) -> None:
    with database.write() as session:
        account = AccountRow(name="zhang.wei", display_name="张伟", email="zw@example.com", role="engineer")
        account.audience, account.created_at = "internal", clock.now()
        session.add(account)
    text = publish("KB-0001", "打印机仍脱机", approver="wang.fang", reason="补充步骤")

    assert log_of(repository, "%an <%ae> %s")[0] == "zhang.wei <zw@example.com> KB-0001 打印机仍脱机"
    assert git(repository, "log", "-1", "--format=%(trailers:key=Approved-by,valueonly)") == "wang.fang"
    assert "补充步骤" in git(repository, "log", "-1", "--format=%b")
    assert git(repository, "show", "HEAD:articles/a.md") == text.strip()
    assert git(repository, "status", "--porcelain") == ""


def test_only_that_file_is_committed_and_what_was_staged_or_changed_stays_so(
    repository: Path, article_folder: Path, publish: Publish
) -> None:
    write(repository, "staged.txt", "staged")
    git(repository, "add", "staged.txt")
    write(repository, "loose.txt", "loose")

    publish("KB-0001", "改过")

    assert git(repository, "show", "--name-only", "--format=", "HEAD") == "articles/a.md"
    assert git(repository, "status", "--porcelain").splitlines() == ["A  staged.txt", "?? loose.txt"]


def test_a_new_article_and_an_archived_one_are_commits_too(
    repository: Path, database: Database, clock, sync: FolderSync, publish: Publish
) -> None:
    publish("KB-0002", "新文章", path="team/KB-0002.md")
    with database.write() as session:
        publishing.archive(session, "KB-0001", clock.now(), "wang.fang", "过时")

    sync.write_back()

    assert log_of(repository, "%s")[:2] == ["Archive KB-0001 打印机脱机", "KB-0002 新文章"]
    assert git(repository, "ls-tree", "-r", "--name-only", "HEAD").split() == [".gitignore", "articles/team/KB-0002.md"]
    assert git(repository, "status", "--porcelain") == ""


def test_what_came_from_the_folder_is_left_to_whoever_changed_it(
    repository: Path, article_folder: Path, sync: FolderSync
) -> None:
    write(article_folder, "b.md", markdown("KB-0002"))

    sync.whole()
    sync.write_back()

    assert log_of(repository, "%s") == ["first"]


def test_a_commit_is_not_made_twice(repository: Path, database: Database, sync: FolderSync, publish: Publish) -> None:
    publish("KB-0001", "改过")
    with database.write() as session:
        outbox.advance(session, "git", 1)

    sync.write_back()

    assert len(log_of(repository, "%s")) == 2


def test_a_text_that_git_alone_has_is_not_covered(
    repository: Path, article_folder: Path, sync: FolderSync, publish: Publish
) -> None:
    write(article_folder, "a.md", markdown("KB-0001", title="只在 git 里"))
    git(repository, "commit", "-qam", "theirs")

    publish("KB-0001", "浏览器里改的")

    assert log_of(repository, "%s") == ["theirs", "first"]
    assert "只在 git 里" in (article_folder / "a.md").read_text(encoding="utf-8")


def test_a_conflict_that_was_decided_is_committed_then(
    repository: Path, article_folder: Path, database: Database, clock, sync: FolderSync, publish: Publish
) -> None:
    publish("KB-0001", "浏览器里改的")
    text = markdown("KB-0001", title="没有采用")
    write(article_folder, "a.md", text)
    with database.write() as session:
        held = HeldFile("a.md", "KB-0001", sha256_of(text), Hold.CONFLICT, None, clock.now())
        held_files.hold(session, held)

    sync.write_back()

    assert "浏览器里改的" in (article_folder / "a.md").read_text(encoding="utf-8")
    assert git(repository, "status", "--porcelain") == ""


def test_a_merge_under_way_is_waited_for(
    repository: Path, sync: FolderSync, publish: Publish, caplog: pytest.LogCaptureFixture
) -> None:
    mark = repository / ".git" / "MERGE_HEAD"
    mark.write_text(git(repository, "rev-parse", "HEAD"), encoding="utf-8")
    publish("KB-0001", "改过")
    before = log_of(repository, "%s")
    mark.unlink()
    sync.committer._wait_until = 0.0

    sync.write_back()

    assert (before, len(log_of(repository, "%s"))) == (["first"], 2)
    assert "a merge or rebase is under way" in caplog.text


@pytest.mark.parametrize(
    "hostile",
    ["--output=/tmp/x", "-O", "a\nCo-authored-by: x", "<x> <y@z>", "$(touch /tmp/x)", "'; touch x", "", "\0x", "名字"],
    ids=repr,
)
def test_hostile_names_titles_and_reasons_are_only_words(repository: Path, publish: Publish, hostile: str) -> None:
    title = hostile.replace("\0", "").replace("\n", " ") or "x"
    publish("KB-0001", json.dumps(title, ensure_ascii=False), author=hostile, approver=hostile, reason=hostile)

    assert len(log_of(repository, "%H")) == 2
    assert git(repository, "log", "-1", "--format=%(trailers:key=Co-authored-by)") == ""
    assert git(repository, "show", "--name-only", "--format=", "HEAD") == "articles/a.md"


def test_a_path_that_looks_like_an_option_is_a_path(repository: Path, article_folder: Path, publish: Publish) -> None:
    publish("KB-0003", "选项", path="-rf/--all.md")

    assert "articles/-rf/--all.md" in git(repository, "ls-tree", "-r", "--name-only", "HEAD").split()


def test_no_hook_of_the_repository_runs(repository: Path, publish: Publish, tmp_path: Path) -> None:
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change"):
        hook = repository / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran-{name}\n", encoding="utf-8")
        hook.chmod(0o755)

    publish("KB-0001", "改过")

    assert list(tmp_path.glob("ran-*")) == []
    assert len(log_of(repository, "%s")) == 2


def test_a_folder_outside_any_work_tree_is_left_in_peace(database: Database, clock, article_folder: Path) -> None:
    committer = GitCommitter(database, clock, article_folder)

    assert committer.catch_up() == 0


def test_a_repository_without_a_commit_gets_its_first(
    tmp_path: Path, article_folder: Path, database: Database, clock
) -> None:
    git(tmp_path, "init", "-q")
    committer = GitCommitter(database, clock, article_folder)
    sync = FolderSync(
        ArticleImporter(database, clock, article_folder, reviews_files=False),
        FolderWriter(database, clock, ArticleFolder(article_folder)),
        committer,
    )
    write(article_folder, "a.md", markdown("KB-0001"))
    sync.whole()
    text = markdown("KB-0002", title="新")
    article = parse_article(text, "").article
    with database.write() as session:
        publishing.publish(
            session, NewRevision(article, "KB-0002.md", text, sha256_of(text), "zhang.wei", "", "", None, clock.now())
        )

    sync.write_back()

    assert git(tmp_path, "ls-tree", "-r", "--name-only", "HEAD") == "articles/KB-0002.md"


def test_a_pull_of_five_hundred_files_is_brought_in(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, article_folder: Path, sync: FolderSync
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "clone"
    git(repository, "clone", "-q", str(repository), str(elsewhere))
    for number in range(500):
        write(elsewhere / "articles", f"batch/{number}.md", markdown(f"KB-{number + 100:04d}", title=f"第 {number} 篇"))
    git(elsewhere, "add", "-A")
    git(elsewhere, "commit", "-q", "-m", "five hundred")

    git(repository, "pull", "-q", "--ff-only", str(elsewhere), "main")
    report = sync.whole()

    assert len(report.published) == 500
    assert git(repository, "status", "--porcelain") == ""
    assert os.environ.get("GIT_DIR") is None
