"""An article's history: its revisions, what changed between two, going back, archiving and restoring."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from kbserver.domain.review import Step
from kbserver.errors import N_, InvalidInput, KBError
from kbserver.services.publication import OutdatedText
from kbserver.web.context import reader, services
from kbserver.web.errors import message_of
from kbserver.web.forms import whole_number

bp = Blueprint("history", __name__, url_prefix="/articles/<string:article_id>")


@bp.get("/history")
def show(article_id: str) -> Response:
    """The revisions, and what changed between two of them where two are named."""
    return _page(article_id)


@bp.post("/history")
def restore(article_id: str) -> BaseResponse:
    """Go back to a revision: at once for those who may, else as a draft."""
    number, current = whole_number(request.form, "number"), whole_number(request.form, "current")
    try:
        moved = services().history.restore(reader(), article_id, number, current, request.form.get("reason", ""))
    except (InvalidInput, OutdatedText) as problem:
        return _page(article_id, problem)
    return redirect(moved.draft.url if moved.draft else f"/articles/{moved.article_id}", 303)


@bp.post("/steps")
def take_step(article_id: str) -> BaseResponse:
    """Archive the article, or restore it."""
    form, archive = request.form, services().archive
    current = whole_number(form, "current")
    try:
        if form.get("step") == Step.ARCHIVE:
            archive.archive(reader(), article_id, form.get("reason", ""), form.get("superseded_by", ""), current)
            done = "archived"
        elif form.get("step") == Step.RESTORE:
            archive.restore(reader(), article_id, form.get("reason", ""), current)
            done = "restored"
        else:
            raise InvalidInput(N_("There is no such step."), field="step")
    except (InvalidInput, OutdatedText) as problem:
        return _page(article_id, problem)
    return redirect("/queue?" + urlencode({"tab": "archived", "done": done, "id": article_id}), 303)


def _page(article_id: str, problem: KBError | None = None) -> Response:
    who, histories = reader(), services().history
    history = histories.get(who, article_id)
    pair = None
    if "from" in request.args or "to" in request.args:
        old, new = whole_number(request.args, "from"), whole_number(request.args, "to")
        pair = histories.compare(who, article_id, old, new, is_whole="whole" in request.args)
    response = make_response(
        render_template(
            "history/history.html",
            history=history,
            pair=pair,
            said=message_of(problem) if problem else "",
            typed=request.form,
        )
    )
    response.status_code = problem.status if problem else 200
    return response
