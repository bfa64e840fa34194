"""The audit record as a page and as a table for spreadsheets."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from kbserver.domain.audit import AuditFilter, AuditLine
from kbserver.domain.spreadsheets import csv_text
from kbserver.web.context import reader, services
from kbserver.web.forms import day, whole_number

bp = Blueprint("audit", __name__)

COLUMNS = ("time", "actor", "action", "subject", "detail")


@bp.get("/admin/audit")
def show() -> str:
    """The record, the newest lines first."""
    chosen = _chosen()
    before = whole_number(request.args, "before") if "before" in request.args else None
    page = services().audit.page(reader(), chosen, before)
    return render_template("audit/audit.html", page=page, chosen=chosen, query=_query(chosen), is_first=before is None)


@bp.get("/admin/audit.csv")
def export() -> Response:
    """All lines that fit, as a table in which nothing is taken for a formula."""
    lines = services().audit.export(reader(), _chosen())
    rows = [
        COLUMNS,
        *((line.at.isoformat(), line.actor, line.action, line.subject, detail_text(line)) for line in lines),
    ]
    response = Response(csv_text(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def detail_text(line: AuditLine) -> str:
    """What the line tells beside who, what and of which, in one line.

    >>> from datetime import datetime
    >>> detail_text(AuditLine(1, datetime.min, "a", "publish", "KB-1", {"revision": 3, "path": "a.md"}))
    'revision: 3; path: a.md'
    """
    return "; ".join(f"{key}: {value}" for key, value in line.detail.items())


def _chosen() -> AuditFilter:
    args = request.args
    return AuditFilter(
        actor=args.get("actor", ""),
        action=args.get("action", ""),
        subject=args.get("subject", ""),
        since=day(args, "since"),
        until=day(args, "until"),
    )


def _query(chosen: AuditFilter) -> str:
    """The filter as the address has it."""
    values = {name: getattr(chosen, name) for name in ("actor", "action", "subject", "since", "until")}
    return urlencode({name: value for name, value in values.items() if value})
