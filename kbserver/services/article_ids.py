"""Whose id it is: one article an id, one id an article."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from kbserver.services.article_reading import ReadFile, Refusal, refused_as_duplicate
from kbserver.store import drafts, folder, held_files, publishing

NUMBERED = re.compile(r"KB-(\d{1,9})")


def next_id(session: Session) -> str:
    """An id that no article and no draft has had."""
    return numbered(_highest_number(_taken_ids(session)) + 1)


def numbered(number: int) -> str:
    """The id with that number.

    >>> numbered(42)
    'KB-0042'
    """
    return f"KB-{number:04d}"


def _taken_ids(session: Session) -> list[str]:
    return [*publishing.article_ids(session), *drafts.article_ids(session), *held_files.article_ids(session)]


def _highest_number(ids: Iterable[str]) -> int:
    numbers = (NUMBERED.fullmatch(article_id.upper()) for article_id in ids)
    return max((int(n[1]) for n in numbers if n), default=0)


def _paths_of(session: Session, article_id: str) -> list[str]:
    """Where the article's file lies, be it published or waiting."""
    found = (folder.known_file(session, article_id=article_id), held_files.of_article(session, article_id))
    return [one.path for one in found if one and one.path]


class IdClaims:
    """The ids that the files of one import claim, against those the database knows."""

    def __init__(self, root: Path, files: Sequence[ReadFile], gone: set[str]) -> None:
        self._root = root
        self._gone = gone
        self._by_path = {file.path: file for file in files}
        self._paths: dict[str, list[str]] = {}
        for file in files:
            if file.article and file.article.id:
                self._paths.setdefault(file.article.id.casefold(), []).append(file.path)
        self._last_number: int | None = None

    def rival_of(self, session: Session, file: ReadFile) -> Refusal | None:
        """Why the file cannot have the id it claims: another file has it; None when none has.

        A file that has had the id keeps it. Of two new ones neither gets it,
        since which of them is meant cannot be known.
        """
        if file.article is None or not file.article.id:
            return None
        article_id = file.article.id
        holders = _paths_of(session, article_id)
        if file.path in holders:
            return None
        for path in holders:
            if self._still_claims(path, article_id):
                return refused_as_duplicate(file, path)
        others = [path for path in self._paths[article_id.casefold()] if path != file.path]
        return refused_as_duplicate(file, others[0]) if others else None

    def id_for(self, session: Session, path: str) -> str:
        """The id for a file that names none: its former one, else the next number."""
        known = folder.known_file(session, path=path) or held_files.at_path(session, path)
        if known:
            return known.article_id
        if self._last_number is None:
            self._last_number = _highest_number([*_taken_ids(session), *self._paths])
        self._last_number += 1
        return numbered(self._last_number)

    def _still_claims(self, path: str, article_id: str) -> bool:
        if path in self._gone:
            return False
        file = self._by_path.get(path)
        if file is not None:
            # A broken edit does not give the id away, nor does an id left out.
            return file.article is None or file.article.id in ("", article_id)
        return (self._root / path).is_file()
