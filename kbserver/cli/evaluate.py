"""`kb eval`: relevance and latency on a judged data set."""

from __future__ import annotations

from pathlib import Path

import click

MODES = ("hybrid", "keyword", "vector")


@click.command("eval")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--mode", type=click.Choice(MODES), default="hybrid", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def evaluate(folder: Path, mode: str, as_json: bool) -> None:
    """Index FOLDER/corpus.jsonl in a scratch folder, run queries.jsonl, and score with qrels.tsv."""
    import json

    from indexer.articles import Mode
    from kbserver.adapters import evaluating
    from kbserver.adapters.late_encoder import LateEncoder, prepared_encoder
    from kbserver.cli.models import prepare_if_missing
    from kbserver.cli.progress import step_bars
    from kbserver.config import load_settings
    from kbserver.errors import KBError

    settings = load_settings()
    prepare_if_missing(settings)
    late = LateEncoder(prepared_encoder(settings.data_dir, settings.embedding_model))
    if not late.load() and mode != "keyword":
        raise KBError(late.problem)
    with step_bars(f"Evaluating {folder.name}") as progress:
        figures = evaluating.evaluate(folder, settings, late.encoder, Mode(mode), progress)
    late.close()
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        click.echo(f"{name:14} {value}")
