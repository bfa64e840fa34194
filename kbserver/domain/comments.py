"""Remarks on a draft by those who read it before it is published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """One remark; `quote` is the passage it speaks of, empty for the draft as a whole."""

    id: int
    draft_id: int
    author_id: int | None
    author: str
    quote: str
    body: str
    created_at: datetime
    resolved_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether nobody has seen to it yet."""
        return self.resolved_at is None
