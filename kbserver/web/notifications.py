"""The news of the person who is signed in."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from kbserver.web.context import reader, services
from kbserver.web.numbers import page_number, row_numbers

bp = Blueprint("notifications", __name__)


@bp.get("/notifications")
def show() -> str:
    """What happened that concerns the reader, newest first."""
    return render_template("notifications/list.html", page=services().notices.page(reader(), page_number()))


@bp.post("/notifications/read")
def read() -> Response:
    """Note that the chosen news are read, or all of them where none is chosen."""
    chosen = row_numbers("id")
    services().notices.mark_read(reader(), chosen or None)
    if request.headers.get("X-Requested-With") == "fetch":
        return make_response("", 204)
    return redirect("/notifications", 303)
