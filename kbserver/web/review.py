"""The review page of a draft: everything that a decision needs, and the decision."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from kbserver.domain.review import Step
from kbserver.errors import N_, InvalidInput, KBError
from kbserver.services.drafts import StaleDraft
from kbserver.services.publication import OutdatedText
from kbserver.services.review import Moved
from kbserver.web.context import locale, reader, services
from kbserver.web.errors import message_of
from kbserver.web.forms import moment, whole_number

bp = Blueprint("review", __name__, url_prefix="/drafts/<int:draft_id>")


@bp.get("/review")
def show(draft_id: int) -> Response:
    """The draft with everything that a decision needs."""
    return _page(draft_id)


@bp.post("/review")
def take_step(draft_id: int) -> BaseResponse:
    """Take a step of the workflow, and go where its result shows."""
    try:
        moved, done = _taken(draft_id, request.form.get("step", ""))
    except (InvalidInput, StaleDraft, OutdatedText) as problem:
        return _page(draft_id, problem)
    tab = "review" if done in ("published", "scheduled", "sent_back") else "mine"
    return redirect("/queue?" + urlencode({"tab": tab, "done": done, "id": moved.article_id}), 303)


@bp.post("/comments")
def comment(draft_id: int) -> BaseResponse:
    """Keep a comment on the draft."""
    try:
        services().comments.add(reader(), draft_id, request.form.get("body", ""), request.form.get("quote", ""))
    except InvalidInput as problem:
        return _page(draft_id, problem)
    return redirect(f"/drafts/{draft_id}/review?show=comments#comments", 303)


@bp.post("/comments/<int:comment_id>")
def resolve(draft_id: int, comment_id: int) -> BaseResponse:
    """Mark a comment as seen to, or open again."""
    services().comments.resolve(reader(), draft_id, comment_id, is_done=request.form.get("done") == "1")
    return redirect(f"/drafts/{draft_id}/review?show=comments#comments", 303)


@bp.post("/claim")
def claim(draft_id: int) -> BaseResponse:
    """Take the draft to review it, or give it up."""
    services().review.claim(reader(), draft_id, is_mine=request.form.get("mine") == "1")
    return redirect(f"/drafts/{draft_id}/review", 303)


@bp.post("/take-over")
def take_over(draft_id: int) -> BaseResponse:
    """Go on from the revision that is published now."""
    version, base = whole_number(request.form, "version"), whole_number(request.form, "base_revision")
    try:
        services().review.take_over(reader(), draft_id, version, base)
    except (InvalidInput, StaleDraft) as problem:
        return _page(draft_id, problem)
    return redirect(f"/drafts/{draft_id}/review", 303)


def _taken(draft_id: int, step: str) -> tuple[Moved, str]:
    """The result of the step with the word for what was done."""
    who, review = reader(), services().review
    form = request.form
    version, reason = whole_number(form, "version"), form.get("reason", "")
    if step == Step.SUBMIT:
        return review.submit(who, draft_id, version, reason), "submitted"
    if step == Step.WITHDRAW:
        return review.withdraw(who, draft_id, version), "withdrawn"
    if step == Step.SEND_BACK:
        return review.send_back(who, draft_id, version, reason), "sent_back"
    if step == Step.PUBLISH:
        return review.publish(who, draft_id, version, reason), "published"
    if step == Step.DISCARD:
        return review.discard(who, draft_id, version), "discarded"
    if step == Step.APPROVE:
        is_validated = form.get("validated") == "1"
        moved = review.approve(who, draft_id, version, is_validated=is_validated, publish_at=moment(form, "publish_at"))
        return moved, "published" if moved.is_published else "scheduled"
    raise InvalidInput(N_("There is no such step."), field="step")


def _page(draft_id: int, problem: KBError | None = None) -> Response:
    """The page, with what went wrong and what was typed."""
    page = services().review_pages.get(reader(), draft_id, locale())
    said = message_of(problem) if problem else ""
    response = make_response(
        render_template("review/review.html", page=page, said=said, typed=request.form, show=request.args.get("show"))
    )
    response.status_code = problem.status if problem else 200
    return response
