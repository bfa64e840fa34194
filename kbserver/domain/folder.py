"""What a file in the articles folder means beside what the database holds.

The database and the folder agreed once on a text: the *common* one. Whoever has moved on
from it since then decides what happens, and where both have, nobody is overwritten.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from kbserver.domain.articles import Stage


class Verdict(enum.StrEnum):
    """What is to be done with a file's text."""

    SAME = "same"
    """The folder has nothing new; what the database has is written by its own worker."""
    CAUGHT_UP = "caught_up"
    """The file already holds what was published elsewhere; that is the common text now."""
    PUBLISH = "publish"
    REVIEW = "review"
    """It waits for a reviewer, because files are reviewed here."""
    CONFLICT = "conflict"
    """Both sides have changed: the file's text waits for a reviewer, and neither is overwritten."""


class Hold(enum.StrEnum):
    """Why a file is known but not published."""

    REVIEW = "review"
    CONFLICT = "conflict"
    REMOVED = "removed"
    """The file is gone, but taking the article from readers is for a reviewer."""


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file that is known and not published: it waits as a draft, or its draft was not taken."""

    path: str
    article_id: str
    file_hash: str
    hold: Hold
    draft_id: int | None
    """The draft that holds its text; None once that was published or thrown away."""
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class KnownFile:
    """An article as the folder sees it."""

    article_id: str
    path: str
    """Where its file lies or is to lie; empty when it has none."""
    file_hash: str
    """SHA-256 of the common text, empty while no file has been written."""
    stage: Stage
    revision: int
    sha256: str
    """Of the current revision."""

    @property
    def is_in_step(self) -> bool:
        """Whether the database holds nothing that the file has not."""
        wanted = self.sha256 if self.stage is Stage.PUBLISHED else ""
        return self.file_hash == wanted


def verdict_on(file_hash: str, known: KnownFile | None, *, is_reviewed: bool) -> Verdict:
    """What becomes of a file's text, given what is known of its article.

    `is_reviewed` says that files need a reviewer here.

    >>> published = KnownFile("KB-1", "a.md", "common", Stage.PUBLISHED, 1, "common")
    >>> str(verdict_on("new", published, is_reviewed=False)), str(verdict_on("new", published, is_reviewed=True))
    ('publish', 'review')
    >>> edited = KnownFile("KB-1", "a.md", "common", Stage.PUBLISHED, 2, "from the browser")
    >>> [str(verdict_on(text, edited, is_reviewed=False)) for text in ("common", "from the browser", "new")]
    ['same', 'caught_up', 'conflict']
    """
    settled = Verdict.REVIEW if is_reviewed else Verdict.PUBLISH
    if known is None or (known.stage is not Stage.PUBLISHED and not known.path):
        return settled
    if known.stage is not Stage.PUBLISHED:
        # It was archived elsewhere, and its file is still to be removed.
        return Verdict.SAME if file_hash == known.file_hash else Verdict.CONFLICT
    if file_hash == known.sha256:
        return Verdict.SAME if known.is_in_step else Verdict.CAUGHT_UP
    if file_hash == known.file_hash:
        return Verdict.SAME
    return settled if known.is_in_step else Verdict.CONFLICT
