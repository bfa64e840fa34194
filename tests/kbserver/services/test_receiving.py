from __future__ import annotations

import json
from pathlib import Path

import pytest

from kbserver.services.receiving import receive
from tests.kbserver.articles import markdown, write


def test_a_folder_is_copied_with_its_structure(tmp_path: Path, article_folder: Path) -> None:
    source = tmp_path / "elsewhere"
    write(source, "邮件/a.md", markdown("KB-0001"))

    received = receive([source], article_folder)

    assert received.files == [article_folder / "邮件" / "a.md"]
    assert received.files[0].read_text(encoding="utf-8") == markdown("KB-0001")


def test_a_file_in_the_folder_stays_where_it_is(article_folder: Path) -> None:
    path = write(article_folder, "sub/a.md", markdown("KB-0001"))

    assert receive([path], article_folder).names == {"sub/a.md"}


def test_lines_of_jsonl_become_files(tmp_path: Path, article_folder: Path) -> None:
    record = {"path": "a/b.md", "markdown": markdown("KB-0001")}
    source = write(tmp_path, "in.jsonl", json.dumps(record) + "\n\n")

    assert receive([source], article_folder).names == {"a/b.md"}


def test_a_file_of_the_same_name_is_not_overwritten(tmp_path: Path, article_folder: Path) -> None:
    write(article_folder, "a.md", markdown("KB-0001"))
    source = write(tmp_path, "in.jsonl", json.dumps({"path": "a.md", "markdown": markdown("KB-0002")}))

    received = receive([source], article_folder)

    assert ["of this name" in refusal.en for refusal in received.refused] == [True]
    assert "KB-0001" in (article_folder / "a.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "null",
        '"x"',
        "{}",
        '{"path": 1, "markdown": ""}',
        '{"path": "a.md", "markdown": "\\ud800"}',
        "[" * 90_000,
    ],
    ids=range(8),
)
def test_a_line_that_is_no_record_is_refused_by_its_number(tmp_path: Path, article_folder: Path, line: str) -> None:
    source = write(tmp_path, "in.jsonl", "\n" + line + "\n")

    refused = receive([source], article_folder).refused

    assert [(refusal.path, refusal.line) for refusal in refused] == [("in.jsonl", 2)]


@pytest.mark.parametrize(
    "name",
    ["../x.md", "/etc/x.md", "a/../../x.md", "a\\..\\x.md", ".git/x.md", "x.txt", "x.md/", "", "a//b.md",
     "-x.md", "a\x00.md", "a\n.md", "C:x.md", "x" * 600 + ".md", "a/" * 20 + "b.md", "\u202egpj.md"],
    ids=range(16),
)  # fmt: skip
def test_a_path_that_leads_elsewhere_writes_nothing(tmp_path: Path, article_folder: Path, name: str) -> None:
    source = write(tmp_path, "in.jsonl", json.dumps({"path": name, "markdown": markdown("KB-0001")}))
    before = sorted(tmp_path.rglob("*"))

    received = receive([source], article_folder)

    assert len(received.refused) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_in_the_folder_is_not_followed(tmp_path: Path, article_folder: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (article_folder / "sub").symlink_to(outside)
    source = write(tmp_path, "in.jsonl", json.dumps({"path": "sub/x.md", "markdown": markdown("KB-0001")}))

    received = receive([source], article_folder)

    assert (len(received.refused), list(outside.iterdir())) == (1, [])


def test_a_text_that_is_no_article_is_refused_and_not_copied(tmp_path: Path, article_folder: Path) -> None:
    source = write(tmp_path, "in.jsonl", json.dumps({"path": "a.md", "markdown": "---\ntitle: [a\n---\n"}))

    received = receive([source], article_folder)

    assert [refusal.path for refusal in received.refused] == ["a.md"]
    assert list(article_folder.iterdir()) == []
