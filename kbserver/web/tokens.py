"""API tokens, for administrators: which there are, a new one, an end to one."""

from __future__ import annotations

import enum

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext

from indexer.articles import Audience
from kbserver.domain.api_tokens import scopes_named
from kbserver.domain.permissions import Right, Scope
from kbserver.errors import N_, InvalidInput
from kbserver.services.api_tokens import TokenWish
from kbserver.web.context import reader, services
from kbserver.web.errors import message_of
from kbserver.web.forms import chosen
from kbserver.web.people import audience_choices

bp = Blueprint("tokens", __name__, url_prefix="/admin/tokens")


class Owner(enum.StrEnum):
    """Whose a new token is."""

    NOBODY = "nobody"
    ME = "me"


class Lasting(enum.StrEnum):
    """How many days a new token may last."""

    MONTH = "30"
    QUARTER = "90"
    YEAR = "365"
    FOR_GOOD = "0"


OWNERS = {
    Owner.NOBODY: N_("nobody: it goes on when people leave"),
    Owner.ME: N_("me: it may do what I may, and ends with my account"),
}
LASTING = {
    Lasting.MONTH: N_("30 days"),
    Lasting.QUARTER: N_("90 days"),
    Lasting.YEAR: N_("one year"),
    Lasting.FOR_GOOD: N_("for good"),
}


@bp.get("")
def show_all() -> str:
    """Every token."""
    return render_template(
        "tokens/tokens.html",
        tokens=services().api_tokens.list(reader()),
        now=services().clock.now(),
        made=None,
        done=request.args.get("done") == "revoked",
    )


@bp.get("/new")
def new() -> str:
    """The form for a new token."""
    reader().require(Right.MANAGE_TOKENS)
    given = {"days": Lasting.YEAR, "owner": Owner.NOBODY, "audience": Audience.INTERNAL}
    return render_template("tokens/new.html", given=given, scopes=(Scope.SEARCH_READ,), at="", message="", **_choices())


@bp.post("")
def create() -> Response:
    """Make the token, and show it this once."""
    who = reader()
    who.require(Right.MANAGE_TOKENS)
    try:
        owner = who.account_id if chosen(Owner, request.form, "owner") is Owner.ME else None
        wish = TokenWish(
            request.form.get("name", ""),
            scopes_named(request.form.getlist("scopes")),
            chosen(Audience, request.form, "audience"),
            int(chosen(Lasting, request.form, "days")),
            owner,
        )
        made = services().api_tokens.create(who, wish)
    except InvalidInput as error:
        return _refused(error)
    found, now = services().api_tokens.list(who), services().clock.now()
    return make_response(render_template("tokens/tokens.html", tokens=found, now=now, made=made, done=False))


@bp.post("/<string:token_id>/revoke")
def revoke(token_id: str) -> Response:
    """End the token."""
    services().api_tokens.revoke(reader(), token_id)
    return redirect("/admin/tokens?done=revoked", 303)  # type: ignore[return-value]


def _choices() -> dict[str, object]:
    return {
        "all_scopes": tuple(Scope),
        "audiences": audience_choices(),
        "owners": [(owner, gettext(label)) for owner, label in OWNERS.items()],
        "lasting": [(days, gettext(label)) for days, label in LASTING.items()],
    }


def _refused(error: InvalidInput) -> Response:
    form = request.form
    given = {name: form.get(name, "") for name in ("name", "days", "owner", "audience")}
    page = render_template(
        "tokens/new.html",
        given=given,
        scopes=form.getlist("scopes"),
        at=error.field,
        message=message_of(error),
        **_choices(),
    )
    return make_response(page, error.status)
