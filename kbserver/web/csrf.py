"""Proof that a form was sent from a page of this site: a token in the form, tied to the browser.

For those who have signed in it is derived from their session, for others from a random cookie.
The token looks different on every page, so that compressing pages gives nothing of it away.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from flask import Flask, Response, current_app, g, request

from kbserver.errors import N_, NotAllowed
from kbserver.web import cookies
from kbserver.web.authentication import current_session

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
MASK_BYTES = 32


def register(app: Flask) -> None:
    """Give browsers the cookie that belongs to the token on their page."""
    app.after_request(_give_cookie)


def csrf_token() -> str:
    """The token for forms of the present page."""
    if "csrf_token" not in g:
        g.csrf_token = token_for(_binding())
    token: str = g.csrf_token
    return token


def token_for(binding: str) -> str:
    """A token tied to the hash of a session's secret, or to the cookie of somebody without one."""
    mask = secrets.token_bytes(MASK_BYTES)
    return base64.urlsafe_b64encode(mask + _masked(_expected(binding), mask)).decode("ascii")


def check() -> None:
    """Raise `NotAllowed` unless the request carries the token of this browser."""
    sent = request.headers.get(HEADER) or request.form.get(FIELD, "")
    session, cookie = current_session(), cookies.read(cookies.FORM)
    binding = session.key if session else cookie
    if not binding or not hmac.compare_digest(_unmasked(sent), _expected(binding)):
        raise NotAllowed(N_("This page was open for too long, or you signed in or out since; load it again."))


def _binding() -> str:
    """What the token is tied to; a new cookie where there is nothing yet."""
    session = current_session()
    if session is not None:
        return session.key
    known = cookies.read(cookies.FORM)
    if not known and "form_cookie" not in g:
        g.form_cookie = secrets.token_urlsafe(MASK_BYTES)
    return known or str(g.form_cookie)


def _give_cookie(response: Response) -> Response:
    if "form_cookie" in g:
        cookies.write(response, cookies.FORM, g.form_cookie)
    return response


def _expected(binding: str) -> bytes:
    key = f"csrf:{current_app.secret_key}".encode()
    return hmac.digest(key, binding.encode("utf-8", "surrogatepass"), hashlib.sha256)


def _unmasked(token: str) -> bytes:
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return b""
    return _masked(raw[MASK_BYTES:], raw[:MASK_BYTES]) if len(raw) == 2 * MASK_BYTES else b""


def _masked(value: bytes, mask: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(value, mask, strict=True))
