"""`kb articles`: bring files in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kbserver.services.importing import ImportReport


@click.group()
def articles() -> None:
    """Bring articles in."""


@articles.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def import_articles(paths: tuple[Path, ...], as_json: bool) -> None:
    """Import Markdown files or folders, or JSONL with {path, markdown} on each line.

    What lies outside the articles folder is copied into it first. Each refused
    file is reported with its line and reason, and the exit code is then 1.
    """
    from kbserver.cli.workplace import Workplace
    from kbserver.services.receiving import receive

    with Workplace.open() as place:
        place.settings.articles_dir.mkdir(parents=True, exist_ok=True)
        received = receive(paths, place.settings.articles_dir)
        report = place.folder.changed(received.files)
        refused = [(r.path, r.line, r.zh, r.en) for r in received.refused]
        refused += [(f.path, f.line, f.zh, f.en) for f in report.refused if f.path in received.names]
    _print_report(report, refused, as_json=as_json)
    raise SystemExit(1 if refused else 0)


def _print_report(report: ImportReport, refused: list[tuple[str, int, str, str]], *, as_json: bool) -> None:
    import json

    for path, line, zh, en in refused:
        click.echo(f"{path}:{line}: {en} {zh}", err=True)
    if as_json:
        result = {
            "published": report.published,
            "drafts": report.drafts,
            "moved": report.moved,
            "unchanged": report.unchanged,
            "refused": [{"path": path, "line": line, "zh": zh, "en": en} for path, line, zh, en in refused],
        }
        click.echo(json.dumps(result, ensure_ascii=False))
        return
    click.echo(
        f"{len(report.published)} published, {len(report.drafts)} drafts, {len(report.moved)} moved,"
        f" {report.unchanged} unchanged, {len(refused)} refused."
    )
