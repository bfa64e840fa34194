"""A search index and a postbox in memory that answer to the same contracts as the real ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from indexer.articles import (
    FACETS,
    Article,
    Audience,
    Confidence,
    Hit,
    SearchAnswer,
    SearchRequest,
    Snippet,
)
from kbserver.errors import IndexUnavailable
from kbserver.services.ports import IndexStatus, Mail, MailFailed


class FakeIndex:
    """Finds articles that hold any word of the query, most words first, then by id."""

    def __init__(self) -> None:
        self.articles: dict[str, Article] = {}
        self.sequence = 0
        self.generation = 1
        self.is_available = True

    def search(self, request: SearchRequest) -> SearchAnswer:
        self._check()
        words = request.text.casefold().split()
        found = [
            (sum(word in self._text(article) for word in words), article)
            for article in self._visible(request.reader, request.hidden)
            if self._fits(article, request)
        ]
        lowered = request.lowered
        found = sorted((f for f in found if f[0]), key=lambda f: (-f[0] * (0.85 if f[1].id in lowered else 1), f[1].id))
        page = found[request.offset : request.offset + request.limit]
        hits = tuple(self._hit(article, score / len(words), request) for score, article in page)
        matched = [article for _, article in found]
        return SearchAnswer(
            hits,
            normalized_query=" ".join(words),
            no_good_answer=not hits,
            estimated_total=len(found),
            facets={facet: self._counts(matched, facet) for facet in FACETS},
            generation=self.generation,
        )

    def typeahead(
        self, text: str, reader: Audience, limit: int, hidden: frozenset[str] = frozenset()
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        self._check()
        found = [a for a in self._visible(reader, hidden) if text.casefold() in a.title.casefold()][:limit]
        return tuple(a.title for a in found), tuple(a.id for a in found)

    def related(
        self, article_id: str, reader: Audience, limit: int, hidden: frozenset[str] = frozenset()
    ) -> tuple[str, ...]:
        self._check()
        return tuple(a.id for a in self._visible(reader, hidden) if a.id != article_id)[:limit]

    def status(self) -> IndexStatus:
        return IndexStatus(
            ready=self.is_available,
            sequence=self.sequence,
            generation=self.generation,
            articles=len(self.articles),
            passages=len(self.articles),
        )

    def update(self, changed: Iterable[Article], deleted: Iterable[str], sequence: int) -> None:
        self.articles |= {article.id: article for article in changed}
        for article_id in deleted:
            self.articles.pop(article_id, None)
        self.sequence, self.generation = sequence, self.generation + 1

    def fill_pending(self) -> int:
        return 0

    def rebuild(self, articles: Iterable[Article], sequence: int) -> None:
        self.articles = {}
        self.update(articles, (), sequence)

    def _check(self) -> None:
        if not self.is_available:
            raise IndexUnavailable("There is no search index.")

    def _visible(self, reader: Audience, hidden: frozenset[str]) -> list[Article]:
        known = [a for _, a in sorted(self.articles.items()) if a.id not in hidden]
        return [a for a in known if a.audience in reader.readable()]

    def _text(self, article: Article) -> str:
        return f"{article.title} {article.body}".casefold()

    def _fits(self, article: Article, request: SearchRequest) -> bool:
        facets = request.filters.facets.items()
        in_facets = all(set(values) & set(article.facet_values(facet)) for facet, values in facets)
        return in_facets and request.filters.lang in (None, article.lang)

    def _counts(self, articles: list[Article], facet: str) -> dict[str, int]:
        values = [value for article in articles for value in article.facet_values(facet)]
        return {value: values.count(value) for value in sorted(set(values))}

    def _hit(self, article: Article, score: float, request: SearchRequest) -> Hit:
        snippet = Snippet(article.body[:80], ((0, 1),))
        why = ("words", "overdue") if article.id in request.lowered else ("words",)
        return Hit(article.id, article.title, score, Confidence.HIGH, why, "", snippet)


class Postbox:
    """A mailer that keeps what it gets, or fails as it is told to."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.failure: MailFailed | None = None

    def send(self, mails: Sequence[Mail]) -> list[MailFailed | None]:
        if self.failure is None:
            self.mails += mails
        return [self.failure for _ in mails]
