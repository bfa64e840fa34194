"""`kb index`: build, update, check and describe the search index."""

from __future__ import annotations

import json
import time

import click


@click.group()
def index() -> None:
    """Build, update and check the search index."""


@index.command()
def build() -> None:
    """Import the articles folder and build the whole index aside; searches go on meanwhile."""
    from kbserver.cli.serving import prepare
    from kbserver.cli.workplace import Workplace

    started = time.perf_counter()
    with Workplace.open() as place:
        found = place.index()
        prepare(place, found)
        status = found.status()
        found.close()
    click.echo(
        f"Built generation {status.generation}: {status.articles} articles, {status.passages} passages,"
        f" {status.pending} without a vector, in {time.perf_counter() - started:.1f} s."
    )


@index.command()
def update() -> None:
    """Import what changed in the articles folder and take it into the index."""
    from kbserver.cli.workplace import Workplace

    started = time.perf_counter()
    with Workplace.open() as place:
        found = place.index()
        place.folder.whole()
        consumer = place.consumer(found)
        touched = 0
        if consumer.is_behind() or found.status().pending:
            found.load_model()
            touched = consumer.catch_up()
            if found.status().pending:
                found.fill_pending()
        status = found.status()
        found.close()
    click.echo(
        f"{touched} articles touched; {status.articles} articles, {status.passages} passages,"
        f" {status.pending} without a vector, in {time.perf_counter() - started:.1f} s."
    )


@index.command()
@click.option("--repair", is_flag=True, help="Make the index right again if anything is wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def check(repair: bool, as_json: bool) -> None:
    """Compare the index with the database and its files; exit 1 and name what differs."""
    from kbserver.cli.workplace import Workplace

    with Workplace.open() as place:
        found = place.index()
        found.load_model()
        articles, sequence = place.consumer(found).published()
        problems = found.check(articles)
        repaired = bool(problems) and repair
        if repaired:
            found.repair(articles, sequence)
            left = found.check(articles)
        else:
            left = problems
        found.close()
    if as_json:
        click.echo(
            json.dumps({"problems": list(problems), "repaired": repaired, "left": list(left)}, ensure_ascii=False)
        )
    else:
        for problem in problems:
            click.echo(problem, err=True)
        click.echo("The index was repaired." if repaired else f"{len(problems)} problems found.")
    raise SystemExit(1 if left else 0)


@index.command()
@click.option("--json", "as_json", is_flag=True, help="Print the status as JSON.")
def status(as_json: bool) -> None:
    """Say what the index holds and what does not work."""
    from dataclasses import asdict

    from kbserver.cli.workplace import Workplace

    with Workplace.open() as place:
        now = place.index().status()
    if as_json:
        click.echo(json.dumps(asdict(now), ensure_ascii=False))
        return
    click.echo(f"generation {now.generation}, sequence {now.sequence}")
    click.echo(f"{now.articles} articles, {now.passages} passages, {now.pending} without a vector")
    for name, value in now.details.items():
        click.echo(f"{name}: {value}")
