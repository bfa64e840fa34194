"""`kb model`: prepare embedding models."""

from __future__ import annotations

import click


@click.group()
def model() -> None:
    """Prepare and list embedding models."""


@model.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def prepare(name: str | None, as_json: bool) -> None:
    """Convert a sentence-transformers model to ONNX int8; NAME is `bundled`, a hub name or a path."""
    import json

    from indexer.encoding import EncodingError
    from indexer.encoding.catalog import prepare_model
    from kbserver.cli.progress import bar
    from kbserver.config import load_settings

    settings = load_settings()
    chosen = name or settings.embedding_model
    try:
        with bar(f"Preparing {chosen}", "steps") as advance:
            report = prepare_model(settings.data_dir, chosen, progress=advance)
    except EncodingError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        click.echo(str(report))


@model.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def list_prepared(as_json: bool) -> None:
    """List the models that are prepared in the data folder."""
    import json

    from indexer.encoding.catalog import list_models
    from kbserver.config import load_settings

    found = list_models(load_settings().data_dir)
    if as_json:
        click.echo(json.dumps([prepared.as_dict() for prepared in found], ensure_ascii=False))
        return
    for prepared in found:
        click.echo(str(prepared))
    if not found:
        click.echo("No model is prepared yet; run: kb model prepare", err=True)
