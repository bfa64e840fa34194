"""What readers say of articles: kept, counted once, and where something is wrong made somebody's task."""

from __future__ import annotations

import re

from kbserver.domain.limits import MAX_COMMENT_CHARS
from kbserver.domain.reader import Reader
from kbserver.domain.searching import VERDICTS, Feedback
from kbserver.domain.tasks import FLAG_OF_FEEDBACK
from kbserver.errors import N_, InvalidInput
from kbserver.services.articles import ArticleService
from kbserver.services.events import EventLog
from kbserver.services.tasks import Flag, TaskService

SEARCH_ID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


class FeedbackService:
    """Takes feedback from readers."""

    def __init__(self, articles: ArticleService, log: EventLog, tasks: TaskService) -> None:
        self._articles = articles
        self._log = log
        self._tasks = tasks

    def record(self, reader: Reader, feedback: Feedback) -> None:
        """Note what the reader did with an article that they may see, or said of it; raises `NotFound`.

        Whether it helped belongs to the search and the article, and counts once for a reader.
        That something is wrong opens a task.
        """
        if feedback.search_id and not SEARCH_ID.fullmatch(feedback.search_id):
            raise InvalidInput(N_("This is not a search id."), field="search_id")
        if len(feedback.comment) > MAX_COMMENT_CHARS:
            raise InvalidInput(
                N_("A comment has at most %(most)s characters."), field="comment", most=MAX_COMMENT_CHARS
            )
        if not self._articles.summaries(reader, [feedback.article_id]):
            self._articles.get(reader, feedback.article_id)
        if feedback.kind in VERDICTS:
            self._log.gave_verdict(reader, feedback)
            return
        flagged = FLAG_OF_FEEDBACK.get(feedback.kind)
        if flagged is not None:
            self._tasks.flag(reader, Flag(feedback.article_id, flagged, feedback.comment, feedback.search_id))
        self._log.gave_feedback(reader, feedback)
