"""Articles that may say the same already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.articles import Article, Confidence, SearchRequest
from kbserver.domain.articles import ArticleSummary
from kbserver.domain.limits import MAX_QUERY_CHARS, MAX_QUERY_TERMS
from kbserver.domain.reader import Reader
from kbserver.errors import IndexUnavailable
from kbserver.services.articles import ArticleService
from kbserver.services.ports import SearchIndex


@dataclass(frozen=True, slots=True)
class NearArticle:
    """An article that is near to a text, and how sure that is."""

    article: ArticleSummary
    confidence: Confidence
    why: tuple[str, ...]


class NearestArticles:
    """Finds the articles that a new text may repeat."""

    def __init__(self, index: SearchIndex, articles: ArticleService) -> None:
        self._index = index
        self._articles = articles

    def to(self, reader: Reader, article: Article, limit: int = 5) -> tuple[NearArticle, ...]:
        """Published articles near to this one's title and issue lines, nearest first; never itself.

        Empty while no index can tell.
        """
        text = question_of([article.title, *article.issue])
        if not text:
            return ()
        try:
            answer = self._index.search(SearchRequest(text, reader.audience, limit=limit + 1))
        except IndexUnavailable:
            return ()
        hits = {hit.article_id: hit for hit in answer.hits if hit.article_id != article.id}
        found = self._articles.summaries(reader, list(hits)[:limit])
        return tuple(NearArticle(summary, hits[summary.id].confidence, hits[summary.id].why) for summary in found)


def question_of(lines: Sequence[str]) -> str:
    """The lines as one question, no longer than a question may be.

    >>> question_of(["打印机 脱机", "", "打印不出来"])
    '打印机 脱机 打印不出来'
    """
    words = " ".join(line.strip() for line in lines if line.strip()).split()[:MAX_QUERY_TERMS]
    return " ".join(words)[:MAX_QUERY_CHARS]
