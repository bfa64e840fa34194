"""Whose id it is: one article an id, one id an article."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from kbserver.services.article_reading import ReadFile, Refusal
from kbserver.store import publishing

EMPTY_ID = re.compile(r"^id:[ \t]*(?:''|\"\"|null|~)?[ \t]*(?:\r\n|\n|\r)", re.MULTILINE)
NUMBERED = re.compile(r"KB-(\d{1,9})")


class IdClaims:
    """The ids that the files of one import claim, against those the database knows."""

    def __init__(self, root: Path, files: Sequence[ReadFile], gone: set[str]) -> None:
        self._root = root
        self._gone = gone
        self._by_path = {file.path: file for file in files}
        self._paths: dict[str, list[str]] = {}
        for file in files:
            if file.article and file.article.id:
                self._paths.setdefault(file.article.id, []).append(file.path)
        self._last_number: int | None = None

    def rival_of(self, session: Session, file: ReadFile) -> Refusal | None:
        """Why the file cannot have the id it claims: another file has it; None when none has.

        A file that has had the id keeps it. Of two new ones neither gets it,
        since which of them is meant cannot be known.
        """
        if file.article is None or not file.article.id:
            return None
        article_id = file.article.id
        holder = publishing.known_file(session, article_id=article_id)
        if holder and holder.path == file.path:
            return None
        if holder and holder.path and self._still_claims(holder.path, article_id):
            return _taken(file.path, article_id, holder.path)
        others = [path for path in self._paths[article_id] if path != file.path]
        return _taken(file.path, article_id, others[0]) if others else None

    def id_for(self, session: Session, path: str) -> str:
        """The id for a file that names none: its former one, else the next number."""
        known = publishing.known_file(session, path=path)
        if known:
            return known.article_id
        if self._last_number is None:
            taken = [*publishing.article_ids(session), *self._paths]
            numbers = (NUMBERED.fullmatch(article_id) for article_id in taken)
            self._last_number = max((int(n[1]) for n in numbers if n), default=0)
        self._last_number += 1
        return f"KB-{self._last_number:04d}"

    def _still_claims(self, path: str, article_id: str) -> bool:
        if path in self._gone:
            return False
        file = self._by_path.get(path)
        if file is not None:
            # A broken edit does not give the id away, nor does an id left out.
            return file.article is None or file.article.id in ("", article_id)
        return (self._root / path).is_file()


def text_with_id(text: str, article_id: str) -> str:
    """The file's text with the id as its first key, all else untouched.

    >>> text_with_id("# 重置密码\\n", "KB-0001")
    '---\\nid: KB-0001\\n---\\n\\n# 重置密码\\n'
    >>> text_with_id("---\\ntitle: VPN\\n---\\n", "KB-0001")
    '---\\nid: KB-0001\\ntitle: VPN\\n---\\n'
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    rest = text[len(mark) :]
    opening = re.match(r"---[ \t]*(\r\n|\n|\r)", rest)
    if opening is None:
        end = "\r\n" if "\r\n" in rest else "\n"
        return f"{mark}---{end}id: {article_id}{end}---{end}{end}{rest}"
    header, closing, body = _split_header(rest[opening.end() :])
    header = EMPTY_ID.sub("", header, count=1)
    return f"{mark}{opening[0]}id: {article_id}{opening[1]}{header}{closing}{body}"


def _split_header(text: str) -> tuple[str, str, str]:
    closing = re.search(r"^---[ \t]*$", text, re.MULTILINE)
    if closing is None:
        return text, "", ""
    return text[: closing.start()], closing[0], text[closing.end() :]


def _taken(path: str, article_id: str, other: str) -> Refusal:
    return Refusal(
        path,
        1,
        f"编号 {article_id} 已被文件 {other} 使用（本文件：{path}）。",
        f"The id {article_id} is used by {other} as well as by {path}.",
    )
