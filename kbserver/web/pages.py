"""The site's pages: which blueprints there are, and what every template may use."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Flask, Response, redirect, render_template, request
from flask_babel import get_locale

from kbserver.domain.permissions import Right
from kbserver.errors import PasswordChangeRequired, SignInRequired
from kbserver.web import (
    account,
    articles,
    attachments,
    audit,
    drafts,
    exports,
    feed,
    filters,
    history,
    home,
    notifications,
    oidc,
    password_links,
    people,
    preferences,
    queue,
    review,
    search,
    sign_in,
    subscriptions,
    tasks,
    tokens,
)
from kbserver.web.assets import asset
from kbserver.web.authentication import current_session
from kbserver.web.context import reader, services
from kbserver.web.errors import ERROR_PAGE, Problem, from_kb_error, wants_json

BLUEPRINTS = (
    home.bp,
    search.bp,
    articles.bp,
    drafts.bp,
    attachments.bp,
    preferences.bp,
    tasks.bp,
    notifications.bp,
    subscriptions.bp,
    feed.bp,
    exports.bp,
    sign_in.bp,
    oidc.bp,
    password_links.bp,
    account.bp,
    people.bp,
    tokens.bp,
    queue.bp,
    review.bp,
    history.bp,
    audit.bp,
)


def register(app: Flask) -> None:
    """Add the pages, the filters of their templates and the page for errors."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    filters.register(app)
    app.extensions[ERROR_PAGE] = error_page
    app.register_error_handler(PasswordChangeRequired, to_password_page)
    app.context_processor(shared)
    app.jinja_env.globals |= {"asset": asset, "offers_provider": oidc.is_offered}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def error_page(problem: Problem) -> str:
    """An error in the reader's language, with the search box."""
    return render_template("errors/error.html", problem=problem)


def to_password_page(error: PasswordChangeRequired) -> Response:
    """From any page to the one where a one-time password is replaced."""
    if request.method != "GET" or wants_json():
        return from_kb_error(error)
    return redirect("/account/password?" + urlencode({"next": request.full_path.rstrip("?")}), 303)  # type: ignore[return-value]


def shared() -> dict[str, object]:
    """What the frame around every page shows."""
    locale, session = get_locale(), current_session()
    return {
        "lang": locale.language if locale else "zh",
        "theme": preferences.theme(),
        "here": request.full_path.rstrip("?") if request.method == "GET" else "/",
        "me": session.account if session else None,
        **_asking(),
        "work": queue.work(),
    }


def _asking() -> dict[str, object]:
    """Who asks, as far as every page needs to know it."""
    try:
        who = reader()
    except (SignInRequired, PasswordChangeRequired):
        return {"audience": "", "may": lambda right: False, "unread_news": lambda: 0, "has_account": False}
    return {
        "audience": str(who.audience),
        "may": lambda right: who.may(Right(right)),
        "has_account": who.account_id is not None,
        "unread_news": lambda: services().notices.unread(who),
    }
