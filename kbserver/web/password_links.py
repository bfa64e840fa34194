"""The page behind a link by which somebody sets their password."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from kbserver.domain.accounts import Account
from kbserver.errors import N_, InvalidInput
from kbserver.web.context import services
from kbserver.web.errors import message_of
from kbserver.web.sign_in import browser, entered

bp = Blueprint("password_links", __name__, url_prefix="/sign-in/link")


@bp.get("/<string:secret>")
def form(secret: str) -> Response:
    """The form for a new password."""
    return _page(services().password_links.account_of(secret))


@bp.post("/<string:secret>")
def use(secret: str) -> Response:
    """Set the password, and sign in with it."""
    account = services().password_links.account_of(secret)
    new = request.form.get("new_password", "")
    try:
        if new != request.form.get("new_password_again", ""):
            raise InvalidInput(N_("The two new passwords differ."), field="new_password_again")
        return entered(services().password_links.use(secret, new, browser()), "/")
    except InvalidInput as error:
        return _page(account, error)


def _page(account: Account, error: InvalidInput | None = None) -> Response:
    at, message = (error.field, message_of(error)) if error else ("", "")
    page = render_template("sign_in/link.html", account=account, at=at, message=message)
    response = make_response(page, error.status if error else 200)
    response.headers["Cache-Control"] = "no-store"
    # The address holds a secret, and must not be told to the next page.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
