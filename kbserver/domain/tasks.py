"""Tasks: what somebody said about an article, or what a date says, and what came of it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader
from kbserver.domain.searching import FeedbackKind


class TaskKind(enum.StrEnum):
    """What is the matter with an article."""

    WRONG = "wrong"
    OUTDATED = "outdated"
    UNCLEAR = "unclear"
    MISSING = "missing"
    OVERDUE = "overdue"
    """Nobody said a word, but the day has come on which somebody has to look at it again."""


FLAGS = (TaskKind.WRONG, TaskKind.OUTDATED, TaskKind.UNCLEAR, TaskKind.MISSING)
"""What readers may say, in the order in which it is offered; an open one means "needs update"."""

FLAG_OF_FEEDBACK: Mapping[FeedbackKind, TaskKind] = MappingProxyType({FeedbackKind(kind.value): kind for kind in FLAGS})
"""Feedback that somebody has to see to."""


class Resolution(enum.StrEnum):
    """What came of a task."""

    FIXED = "fixed"
    NOT_A_PROBLEM = "not_a_problem"
    DUPLICATE = "duplicate"
    VERIFIED = "verified"
    """Somebody said that the article still holds."""
    ARCHIVED = "archived"
    """The article is gone, and what was said of it with it."""


CHOSEN_RESOLUTIONS = (Resolution.FIXED, Resolution.NOT_A_PROBLEM, Resolution.DUPLICATE)
"""What a person may choose; the others follow from what was done."""


VERIFIED_REASON = "verified"
"""Why there is a revision in which nothing changed but the day on which somebody looked at it."""


@dataclass(frozen=True, slots=True)
class Task:
    """One task with the article that it is about, as its title stands now."""

    id: int
    article_id: str
    title: str
    kind: TaskKind
    detail: str
    """What the person who flagged it wrote."""
    opened_by: str
    """The name of that person, empty for readers without an account and for dates."""
    opened_by_id: int | None
    opened_at: datetime
    assignee_id: int | None
    assignee: str
    due_on: date | None
    """The day on which the article is due; for overdue ones only."""
    resolution: Resolution | None
    note: str
    closed_by: str
    closed_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to see to it."""
        return self.closed_at is None

    @property
    def url(self) -> str:
        """Path of the article's page on this site."""
        return f"/articles/{self.article_id}"


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks to list; empty fields do not restrict."""

    is_open: bool = True
    assignee_id: int | None = None
    is_unassigned: bool = False
    article_id: str = ""
    kind: TaskKind | None = None


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One page of tasks; the counts are those of the tabs above it."""

    tasks: tuple[Task, ...]
    total: int
    page: int
    per_page: int
    open: int
    mine: int
    unassigned: int
    closed: int

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.total // self.per_page))


def may_close(reader: Reader, task: Task) -> bool:
    """Whether the reader may say what came of the task: who it was given to, and who sees to others' articles."""
    is_own = task.assignee_id is not None and task.assignee_id == reader.account_id
    return reader.may(Right.HANDLE_TASKS) or (is_own and reader.may(Right.SEE_WORK))
