"""The site's pages: which blueprints there are, and what every template may use."""

from __future__ import annotations

from flask import Flask, render_template, request
from flask_babel import get_locale

from kbserver.errors import SignInRequired
from kbserver.web import articles, audit, filters, history, home, preferences, queue, review, search
from kbserver.web.assets import asset
from kbserver.web.context import reader
from kbserver.web.errors import ERROR_PAGE, Problem


def register(app: Flask) -> None:
    """Add the pages, the filters of their templates and the page for errors."""
    for blueprint in (home.bp, search.bp, articles.bp, preferences.bp, queue.bp, review.bp, history.bp, audit.bp):
        app.register_blueprint(blueprint)
    filters.register(app)
    app.extensions[ERROR_PAGE] = error_page
    app.context_processor(shared)
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def error_page(problem: Problem) -> str:
    """An error in the reader's language, with the search box."""
    return render_template("errors/error.html", problem=problem)


def shared() -> dict[str, object]:
    """What the frame around every page shows."""
    locale = get_locale()
    return {
        "lang": locale.language if locale else "zh",
        "theme": preferences.theme(),
        "here": request.full_path.rstrip("?") if request.method == "GET" else "/",
        "audience": _audience(),
        "work": queue.work(),
    }


def _audience() -> str:
    try:
        return str(reader().audience)
    except SignInRequired:
        return ""
