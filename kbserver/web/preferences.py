"""The reader's language and colours, remembered in cookies; works without scripts."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from kbserver.config import LANGUAGES
from kbserver.web.context import LANGUAGE_COOKIE
from kbserver.web.cookies import is_https
from kbserver.web.own_paths import local_path

bp = Blueprint("preferences", __name__)

THEME_COOKIE = "theme"
THEMES = ("system", "light", "dark")
ONE_YEAR_SECONDS = 365 * 24 * 3600
CHOICES = {"lang": (LANGUAGE_COOKIE, LANGUAGES), "theme": (THEME_COOKIE, THEMES)}


@bp.get("/preferences")
def choose() -> Response:
    """Remember the language or the theme in the address, and go back to the page it came from."""
    response = redirect(local_path(request.args.get("next", "/")), 303)
    for name, (cookie, allowed) in CHOICES.items():
        value = request.args.get(name, "")
        if value in allowed:
            response.set_cookie(cookie, value, ONE_YEAR_SECONDS, httponly=True, samesite="Lax", secure=is_https())
    return response


def theme() -> str:
    """The reader's theme, `system` until one was chosen."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "system"
