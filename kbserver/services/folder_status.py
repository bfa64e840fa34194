"""How the articles folder stands beside the database, for the status page."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.articles import Audience
from kbserver.domain.folder import HeldFile
from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader
from kbserver.store import folder, held_files
from kbserver.store.database import Database


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """Files that are not what is published."""

    waiting: int = 0
    """Files that wait for somebody to decide."""
    held: tuple[HeldFile, ...] = ()
    """The same by path, for those who may see work."""
    unwritten: tuple[str, ...] = ()
    """Articles (by id) whose file is not written yet."""


class FolderStatusService:
    """Tells what waits between folder and database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def status(self, reader: Reader) -> FolderStatus:
        """Nothing for readers outside the house; names of files only for those who see what is being worked on."""
        if reader.audience is not Audience.INTERNAL:
            return FolderStatus()
        with self._database.read() as session:
            held = tuple(held_files.all_held(session))
            unwritten = set(folder.out_of_step(session)) - {one.article_id for one in held}
        if not reader.may(Right.SEE_WORK):
            return FolderStatus(waiting=len(held))
        return FolderStatus(len(held), held, tuple(sorted(unwritten)))
