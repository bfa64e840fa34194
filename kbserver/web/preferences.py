"""The reader's language and colours, remembered in cookies; works without scripts."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from kbserver.config import LANGUAGES
from kbserver.web.context import LANGUAGE_COOKIE, site

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
            is_https = site().settings.base_url.startswith("https://")
            response.set_cookie(cookie, value, ONE_YEAR_SECONDS, httponly=True, samesite="Lax", secure=is_https)
    return response


def theme() -> str:
    """The reader's theme, `system` until one was chosen."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "system"


def local_path(target: str) -> str:
    r"""`target` if it is a path on this site, else the home page.

    >>> local_path("/search?q=a"), local_path("//evil"), local_path("/\\evil"), local_path("http://a/")
    ('/search?q=a', '/', '/', '/')
    """
    is_path = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if is_path and target.isprintable() and "\\" not in target.partition("?")[0] else "/"
