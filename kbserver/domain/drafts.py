"""Texts on their way to being published."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from kbserver.domain.articles import Stage
from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader


class Origin(enum.StrEnum):
    """Where a text came from; shown to reviewers and kept with its revision."""

    HUMAN = "human"
    FOLDER = "folder"
    RULES = "rules"
    LLM = "llm"
    API = "api"
    """A program whose token belongs to nobody."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that is not published: a new article, or a change to one."""

    id: int
    article_id: str
    base_revision: int
    """The published revision it began from, 0 for a new article."""
    version: int
    """Grows with every save."""
    stage: Stage
    markdown: str
    sha256: str
    title: str
    path: str
    """Where the file lies or is to lie below the articles folder; empty until publishing decides."""
    origin: Origin
    author_id: int | None
    author: str
    reviewer_id: int | None
    reason: str
    sent_back_reason: str
    created_at: datetime
    updated_at: datetime
    updated_by: str
    """Who saved it last; an author's draft may be gone on with by others."""
    submitted_at: datetime | None
    approved_by: str
    """Who approved it for a later time; empty otherwise."""
    publish_at: datetime | None
    is_validated: bool
    """Whether that approval says that the steps hold."""
    is_by_reviewer: bool
    """Whether the text as it stands was saved by somebody who may review."""

    @property
    def is_new(self) -> bool:
        """Whether there is no published revision that it changes."""
        return self.base_revision == 0

    @property
    def is_scheduled(self) -> bool:
        """Whether it is approved and waits for its time."""
        return self.publish_at is not None

    @property
    def url(self) -> str:
        """Path of the draft's editor on this site."""
        return f"/drafts/{self.id}"


def is_author(reader: Reader, draft: Draft) -> bool:
    """Whether the reader wrote the draft; nobody is the author of what came from a folder or a ticket."""
    if draft.author_id is None:
        return reader.is_service and draft.origin is Origin.API and draft.author == reader.name
    return draft.author_id == reader.account_id


def may_see_draft(reader: Reader, draft: Draft) -> bool:
    """Whether the reader may know of the draft: its author, who goes on with others' drafts, and reviewers."""
    return sees_all_drafts(reader) or (is_author(reader, draft) and reader.may(Right.WRITE))


def sees_all_drafts(reader: Reader) -> bool:
    """Whether the reader sees drafts of others."""
    return reader.may(Right.EDIT_OTHERS)


def may_edit_draft(reader: Reader, draft: Draft) -> bool:
    """Whether the reader may change the draft's text; while it is in review only reviewers may."""
    if draft.stage is Stage.IN_REVIEW:
        return reader.may(Right.REVIEW)
    return may_see_draft(reader, draft)
