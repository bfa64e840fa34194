"""Who sends a request: the person of a session."""

from __future__ import annotations

from flask import g, request

from kbserver.domain.reader import Reader
from kbserver.domain.sessions import Session
from kbserver.errors import PasswordChangeRequired
from kbserver.web import cookies
from kbserver.web.context import services


def current_session() -> Session | None:
    """The session that the browser's cookie names, None where it names none that holds."""
    if "session" not in g:
        secret = cookies.read(cookies.SESSION)
        g.session = services().sessions.find(secret) if secret else None
    found: Session | None = g.session
    return found


def person() -> Reader | None:
    """Whoever has signed in; raises `PasswordChangeRequired` while they have a one-time password.

    The API believes a cookie only where nothing is changed: whatever asks for
    more there has to bring a token, which no other site can make a browser send.
    """
    if is_api() and request.method not in ("GET", "HEAD"):
        return None
    session = current_session()
    if session is None:
        return None
    if session.account.must_change_password:
        raise PasswordChangeRequired
    return reader_of(session)


def reader_of(session: Session) -> Reader:
    """The reader that a session stands for."""
    account = session.account
    return Reader(account.audience, account.name, account.role, account.id, account.name)


def is_api() -> bool:
    """Whether the address is one for programs."""
    return request.path.startswith("/api/v1/")
