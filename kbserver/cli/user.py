"""`kb user`: people who may sign in."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kbserver.services.container import People

ROLES = ("reader", "agent", "engineer", "reviewer", "admin")
AUDIENCES = ("internal", "customer", "public")


@click.group()
def user() -> None:
    """People who may sign in."""


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What they may do.")
@click.option("--audience", type=click.Choice(AUDIENCES), default="internal", help="What a reader sees.")
@click.option("--display-name", default="", help="How pages call them.")
@click.option("--email", default="", help="Where notifications go.")
def add(name: str, role: str, audience: str, display_name: str, email: str) -> None:
    """Add somebody; the password comes from standard input."""
    from indexer.articles import Audience
    from kbserver.domain.permissions import Role
    from kbserver.services.accounts import COMMAND_LINE, Person

    person = Person(name, Role(role), Audience(audience), display_name, email)
    password = _password()
    with people_here() as people:
        account = people.accounts.create(COMMAND_LINE, person, password)
    click.echo(f"Added {account.name} as {account.role}.")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the people as JSON.")
def list_people(as_json: bool) -> None:
    """List everybody."""
    from kbserver.services.accounts import COMMAND_LINE

    with people_here() as people:
        accounts = people.accounts.list(COMMAND_LINE)
    if as_json:
        rows = [
            {
                "name": account.name,
                "display_name": account.display_name,
                "role": account.role,
                "audience": account.audience,
                "disabled": account.is_disabled,
                "last_seen_at": account.last_seen_at.isoformat() if account.last_seen_at else None,
            }
            for account in accounts
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for account in accounts:
        seen = f"{account.last_seen_at:%Y-%m-%d %H:%M}" if account.last_seen_at else "never seen"
        state = "  disabled" if account.is_disabled else ""
        click.echo(f"{account.name}  {account.role}  {account.audience}  {seen}{state}")


@user.command()
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--audience", type=click.Choice(AUDIENCES), default="internal", help="What a reader sees.")
def role(name: str, role: str, audience: str) -> None:
    """Give somebody another role; they sign in again."""
    from indexer.articles import Audience
    from kbserver.domain.permissions import Role
    from kbserver.services.accounts import COMMAND_LINE

    with people_here() as people:
        account = people.accounts.named(COMMAND_LINE, name)
        people.accounts.set_role(COMMAND_LINE, account.id, Role(role), Audience(audience))
    click.echo(f"{account.name} is {role} now.")


@user.command()
@click.argument("name")
def disable(name: str) -> None:
    """Close an account: it is signed out everywhere, and its tokens no longer work."""
    _set_disabled(name, is_disabled=True)


@user.command()
@click.argument("name")
def enable(name: str) -> None:
    """Open a closed account again."""
    _set_disabled(name, is_disabled=False)


@user.command()
@click.argument("name")
def link(name: str) -> None:
    """Print a link by which somebody sets a new password, once and within 24 hours."""
    from kbserver.config import load_settings
    from kbserver.services.accounts import COMMAND_LINE

    settings = load_settings()
    with people_here() as people:
        account = people.accounts.named(COMMAND_LINE, name)
        made = people.password_links.create(COMMAND_LINE, account.id)
    click.echo((settings.base_url or f"http://{settings.host}:{settings.port}") + made.path)


def _set_disabled(name: str, *, is_disabled: bool) -> None:
    from kbserver.services.accounts import COMMAND_LINE

    with people_here() as people:
        account = people.accounts.named(COMMAND_LINE, name)
        people.accounts.set_disabled(COMMAND_LINE, account.id, is_disabled=is_disabled)
    click.echo(f"{account.name} is {'disabled' if is_disabled else 'enabled'}.")


@contextmanager
def people_here() -> Iterator[People]:
    """The services for people and tokens over the installation that the environment names."""
    from kbserver.cli.workplace import Workplace
    from kbserver.services.container import make_people

    with Workplace.open() as place:
        yield make_people(place.database, place.clock, place.settings.lifetimes)


def _password() -> str:
    """One line of standard input; asked for twice where somebody types."""
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")
