"""One's own account: the password, and the browsers one has signed in with."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request

from kbserver.domain.sessions import Session
from kbserver.errors import N_, InvalidInput, KBError, SignInRequired, TooManyTries
from kbserver.web.authentication import current_session
from kbserver.web.context import services
from kbserver.web.errors import message_of
from kbserver.web.own_paths import after_signing_in
from kbserver.web.sign_in import browser, entered

bp = Blueprint("account", __name__, url_prefix="/account")

DONE = {
    "password": N_("The new password is set, and all other browsers are signed out."),
    "ended": N_("That browser is signed out."),
    "others": N_("All other browsers are signed out."),
}
"""What the page says has been done."""


@bp.get("")
def show() -> str:
    """Who one is here, and where one has signed in."""
    session = _mine()
    return render_template(
        "account/account.html",
        session=session,
        account=session.account,
        sessions=services().sessions.of_account(session.account.id),
        done=DONE.get(request.args.get("done", "")),
    )


@bp.get("/password")
def password_form() -> str:
    """The form for a new password."""
    return render_template("account/password.html", account=_mine().account, next=_next(), at="", message="")


@bp.post("/password")
def change_password() -> Response:
    """Set a new password; the browser goes on with a new session."""
    session = _mine()
    new = request.form.get("new_password", "")
    try:
        if new != request.form.get("new_password_again", ""):
            raise InvalidInput(N_("The two new passwords differ."), field="new_password_again")
        begun = services().sign_in.change_password(session, request.form.get("current_password", ""), new, browser())
    except (InvalidInput, TooManyTries) as error:
        return _refused(session, error)
    return entered(begun, _next() if session.account.must_change_password else "/account?done=password")


@bp.post("/sessions")
def end_sessions() -> Response:
    """Sign out one other browser, or all others."""
    session = _mine()
    chosen = request.form.get("session", "")
    if chosen == "others":
        services().sessions.end_others(session)
        return redirect("/account?done=others", 303)  # type: ignore[return-value]
    services().sessions.end_one(session.account.id, chosen)
    return redirect("/account?done=ended", 303)  # type: ignore[return-value]


def _mine() -> Session:
    session = current_session()
    if session is None:
        raise SignInRequired(N_("Please sign in to do this."))
    return session


def _next() -> str:
    return after_signing_in(request.values.get("next", "/"))


def _refused(session: Session, error: KBError) -> Response:
    page = render_template(
        "account/password.html",
        account=session.account,
        next=_next(),
        at=error.field,
        message=message_of(error),
    )
    response = make_response(page, error.status)
    if error.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response
