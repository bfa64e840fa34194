"""The index as a consumer of the outbox: it catches up with whatever was published."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from indexer.articles import Article
from indexer.frontmatter import parse_article
from kbserver.services.ports import SearchIndex
from kbserver.store import outbox
from kbserver.store.database import Database
from kbserver.store.outbox import PublishedText

CONSUMER = "index"
BATCH = 500

log = logging.getLogger(__name__)


class IndexConsumer:
    """Brings the index to the database's state; the index itself says how far it has come."""

    def __init__(self, database: Database, index: SearchIndex) -> None:
        self._database = database
        self._index = index

    def catch_up(self) -> int:
        """Take everything new into the index; gives the number of articles touched.

        An index that is missing, or that knows of things the database does not
        (the database was restored), is built anew.
        """
        status = self._index.status()
        with self._database.read() as session:
            newest = outbox.last_seq(session)
        if status.needs_rebuild or status.sequence > newest:
            return self.rebuild()
        touched, seq = 0, status.sequence
        while seq < newest:
            with self._database.read() as session:
                batch = outbox.batch_after(session, seq, BATCH)
                texts = list(outbox.published_texts(session, batch.article_ids))
            if batch.last_seq == seq:
                break
            articles = list(_parsed(texts))
            deleted = set(batch.article_ids) - {article.id for article in articles}
            self._index.update(articles, sorted(deleted), batch.last_seq)
            touched, seq = touched + len(batch.article_ids), batch.last_seq
        if touched:
            self._note(seq)
            log.info("index caught up articles=%s sequence=%s", touched, seq)
        return touched

    def is_behind(self) -> bool:
        """Whether there is anything to catch up with."""
        status = self._index.status()
        with self._database.read() as session:
            return status.needs_rebuild or status.sequence != outbox.last_seq(session)

    def rebuild(self) -> int:
        """Build the index anew from the database; gives the number of articles."""
        articles, seq = self.published()
        self._index.rebuild(articles, seq)
        self._note(seq)
        log.info("index built articles=%s sequence=%s", len(articles), seq)
        return len(articles)

    def published(self) -> tuple[list[Article], int]:
        """All published articles, and the outbox number that this state belongs to."""
        with self._database.read() as session:
            seq = outbox.last_seq(session)
            return list(_parsed(outbox.published_texts(session))), seq

    def _note(self, seq: int) -> None:
        with self._database.write() as session:
            outbox.advance(session, CONSUMER, seq)


def _parsed(texts: Iterable[PublishedText]) -> Iterator[Article]:
    for text in texts:
        article = parse_article(text.markdown, text.path).article
        if article is None:
            log.warning("published text no longer parses id=%s", text.article_id)
        else:
            yield article
