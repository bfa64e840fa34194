"""Whether the site can answer, and what does not work at present."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from kbserver.services.ports import SearchIndex
from kbserver.store import outbox
from kbserver.store.database import Database


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether requests can be answered; `degraded` names what is missing, one sentence each."""

    ready: bool
    degraded: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)


class HealthService:
    """Looks at the database and the index."""

    def __init__(self, database: Database, index: SearchIndex) -> None:
        self._database = database
        self._index = index

    def readiness(self) -> Readiness:
        """How things stand; ready as long as the database answers, since titles can then be searched."""
        try:
            with self._database.read() as session:
                newest = outbox.last_seq(session)
        except SQLAlchemyError as error:
            return Readiness(False, ("The database does not answer.",), {"database": type(error).__name__})
        status = self._index.status()
        degraded = status.degraded
        if not status.ready:
            degraded = (*degraded, "There is no search index yet; only titles are searched.")
        elif status.sequence < newest:
            degraded = (*degraded, "The index has not caught up with the latest changes.")
        details = {
            "index_generation": str(status.generation),
            "index_sequence": f"{status.sequence} of {newest}",
            "articles": str(status.articles),
            "passages": str(status.passages),
            "passages_without_vector": str(status.pending),
            **status.details,
        }
        return Readiness(True, degraded, details)
