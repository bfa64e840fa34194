"""API tokens, for administrators: which there are, a new one, an end to one."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext

from indexer.articles import Audience
from kbserver.domain.api_tokens import scopes_named
from kbserver.domain.permissions import Right, Scope
from kbserver.errors import N_, InvalidInput
from kbserver.services.api_tokens import TokenWish
from kbserver.web.context import reader, services
from kbserver.web.errors import message_of
from kbserver.web.people import audience_choices, chosen

bp = Blueprint("tokens", __name__, url_prefix="/admin/tokens")

LASTING = {
    "30": N_("30 days"),
    "90": N_("90 days"),
    "365": N_("one year"),
    "0": N_("for good"),
}
"""How long a new token may last, by days."""

NOBODY, ME = "nobody", "me"


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
    given = {"days": "365", "owner": NOBODY, "audience": Audience.INTERNAL}
    return render_template("tokens/new.html", given=given, scopes=(Scope.SEARCH_READ,), at="", message="", **_choices())


@bp.post("")
def create() -> Response:
    """Make the token, and show it this once."""
    who = reader()
    who.require(Right.MANAGE_TOKENS)
    try:
        owner = who.account_id if _one_of("owner", (NOBODY, ME)) == ME else None
        wish = TokenWish(
            request.form.get("name", ""),
            scopes_named(request.form.getlist("scopes")),
            chosen(Audience, "audience"),
            int(_one_of("days", tuple(LASTING))),
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


def _one_of(field: str, allowed: tuple[str, ...]) -> str:
    value = request.form.get(field, "")
    if value not in allowed:
        raise InvalidInput(N_("Please choose one of the answers."), field=field)
    return value


def _choices() -> dict[str, object]:
    return {
        "all_scopes": tuple(Scope),
        "audiences": audience_choices(),
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
