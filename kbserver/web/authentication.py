"""Who sends a request: the program of a token, or the person of a session."""

from __future__ import annotations

from flask import g, request

from kbserver.domain.reader import Reader
from kbserver.domain.sessions import Session
from kbserver.errors import N_, PasswordChangeRequired, SignInRequired
from kbserver.web import cookies
from kbserver.web.context import is_for_programs, services

PROXIES_OWN = frozenset({"basic", "digest", "negotiate", "ntlm"})
"""Ways of signing in that a proxy before the site may use for itself."""


def current_session() -> Session | None:
    """The session that the browser's cookie names, None where it names none that holds."""
    if "session" not in g:
        secret = cookies.read(cookies.SESSION)
        g.session = services().sessions.find(secret) if secret else None
    found: Session | None = g.session
    return found


def program() -> Reader | None:
    """The program whose token comes with the request, None where none does.

    Raises `SignInRequired` for any that does not hold: whoever shows a token means
    to be known, and is not answered as if they had shown none. Pages take no tokens.
    """
    tokens = _tokens_shown() if is_for_programs() else []
    if not tokens:
        return None
    found = services().api_tokens.reader_with(tokens[0]) if len(tokens) == 1 else None
    if found is None:
        raise SignInRequired(N_("A valid API token is needed here."))
    return found


def _tokens_shown() -> list[str]:
    shown = request.headers.getlist("X-API-Key")
    for header in request.headers.getlist("Authorization"):
        scheme, _, value = header.partition(" ")
        if scheme.lower() == "bearer":
            shown.append(value.strip(" "))
        elif scheme.lower() not in PROXIES_OWN:
            shown.append("")
    return shown


def person() -> Reader | None:
    """Whoever has signed in; raises `PasswordChangeRequired` while they have a one-time password."""
    session = current_session() if heeds_cookies() else None
    if session is None:
        return None
    if session.account.must_change_password:
        raise PasswordChangeRequired
    return reader_of(session)


def heeds_cookies() -> bool:
    """Whether the request may act by its browser's cookie; if so, changing something takes a form token too.

    Addresses for programs believe a cookie only where nothing is changed: whatever asks for
    more there has to bring an API token, which no other site can make a browser send.
    """
    return not is_for_programs() or request.method in ("GET", "HEAD")


def reader_of(session: Session) -> Reader:
    """The reader that a session stands for."""
    account = session.account
    return Reader(account.audience, account.name, account.role, account.id, account.name)
