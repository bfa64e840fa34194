"""The cookies that say who somebody is; what readers prefer is kept elsewhere."""

from __future__ import annotations

from flask import Response, request

from kbserver.web.context import site

SESSION = "kb_session"
FORM = "kb_form"
"""Ties the forms of somebody who has not signed in to their browser."""

HOST_ONLY = "__Host-"
"""Browsers take a cookie with this name over https only, for no other path and for no subdomain."""


def read(name: str) -> str:
    """The cookie's value, nothing where there is none."""
    return request.cookies.get(_full(name), "")


def write(response: Response, name: str, value: str) -> None:
    """Give the browser the cookie until it closes; no script reads it, no other site's form sends it."""
    response.set_cookie(_full(name), value, httponly=True, samesite="Lax", secure=is_https(), path="/")


def clear(response: Response, name: str) -> None:
    """Take the cookie back."""
    response.delete_cookie(_full(name), httponly=True, samesite="Lax", secure=is_https(), path="/")


def is_https() -> bool:
    """Whether readers reach the site over https."""
    return site().settings.base_url.startswith("https://") or request.is_secure


def _full(name: str) -> str:
    return HOST_ONLY + name if is_https() else name
