"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request

from kbserver.errors import KBError, SignInRefused, TooManyTries
from kbserver.services.sessions import Begun
from kbserver.services.sign_in import Browser
from kbserver.web import cookies
from kbserver.web.authentication import current_session
from kbserver.web.context import services
from kbserver.web.errors import message_of
from kbserver.web.own_paths import after_signing_in

bp = Blueprint("sign_in", __name__)


@bp.get("/sign-in")
def form() -> Response:
    """The form, or straight on for those who have signed in."""
    target = after_signing_in(request.args.get("next", "/"))
    if current_session() is not None:
        return redirect(target, 303)  # type: ignore[return-value]
    return sign_in_page(target)


@bp.post("/sign-in")
def sign_in() -> Response:
    """Take name and password; the page says in one way whatever was wrong with them."""
    name, target = request.form.get("name", ""), after_signing_in(request.form.get("next", "/"))
    try:
        begun = services().sign_in.sign_in(name, request.form.get("password", ""), browser())
    except (SignInRefused, TooManyTries) as error:
        return sign_in_page(target, name, error)
    return entered(begun, target)


@bp.post("/sign-out")
def sign_out() -> Response:
    """End the session, and go home."""
    services().sessions.end(cookies.read(cookies.SESSION))
    response: Response = redirect("/", 303)  # type: ignore[assignment]
    cookies.clear(response, cookies.SESSION)
    return response


def entered(begun: Begun, target: str) -> Response:
    """On to the target with the new session's cookie; to the password page first where one is to be set."""
    response: Response = redirect(target, 303)  # type: ignore[assignment]
    cookies.write(response, cookies.SESSION, begun.secret)
    return response


def browser() -> Browser:
    """The browser that sends the present request."""
    return Browser(request.remote_addr or "", request.headers.get("User-Agent", ""), cookies.read(cookies.SESSION))


def sign_in_page(target: str, name: str = "", error: KBError | None = None) -> Response:
    """The form, with what went wrong before."""
    message = message_of(error) if error else ""
    response = make_response(render_template("sign_in/sign_in.html", next=target, name=name[:100], message=message))
    response.headers["Cache-Control"] = "no-store"
    if error is not None:
        response.status_code = error.status
        if error.retry_after_seconds is not None:
            response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response
