"""What waits for somebody: drafts in review, and a person's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kbserver.domain.articles import Stage
from kbserver.domain.drafts import Origin


@dataclass(frozen=True, slots=True)
class QueuedDraft:
    """A draft as a queue shows it, without its text."""

    id: int
    article_id: str
    title: str
    base_revision: int
    stage: Stage
    origin: Origin
    author: str
    author_id: int | None
    reviewer: str
    """Who took it to review it; empty while nobody has."""
    reviewer_id: int | None
    submitted_at: datetime | None
    updated_at: datetime
    publish_at: datetime | None
    approved_by: str
    sent_back_reason: str
    open_comments: int

    @property
    def url(self) -> str:
        """Path of its review page while it is in review, else of its editor."""
        return f"/drafts/{self.id}/review" if self.stage is Stage.IN_REVIEW else f"/drafts/{self.id}"

    @property
    def since(self) -> datetime:
        """Since when it has stood where it stands."""
        return self.submitted_at or self.updated_at


@dataclass(frozen=True, slots=True)
class WorkCounts:
    """How much waits for somebody."""

    to_review: int = 0
    """Drafts that they may approve or send back; for others than reviewers their own ones in review."""
    to_update: int = 0
    """Open tasks on articles that they see."""
    drafts: int = 0
    """Their own drafts that are not in review."""
    sent_back: int = 0
    """Those of them that a reviewer gave back."""

    @property
    def total(self) -> int:
        """What waits for this person and for nobody before them."""
        return self.to_review + self.sent_back
