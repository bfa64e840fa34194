"""Searching, and what is offered while somebody types."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from ulid import ULID

from indexer.articles import Confidence, Hit, SearchAnswer, SearchRequest, Snippet
from kbserver.domain.cursors import Cursor, pack, query_key, unpack
from kbserver.domain.limits import MAX_DEPTH, MAX_PAGE_SIZE
from kbserver.domain.queries import checked_filters, checked_query
from kbserver.domain.reader import Reader
from kbserver.domain.searching import SearchHit, SearchQuery, SearchResult, Typeahead
from kbserver.errors import N_, IndexUnavailable, InvalidInput
from kbserver.services.articles import ArticleService
from kbserver.services.events import EventLog
from kbserver.services.ports import SearchIndex
from kbserver.services.validity import Validity
from kbserver.services.visible import visible_to
from kbserver.store import articles as stored
from kbserver.store.database import Database

TYPEAHEAD_LIMIT = 6

log = logging.getLogger(__name__)


class SearchService:
    """Answers searches through the index, and checks every hit against the database."""

    def __init__(
        self,
        database: Database,
        index: SearchIndex,
        articles: ArticleService,
        events: EventLog,
        validity: Validity,
        cursor_key: bytes,
    ) -> None:
        self._database = database
        self._index = index
        self._articles = articles
        self._events = events
        self._validity = validity
        self._cursor_key = cursor_key

    def search(self, reader: Reader, query: SearchQuery) -> SearchResult:
        """One page of hits that the reader may see.

        Without any index, titles are searched in the database and the answer
        is marked degraded.
        """
        started = time.perf_counter()
        text = checked_query(query.text)
        filters = checked_filters(query.filters)
        if not 1 <= query.limit <= MAX_PAGE_SIZE:
            raise InvalidInput(N_("The limit must lie between 1 and %(most)s."), field="limit", most=MAX_PAGE_SIZE)
        search_id = str(ULID())
        key = query_key(text, query.mode, filters.facets, filters.lang, filters.audience, reader.audience)
        cursor = unpack(query.cursor, key, self._cursor_key) if query.cursor else Cursor(0, ())
        if not text:
            return SearchResult(search_id, "")
        request = SearchRequest(
            text=text,
            reader=reader.audience,
            mode=query.mode,
            limit=query.limit,
            offset=cursor.offset,
            filters=filters,
            debug=query.debug,
            hidden=self._validity.hidden_from(reader),
            lowered=self._validity.passed().lowered,
        )
        answer = self._answer(reader, request, cursor)
        result = SearchResult(
            search_id=search_id,
            query=text,
            normalized_query=answer.normalized_query,
            corrections=answer.corrections,
            degraded=answer.degraded,
            no_good_answer=answer.no_good_answer,
            estimated_total=answer.estimated_total,
            facets=answer.facets,
            next_cursor=self._next_cursor(cursor, answer, key),
            offset=cursor.offset,
            hits=self._checked_hits(reader, answer),
            took_ms=round((time.perf_counter() - started) * 1000, 2),
        )
        if query.record:
            self._events.searched(reader, query, result)
        return result

    def typeahead(self, reader: Reader, text: str) -> Typeahead:
        """Queries and articles to offer for what is being typed; nothing without an index."""
        clean = checked_query(text)
        if not clean:
            return Typeahead()
        try:
            queries, ids = self._index.typeahead(
                clean, reader.audience, TYPEAHEAD_LIMIT, self._validity.hidden_from(reader)
            )
        except IndexUnavailable:
            return Typeahead()
        return Typeahead(queries, self._articles.summaries(reader, ids))

    def _answer(self, reader: Reader, request: SearchRequest, cursor: Cursor) -> SearchAnswer:
        try:
            answer = self._index.search(request)
            if not cursor.shown or answer.generation == cursor.generation:
                return answer
            # The index has changed between two pages, so positions mean something
            # else now: rank anew from the top and leave out what was shown.
            wanted = cursor.offset + request.limit
            whole = self._index.search(replace(request, offset=0, limit=wanted))
            unseen = [hit for hit in whole.hits if not cursor.has_shown(hit.article_id)]
            return replace(whole, hits=tuple(unseen[: request.limit]))
        except IndexUnavailable:
            return self._titles_only(reader, request)

    def _titles_only(self, reader: Reader, request: SearchRequest) -> SearchAnswer:
        with self._database.read() as session:
            found = stored.titles_with(session, request.text.split(), visible_to(reader), request.limit)
        hits = tuple(Hit(a.id, a.title, 0.1, Confidence.LOW, ("title",), "", Snippet(a.excerpt)) for a in found)
        return SearchAnswer(hits, request.text, degraded=True, no_good_answer=not hits, estimated_total=len(hits))

    def _checked_hits(self, reader: Reader, answer: SearchAnswer) -> tuple[SearchHit, ...]:
        shown = self._articles.summaries(reader, [hit.article_id for hit in answer.hits])
        by_id = {summary.id: summary for summary in shown}
        dropped = [hit.article_id for hit in answer.hits if hit.article_id not in by_id]
        if dropped:
            log.warning("hits not visible in the database ids=%s", ",".join(dropped))
        today = self._validity.today()
        return tuple(
            SearchHit(
                by_id[hit.article_id],
                by_id[hit.article_id].trust(today),
                hit.score,
                hit.confidence,
                hit.why,
                hit.section,
                hit.snippet,
                hit.signals,
            )
            for hit in answer.hits
            if hit.article_id in by_id
        )

    def _next_cursor(self, cursor: Cursor, answer: SearchAnswer, key: str) -> str | None:
        following = cursor.followed_by(answer.generation, [hit.article_id for hit in answer.hits])
        is_last = not answer.hits or following.offset >= min(answer.estimated_total, MAX_DEPTH)
        return None if is_last else pack(following, key, self._cursor_key)
