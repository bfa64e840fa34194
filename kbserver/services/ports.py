"""What services need from outside, as contracts with more than one implementation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from indexer.articles import Article, Audience, SearchAnswer, SearchRequest


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What an index says of itself."""

    ready: bool
    """Whether it answers searches."""
    needs_rebuild: bool = False
    """Whether changes cannot be added to it: it is missing, or was made by other rules."""
    sequence: int = 0
    """The last outbox number it holds."""
    generation: int = 0
    articles: int = 0
    passages: int = 0
    pending: int = 0
    """Passages that are found by words but not yet by meaning."""
    degraded: tuple[str, ...] = ()
    """What does not work at present, one sentence each."""
    details: Mapping[str, str] = field(default_factory=dict)


class SearchIndex(Protocol):
    """A search backend. Searching never blocks on a writer, and never fails for want of a model."""

    def search(self, request: SearchRequest) -> SearchAnswer:
        """Hits that `request.reader` may see; raises `IndexUnavailable` when nothing can answer."""
        ...

    def typeahead(
        self, text: str, reader: Audience, limit: int, hidden: frozenset[str] = frozenset()
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Queries, and ids of articles, to offer for what is being typed; `hidden` articles do not exist for it."""
        ...

    def related(
        self, article_id: str, reader: Audience, limit: int, hidden: frozenset[str] = frozenset()
    ) -> tuple[str, ...]:
        """Ids of articles near to this one, nearest first, without it."""
        ...

    def status(self) -> IndexStatus:
        """How the index stands now."""
        ...

    def update(self, changed: Iterable[Article], deleted: Iterable[str], sequence: int) -> None:
        """Make articles searchable by words, and the deleted ones not; done when it returns."""
        ...

    def fill_pending(self) -> int:
        """Make waiting passages searchable by meaning, and tidy up; gives how many are left."""
        ...

    def rebuild(self, articles: Iterable[Article], sequence: int) -> None:
        """Build anew from all articles, aside, and switch to it."""
        ...


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in plain text and in HTML that says the same."""

    to_name: str
    to_address: str
    subject: str
    text: str
    html: str
    message_id: str
    """The same for every attempt, so that a mail server tells a second attempt from a second mail."""
    lang: str


class MailFailed(Exception):
    """The mail was not taken; `is_final` where trying again would not help."""

    def __init__(self, why: str, *, is_final: bool = False) -> None:
        super().__init__(why)
        self.is_final = is_final


class Mailer(Protocol):
    """Sends mails."""

    def send(self, mails: Sequence[Mail]) -> list[MailFailed | None]:
        """Send the mails over one connection; for each, why it was not taken, or None."""
        ...


class Segmenter(Protocol):
    """Knows where words end in a language that puts no spaces between them."""

    def words(self, line: str) -> Sequence[str]:
        """The line in words, spaces and marks; joined, they are the line again."""
        ...
