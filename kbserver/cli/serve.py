"""`kb serve`: the site, with its worker beside it."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", help="Address to listen on (KB_HOST, 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on (KB_PORT, 8000).")
@click.option("--threads", type=click.IntRange(1, 256), help="Threads that answer (KB_THREADS, 8).")
def serve(host: str | None, port: int | None, threads: int | None) -> None:
    """Serve the site; whatever is missing is created first, so this is all there is to start."""
    from kbserver.cli.serving import run
    from kbserver.config import load_settings

    run(load_settings(host=host, port=port, threads=threads))
