"""Checks before every request and headers on every answer."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from flask import Flask, Response, g, request

from kbserver.config import Settings
from kbserver.domain.limits import MAX_BODY_BYTES, MAX_FORM_FIELD_BYTES, MAX_FORM_PARTS
from kbserver.errors import N_, InvalidInput, NotAllowed
from kbserver.web import csrf
from kbserver.web.authentication import heeds_cookies
from kbserver.web.context import host_is_ours

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def register(app: Flask, settings: Settings) -> None:
    """Guard the application."""
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_FIELD_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        # Flask's own session holds nothing but what a sign-in through a provider needs on its way.
        SESSION_COOKIE_NAME="kb_oidc",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
    )
    app.before_request(lambda: _check(settings))
    app.after_request(_add_headers)


def _check(settings: Settings) -> None:
    if not host_is_ours(request.host, settings):
        raise InvalidInput(N_("This site does not answer to that host name."))
    if "\0" in request.path or "�" in request.path or not _is_utf8(request.query_string):
        raise InvalidInput(N_("The address is not valid UTF-8 text."))
    if request.method not in SAFE_METHODS and not _is_own_origin(settings):
        raise NotAllowed(N_("This must be sent from the site itself."))
    if request.method not in SAFE_METHODS and request.endpoint and heeds_cookies():
        csrf.check()


def _is_own_origin(settings: Settings) -> bool:
    """Whether no browser says that the request comes from a page of another site."""
    origin = request.headers.get("Origin")
    own = {request.host_url.rstrip("/"), settings.base_url} - {""}
    same_site = request.headers.get("Sec-Fetch-Site") in (None, "same-origin", "none")
    return origin in own if origin is not None else same_site


def _is_utf8(query_string: bytes) -> bool:
    """Whether the query's percent-encoded bytes are UTF-8; surrogates and overlong forms are not."""
    try:
        unquote_to_bytes(query_string.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # Who sees what depends on the cookie, the token and the language; a shared cache must not mix them.
    response.vary.update(("Accept-Language", "Authorization", "Cookie", "X-API-Key"))
    if "Cache-Control" not in response.headers:
        is_signed_in = g.get("session") is not None
        response.headers["Cache-Control"] = "no-store" if is_signed_in else "private, no-cache"
    return response
