"""What the reader wants to hear of, and how."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from kbserver.config import LANGUAGES
from kbserver.domain.notifications import NoticeKind
from kbserver.domain.subscriptions import Subscription, SubscriptionKind
from kbserver.errors import N_, InvalidInput
from kbserver.web.context import reader, services, site

bp = Blueprint("subscriptions", __name__)


@bp.get("/subscriptions")
def show() -> str:
    """The reader's subscriptions, and what they are told by mail."""
    who, subscriptions = reader(), services().subscriptions
    settings = subscriptions.settings(who)
    return render_template(
        "subscriptions/list.html",
        subscriptions=subscriptions.mine(who),
        settings=settings,
        mail_lang=settings.lang or site().settings.lang,
        kinds=tuple(NoticeKind),
        sends_mail=bool(site().settings.smtp_url),
        saved="saved" in request.args,
    )


@bp.post("/subscriptions")
def change() -> Response:
    """Subscribe, or take it back, and return to where the button stands."""
    kind, value = request.form.get("kind", ""), request.form.get("value", "")
    if kind not in list(SubscriptionKind) or not value:
        raise InvalidInput(N_("There is nothing of that name to subscribe to."), field="kind")
    who, wanted = reader(), Subscription(SubscriptionKind(kind), value)
    if request.form.get("action") == "remove":
        services().subscriptions.unsubscribe(who, wanted.kind, wanted.value)
    else:
        services().subscriptions.subscribe(who, wanted.kind, wanted.value)
    return redirect("/subscriptions" if request.form.get("from") == "list" else wanted.url, 303)


@bp.post("/subscriptions/settings")
def choose() -> Response:
    """Keep the language of mails and what is mailed."""
    lang = request.form.get("lang", "")
    if lang not in LANGUAGES:
        raise InvalidInput(N_("There are no mails in that language."), field="lang")
    services().subscriptions.choose(reader(), lang, request.form.getlist("mailed"))
    return redirect("/subscriptions?saved=1", 303)
