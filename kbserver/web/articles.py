"""An article's page, its pictures, its steps as plain text, and what readers say of it."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from kbserver.domain.searching import Feedback, FeedbackKind
from kbserver.domain.subscriptions import SubscriptionKind
from kbserver.domain.tasks import FLAGS
from kbserver.errors import N_, InvalidInput, NotFound
from kbserver.services.articles import ArticleArchived
from kbserver.web.context import locale, reader, services
from kbserver.web.operations import base_url
from kbserver.web.served_files import served_file

bp = Blueprint("articles", __name__, url_prefix="/articles")

SAID = (FeedbackKind.HELPFUL, FeedbackKind.NOT_HELPFUL)
"""What the two large buttons at the end of an article say; that something is wrong is `web.tasks`."""

NOTED = (FeedbackKind.COPIED,)
"""What the page's script tells without being asked."""


@bp.get("/<string:article_id>")
def show(article_id: str) -> str | BaseResponse:
    """One article; for an archived one that another took the place of, the way there."""
    who, articles = reader(), services().articles
    try:
        view = articles.get(who, article_id)
    except ArticleArchived as archived:
        if not archived.successor:
            raise
        return redirect(f"/articles/{archived.successor}?" + urlencode({"replaces": article_id}), 302)
    search_id = request.args.get("from", "")
    if request.args.get("said") is None:
        _note_opened(article_id, search_id)
    return render_template(
        "articles/article.html",
        view=view,
        summary=view.summary,
        rendered=articles.render(view, who, locale()),
        related=articles.related(who, article_id, 5),
        revisions=articles.revisions(who, article_id)[:10],
        address=f"{base_url()}{view.summary.url}",
        search_id=search_id,
        said=request.args.get("said", ""),
        flags=FLAGS,
        can_verify=services().verifying.can_verify(who, view.summary),
        is_subscribed=services().subscriptions.is_subscribed(who, SubscriptionKind.ARTICLE, article_id),
        tasks=services().tasks.of_article(who, article_id),
        replaces=_replaced_by(article_id),
    )


@bp.get("/<string:article_id>/files/<path:name>")
def file(article_id: str, name: str) -> Response:
    """A file that the article shows or offers."""
    return served_file(services().articles.file(reader(), article_id, name))


@bp.get("/<string:article_id>/steps")
def steps(article_id: str) -> Response:
    """The solution steps as plain text, to paste into an answer."""
    articles = services().articles
    text = articles.steps(articles.get(reader(), article_id))
    response = make_response(text)
    response.content_type = "text/plain; charset=utf-8"
    return response


@bp.post("/<string:article_id>/feedback")
def feedback(article_id: str) -> BaseResponse:
    """Keep what the reader says of the article, and go back to it."""
    kind = request.form.get("event", "")
    if kind not in (*SAID, *NOTED):
        raise InvalidInput(N_("Please choose one of the answers."), field="event")
    said = Feedback(article_id, FeedbackKind(kind), request.form.get("search_id", ""), request.form.get("comment", ""))
    services().feedback.record(reader(), said)
    if request.headers.get("X-Requested-With") == "fetch":
        return make_response(gettext(N_("Thank you, noted.")))
    return redirect(f"/articles/{article_id}?said={kind}#feedback", 303)


def _replaced_by(article_id: str) -> str:
    """The archived article whose readers are sent here, if the address says so and it is true."""
    former = request.args.get("replaces", "")
    try:
        if former:
            services().articles.get(reader(), former)
    except ArticleArchived as archived:
        return former if archived.successor == article_id else ""
    except NotFound:
        return ""
    return ""


def _note_opened(article_id: str, search_id: str) -> None:
    try:
        services().feedback.record(reader(), Feedback(article_id, FeedbackKind.OPENED, search_id))
    except InvalidInput:
        # A made-up search id must not keep anybody from reading.
        services().feedback.record(reader(), Feedback(article_id, FeedbackKind.OPENED))
