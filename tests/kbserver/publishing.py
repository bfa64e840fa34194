"""Articles published for tests in one call."""

from __future__ import annotations

from pathlib import Path

from kbserver.services.importing import ArticleImporter
from kbserver.services.indexing import IndexConsumer
from kbserver.store.database import Database
from tests.fakes import FakeIndex
from tests.kbserver.articles import markdown, write


class Publisher:
    """Writes files into the articles folder and brings database and index in step with them."""

    def __init__(self, database: Database, clock, folder: Path, index: FakeIndex) -> None:
        self.folder = folder
        self._importer = ArticleImporter(database, clock, folder, reviews_files=False)
        self._consumer = IndexConsumer(database, index)

    def publish(self, article_id: str, title: str = "打印机脱机", body: str = "", **header: str) -> str:
        """The id of an article that is published and indexed now."""
        steps = body or f"## 解决步骤\n\n1. 处理 {title}。"
        write(self.folder, f"{article_id}.md", markdown(article_id, title, steps, **header))
        self._take_in()
        return article_id

    def archive(self, article_id: str) -> None:
        """Take the article's file away."""
        (self.folder / f"{article_id}.md").unlink()
        # An empty folder would be taken for a missing disk.
        self._take_in()

    def _take_in(self) -> None:
        self._importer.import_folder()
        self._consumer.catch_up()
