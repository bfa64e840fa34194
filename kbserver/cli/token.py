"""`kb token`: keys by which programs ask and write."""

from __future__ import annotations

import json

import click

from kbserver.cli.user import AUDIENCES, people_here


@click.group()
def token() -> None:
    """Keys by which programs ask and write."""


@token.command()
@click.argument("name")
@click.option("--scopes", required=True, help="What it is for, separated by commas, such as search:read,tickets:write.")
@click.option("--audience", type=click.Choice(AUDIENCES), required=True, help="Whose articles it sees.")
@click.option("--days", type=int, default=365, help="How long it lasts; 0 is for good.", show_default=True)
@click.option("--user", "owner", default="", help="Whose it is: it may do no more than they may.")
def create(name: str, scopes: str, audience: str, days: int, owner: str) -> None:
    """Make a token and print it, this once."""
    from indexer.articles import Audience
    from kbserver.domain.api_tokens import scopes_named
    from kbserver.services.accounts import COMMAND_LINE
    from kbserver.services.api_tokens import TokenWish

    wanted = scopes_named(scopes.split(","))
    with people_here() as people:
        account_id = people.accounts.named(COMMAND_LINE, owner).id if owner else None
        made = people.api_tokens.create(COMMAND_LINE, TokenWish(name, wanted, Audience(audience), days, account_id))
    click.echo(made.text)


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the tokens as JSON.")
def list_tokens(as_json: bool) -> None:
    """List all tokens, the newest first, without what proves them."""
    from kbserver.services.accounts import COMMAND_LINE

    with people_here() as people:
        tokens, now = people.api_tokens.list(COMMAND_LINE), people.clock.now()
    if as_json:
        rows = [
            {
                "id": one.id,
                "name": one.name,
                "scopes": sorted(one.scopes),
                "audience": one.audience,
                "owner": one.owner or None,
                "created_at": one.created_at.isoformat(),
                "expires_at": one.expires_at.isoformat() if one.expires_at else None,
                "last_used_at": one.last_used_at.isoformat() if one.last_used_at else None,
                "valid": one.is_valid(now),
            }
            for one in tokens
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for one in tokens:
        state = "" if one.is_valid(now) else "  ended"
        end = f"until {one.expires_at:%Y-%m-%d}" if one.expires_at else "for good"
        click.echo(f"{one.id}  {one.name}  {','.join(sorted(one.scopes))}  {one.audience}  {end}{state}")


@token.command()
@click.argument("token_id")
def revoke(token_id: str) -> None:
    """End a token at once."""
    from kbserver.services.accounts import COMMAND_LINE

    with people_here() as people:
        people.api_tokens.revoke(COMMAND_LINE, token_id)
    click.echo(f"Token {token_id} is revoked.")
