"""Preparing the model that the settings name."""

from __future__ import annotations

import click

from kbserver.adapters.late_encoder import NO_MODEL
from kbserver.cli.progress import bar
from kbserver.config import Settings


def prepare_if_missing(settings: Settings) -> None:
    """Prepare the model unless that was done before; without one the site answers from keywords."""
    from indexer.encoding import EncodingError
    from indexer.encoding.catalog import is_prepared, prepare_model

    if settings.embedding_model == NO_MODEL or is_prepared(settings.data_dir, settings.embedding_model):
        return
    try:
        with bar("Preparing the model 准备模型", "steps") as advance:
            prepare_model(settings.data_dir, settings.embedding_model, progress=advance)
    except EncodingError as error:
        click.echo(f"{error} Search answers from keywords until then. 在此之前仅按关键词检索。", err=True)
