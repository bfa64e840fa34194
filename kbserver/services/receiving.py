"""Files from elsewhere, copied into the articles folder before they are imported."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from indexer.frontmatter import is_article_name
from kbserver.services.article_files import FoundFile, articles_in, read_regular
from kbserver.services.article_folder import ArticleFolder
from kbserver.services.article_reading import Refusal, judged_text, read_article

MAX_DEPTH = 8
MAX_LINE_BYTES = 4_000_000


@dataclass
class Received:
    """Files that lie in the articles folder now, and what was not taken."""

    files: list[Path] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    """Paths of the files below the articles folder."""


def receive(sources: Iterable[Path], root: Path) -> Received:
    """Copy Markdown files, folders of them, and the lines of JSONL files into the articles folder.

    A file that is no valid article is refused and not copied. A file of
    another content that has the same name already is not overwritten.
    """
    received = Received()
    for source in sources:
        for name, text, refusal in _texts_of(source, root):
            found = refusal or _place(name, text, root, received)
            if found:
                received.refused.append(found)
    return received


def _texts_of(source: Path, root: Path) -> Iterator[tuple[str, str, Refusal | None]]:
    if source.suffix.lower() in (".jsonl", ".ndjson"):
        yield from _lines_of(source)
        return
    files = list(articles_in(source)) if source.is_dir() else [FoundFile(source.name, source)]
    base = root.resolve()
    for file in files:
        read = read_article(file, source if source.is_dir() else source.parent)
        assert read is not None, "no hash was given that could be known"
        full = file.full.resolve()
        inside = full.is_relative_to(base) and not file.full.is_symlink()
        name = full.relative_to(base).as_posix() if inside else file.path
        yield name, read.text, read.refusal


def _lines_of(source: Path) -> Iterator[tuple[str, str, Refusal | None]]:
    with source.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            where = source.name
            if not line.strip():
                continue
            try:
                record = json.loads(line[:MAX_LINE_BYTES])
                name, text = record["path"], record["markdown"]
                if not isinstance(name, str) or not isinstance(text, str):
                    raise TypeError
                text.encode()
            except (ValueError, KeyError, TypeError, RecursionError):
                yield (
                    where,
                    "",
                    Refusal(
                        where,
                        number,
                        "这一行不是带有 path 和 markdown 文本的 JSON 对象。",
                        "This line is not a JSON object with the texts path and markdown.",
                    ),
                )
                continue
            yield name, text, judged_text(name, text).refusal


def _place(name: str, text: str, root: Path, received: Received) -> Refusal | None:
    """Put one text at its name below the folder; gives why not, if not."""
    if not is_safe_name(name):
        return Refusal(
            name[:200], 0, "路径必须是文件夹内的 .md 相对路径。", "The path must be a relative .md path in the folder."
        )
    full = root.joinpath(*PurePosixPath(name).parts)
    if any(parent.is_symlink() for parent in (full, *full.parents) if parent.is_relative_to(root) and parent != root):
        return Refusal(name, 0, "不跟随链接文件。", "Links are not followed.")
    if full.exists():
        if read_regular(full) != text.encode():
            return Refusal(
                name,
                0,
                "文章文件夹里已有同名但内容不同的文件。",
                "The articles folder has another file of this name.",
            )
    else:
        ArticleFolder(root).create(name, text.encode())
    received.files.append(full)
    received.names.add(name)
    return None


def is_safe_name(name: str) -> bool:
    """Whether the path stays in its folder on every system and is a visible Markdown file.

    >>> [is_safe_name(n) for n in ("邮件/a.md", "../a.md", "/a.md", "a\\\\b.md", ".git/a.md", "a.txt")]
    [True, False, False, False, False, False]
    """
    parts = name.split("/")
    return (
        0 < len(name) <= 500
        and is_article_name(parts[-1])
        and len(parts) <= MAX_DEPTH
        and all(part and not part.startswith((".", "-")) and len(part.encode()) <= 200 for part in parts)
        and all(char.isprintable() and char not in '\\:*?"<>|' for char in name.replace("/", ""))
    )
