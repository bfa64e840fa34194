"""The audit record: who did what to what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the record; lines are added and never changed."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines to show; empty fields do not restrict."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None
    """The last day that is shown."""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some lines, the newest first."""

    lines: tuple[AuditLine, ...]
    older: int | None
    """Where the next page begins; None on the last one."""
    actions: tuple[str, ...]
    """Every action that there is a line of, by name."""
