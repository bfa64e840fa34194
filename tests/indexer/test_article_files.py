"""Files are found in one order and read without leaving the folder; what is skipped is named."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from indexer import article_files
from indexer.frontmatter import ParsedFile, read_article_file, scan_folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    return folder


def write(root: Path, name: str, article_id: str = "") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\nid: {article_id or path.stem}\ntitle: t\n---\nx\n", encoding="utf-8")
    return path


def only_code(parsed: ParsedFile) -> str:
    assert parsed.article is None
    (found,) = parsed.problems
    return found.code


def test_a_file_is_read_with_its_hash_and_its_path_below_the_root(root):
    path = write(root, "mail/kb-1.md")
    parsed = read_article_file(path, root)

    assert parsed.path == "mail/kb-1.md"
    assert parsed.article is not None
    assert len(parsed.content_hash) == 64
    assert read_article_file("mail/kb-1.md", root) == parsed


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("打印机脱机了，请重新启动打印服务。".encode("gb18030"), "GB18030"),
        ("印表機離線，請重新啟動列印服務。".encode("big5"), "Big5"),
        ("打印机 printer".encode("utf-16"), "UTF-16"),
        ("plain text of a file".encode("utf-16-le"), "UTF-16"),
        ("plain text".encode("utf-32"), "UTF-32"),
    ],
)
def test_another_encoding_is_named_and_not_decoded(root, content, name):
    (root / "a.md").write_bytes(content)
    parsed = read_article_file("a.md", root)

    assert only_code(parsed) == "encoding"
    assert name in parsed.problems[0].zh


def test_broken_utf_8_is_named_with_its_line(root):
    (root / "a.md").write_bytes(b"# t\n\nabc\xff\xc0\xafdef\n")
    parsed = read_article_file("a.md", root)

    assert only_code(parsed) == "encoding"
    assert parsed.problems[0].line == 3


def test_an_empty_file_is_named(root):
    (root / "a.md").touch()

    assert only_code(read_article_file("a.md", root)) == "empty"


def test_a_link_is_not_followed(root, tmp_path):
    secret = tmp_path / "secret.md"
    secret.write_text("# secret", encoding="utf-8")
    (root / "a.md").symlink_to(secret)

    assert only_code(read_article_file("a.md", root)) == "symlink"


def test_a_linked_folder_is_not_entered(root, tmp_path):
    (tmp_path / "other").mkdir()
    write(tmp_path / "other", "a.md")
    (root / "sub").symlink_to(tmp_path / "other")

    assert only_code(read_article_file("sub/a.md", root)) == "symlink"


def test_a_named_pipe_is_skipped_without_waiting(root):
    os.mkfifo(root / "a.md")

    assert only_code(read_article_file("a.md", root)) == "not_a_file"


def test_a_socket_is_skipped(root, monkeypatch):
    monkeypatch.chdir(root)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("a.md")
        parsed = read_article_file("a.md", root)

    assert only_code(parsed) == "not_a_file"


def test_a_device_is_skipped():
    assert only_code(read_article_file("null", "/dev")) == "not_a_file"


def test_a_folder_named_like_an_article_is_skipped(root):
    (root / "a.md").mkdir()

    assert only_code(read_article_file("a.md", root)) == "not_a_file"


def test_a_file_above_the_cap_is_not_read(root):
    with (root / "a.md").open("wb") as file:
        file.truncate(10**9)

    assert only_code(read_article_file("a.md", root)) == "too_large"


def test_a_missing_file_is_named(root):
    assert only_code(read_article_file("a.md", root)) == "unreadable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_named(root):
    write(root, "a.md").chmod(0)

    assert only_code(read_article_file("a.md", root)) == "unreadable"


@pytest.mark.parametrize("path", ["../secret.md", "/etc/passwd", "a/../../secret.md", "", "."])
def test_a_path_outside_the_root_is_refused(root, path):
    assert only_code(read_article_file(path, root)) == "outside"


@pytest.mark.parametrize("name", ["a\nb.md", "\x1b[31m.md", "\udcff.md", "a\0.md", "‮dm.md"])
def test_a_name_with_control_characters_is_refused(root, name):
    assert only_code(read_article_file(name, root)) == "file_name"


def test_a_file_that_changes_while_it_is_read_is_read_again(root, monkeypatch):
    path = write(root, "a.md")
    really_read = article_files._read_once
    readings = []

    def read_and_change(name: str, folder: int | None) -> tuple[bytes, bool]:
        readings.append(name)
        content, unchanged = really_read(name, folder)
        if len(readings) == 1:
            path.write_text("---\nid: new\ntitle: t\n---\n", encoding="utf-8")
            return content, False
        return content, unchanged

    monkeypatch.setattr(article_files, "_read_once", read_and_change)
    parsed = read_article_file("a.md", root)

    assert parsed.article is not None
    assert parsed.article.id == "new"


def test_a_file_that_never_stands_still_is_named(root, monkeypatch):
    write(root, "a.md")
    contents = iter(range(100))
    monkeypatch.setattr(article_files, "_read_once", lambda name, folder: (str(next(contents)).encode(), False))

    assert only_code(read_article_file("a.md", root)) == "changing"


def test_a_folder_is_scanned_in_the_order_of_names(root):
    for name in ("b.md", "a/z.md", "a/b/c.MD", "C.markdown"):
        write(root, name, f"id-{name[0]}{len(name)}")
    for name in (".hidden.md", ".git/x.md", "terms.yml", "a/picture.png", "note.txt", "x.md~"):
        write(root, name)

    assert [parsed.path for parsed in scan_folder(root)] == ["C.markdown", "a/b/c.MD", "a/z.md", "b.md"]


def test_one_bad_file_does_not_keep_the_others_back(root):
    write(root, "a.md")
    (root / "b.md").write_bytes(b"---\nid: [\n---\n")
    os.mkfifo(root / "c.md")
    (root / "d").symlink_to("/etc")
    write(root, "e.md")

    assert [parsed.article is not None for parsed in scan_folder(root)] == [
        True, False, False, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize("second", ["KB-1", "kb-1"])
def test_of_two_files_with_one_id_the_first_is_served_and_both_are_named(root, second):
    write(root, "a.md", "KB-1")
    write(root, "b.md", second)
    first, other = scan_folder(root)

    assert first.article is not None
    assert only_code(other) == "id_duplicate"
    assert "a.md" in other.problems[0].zh
    assert "b.md" in other.problems[0].zh
