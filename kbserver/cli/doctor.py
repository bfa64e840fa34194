"""`kb doctor`: checks of everything, each one line."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Check settings, database, articles, model and index; exit 1 if something is wrong."""
    from kbserver.cli.checkup import findings

    found = findings()
    if as_json:
        rows = [{"check": f.check, "ok": f.ok, "detail": f.detail} for f in found]
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for finding in found:
            click.echo(f"{'ok ' if finding.ok else 'BAD'}  {finding.check}: {finding.detail}")
    raise SystemExit(0 if all(finding.ok for finding in found) else 1)
