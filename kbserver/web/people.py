"""People, for administrators: who there is, their roles, closing accounts, links to set a password."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext

from indexer.articles import Audience
from kbserver.domain.limits import MAX_ROW_NUMBER
from kbserver.domain.permissions import Right, Role
from kbserver.errors import N_, Conflict, InvalidInput, KBError, NotFound
from kbserver.services.accounts import Person
from kbserver.services.password_links import PasswordLink
from kbserver.web import labels
from kbserver.web.context import reader, services
from kbserver.web.errors import message_of
from kbserver.web.forms import chosen
from kbserver.web.operations import base_url

bp = Blueprint("people", __name__, url_prefix="/admin/people")

DONE = {
    "role": N_("The role is changed; the person signs in again."),
    "closed": N_("The account is closed: nobody is signed in with it, and its tokens no longer work."),
    "open": N_("The account is open again."),
}
FIELDS = ("name", "display_name", "email", "role", "audience")


@bp.get("")
def show_all() -> str:
    """Everybody."""
    return render_template("people/people.html", accounts=services().accounts.list(reader()))


@bp.get("/new")
def new() -> str:
    """The form for a new account."""
    reader().require(Right.MANAGE_PEOPLE)
    return render_template("people/new.html", given={"role": Role.AGENT}, at="", message="", **_choices())


@bp.post("")
def create() -> Response:
    """Make the account, and show the link by which its owner sets a password."""
    who, form = reader(), {name: request.form.get(name, "") for name in FIELDS}
    who.require(Right.MANAGE_PEOPLE)
    try:
        person = Person(
            form["name"],
            chosen(Role, request.form, "role"),
            chosen(Audience, request.form, "audience"),
            form["display_name"],
            form["email"],
        )
        account = services().accounts.create(who, person)
    except (InvalidInput, Conflict) as error:
        return _refused(form, error)
    return _one(account.id, services().password_links.create(who, account.id))


@bp.get("/<string:number>")
def show(number: str) -> Response:
    """One person."""
    return _one(_number(number))


@bp.post("/<string:number>/role")
def set_role(number: str) -> Response:
    """Give the person another role."""
    services().accounts.set_role(
        reader(), _number(number), chosen(Role, request.form, "role"), chosen(Audience, request.form, "audience")
    )
    return _done(number, "role")


@bp.post("/<string:number>/disable")
def disable(number: str) -> Response:
    """Close the account."""
    services().accounts.set_disabled(reader(), _number(number), is_disabled=True)
    return _done(number, "closed")


@bp.post("/<string:number>/enable")
def enable(number: str) -> Response:
    """Open the account again."""
    services().accounts.set_disabled(reader(), _number(number), is_disabled=False)
    return _done(number, "open")


@bp.post("/<string:number>/link")
def link(number: str) -> Response:
    """Make a link by which the person sets a new password; it is shown this once."""
    account_id = _number(number)
    return _one(account_id, services().password_links.create(reader(), account_id))


def _one(account_id: int, made: PasswordLink | None = None) -> Response:
    account = services().accounts.get(reader(), account_id)
    page = render_template(
        "people/person.html",
        account=account,
        link=base_url() + made.path if made else "",
        done=DONE.get(request.args.get("done", "")),
        **_choices(),
    )
    return make_response(page)


def _choices() -> dict[str, object]:
    return {"roles": [(role, gettext(labels.ROLE[role])) for role in Role], "audiences": audience_choices()}


def audience_choices() -> list[tuple[Audience, str]]:
    """The audiences to choose from, with what pages call them."""
    return [(audience, gettext(labels.AUDIENCE[audience])) for audience in Audience]


def _number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    if not 0 < number <= MAX_ROW_NUMBER:
        reader().require(Right.MANAGE_PEOPLE)
        raise NotFound(N_("There is no such account."))
    return number


def _done(number: str, what: str) -> Response:
    return redirect(f"/admin/people/{number}?done={what}", 303)  # type: ignore[return-value]


def _refused(form: dict[str, str], error: KBError) -> Response:
    page = render_template("people/new.html", given=form, at=error.field, message=message_of(error), **_choices())
    return make_response(page, error.status)
