"""What commands work on: settings, database, importer and index, put together once."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType

from kbserver.adapters.search_index import EmbeddedSearchIndex
from kbserver.config import Settings, load_settings
from kbserver.services.clock import SystemClock
from kbserver.services.importing import ArticleImporter
from kbserver.services.indexing import IndexConsumer
from kbserver.store.database import Database
from kbserver.store.schema import migrate


@dataclass
class Workplace(AbstractContextManager["Workplace"]):
    """The parts of one installation, with its database migrated."""

    settings: Settings
    database: Database
    clock: SystemClock
    importer: ArticleImporter

    @classmethod
    def open(cls, settings: Settings | None = None) -> Workplace:
        """The installation that the environment names."""
        settings = settings or load_settings()
        database = Database.at(settings.database_url, settings.data_dir)
        migrate(database)
        clock = SystemClock()
        importer = ArticleImporter(
            database, clock, settings.articles_dir, reviews_files=settings.review == "all"
        )
        return cls(settings, database, clock, importer)

    def index(self) -> EmbeddedSearchIndex:
        """The search index of the data folder."""
        return EmbeddedSearchIndex(self.settings)

    def consumer(self, index: EmbeddedSearchIndex) -> IndexConsumer:
        """What brings that index up to date."""
        return IndexConsumer(self.database, index)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.database.close()
