"""What `kb serve` does: listen, prepare what is missing, answer, and stop cleanly."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from typing import Any

import click
import waitress

from kbserver.adapters.search_index import EmbeddedSearchIndex
from kbserver.app import create_app
from kbserver.cli.errands import errands_of
from kbserver.cli.models import prepare_if_missing
from kbserver.cli.progress import bar, step_bars
from kbserver.cli.workplace import Workplace
from kbserver.config import Settings
from kbserver.domain.limits import MAX_HEADER_BYTES, MAX_UPLOAD_REQUEST_BYTES
from kbserver.errors import N_, KBError
from kbserver.services.accounts import FIRST_ADMINISTRATOR
from kbserver.web.context import EXTENSION, Site
from kbserver.worker.lease import WorkerLease
from kbserver.worker.worker import Worker

CONNECTIONS = 500
"""Connections at once; more wait in the system's queue."""

IDLE_SECONDS = 30
"""A connection that says nothing for this long is closed."""


class PortTaken(KBError):
    """Something else listens there."""


def run(settings: Settings) -> None:
    """Serve until a signal says to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("faiss", "watchfiles"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # Taken before any long step, so that a second start fails at once and not after it.
    listener = bound_socket(settings.host, settings.port)
    signal.signal(signal.SIGTERM, _stop)
    with Workplace.open(settings) as place:
        index = place.index()
        if not index.status().ready:
            prepare(place, index)
        app = create_app(settings, database=place.database, index=index)
        worker = _worker(place, index, app.extensions[EXTENSION])
        index.start()
        worker.start()
        try:
            _listen(app, listener, settings, first_password=_first_password(app))
        finally:
            worker.stop()
            index.close()


def bound_socket(host: str, port: int) -> socket.socket:
    """A socket on that address; `PortTaken` in a sentence when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
        # Without this a second process could bind the same address until one of them listens.
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise PortTaken(
            N_(
                "Cannot listen on %(host)s port %(port)s: %(why)s. Stop what runs there, or choose another with --port."
            ),
            host=host,
            port=port,
            why=error.strerror,
        ) from error
    return listener


def prepare(place: Workplace, index: EmbeddedSearchIndex) -> None:
    """What the first start does before it answers: articles, model and index, with progress bars."""
    place.settings.articles_dir.mkdir(parents=True, exist_ok=True)
    with bar("Importing articles 导入文章", "files") as advance:
        report = place.folder.whole(advance)
    for file in report.refused:
        click.echo(f"{file.path}:{file.line}: {file.en} {file.zh}", err=True)
    prepare_if_missing(place.settings)
    index.load_model()
    articles, sequence = place.consumer(index).published()
    with step_bars("Building the index 建立索引") as advance_step:
        index.rebuild(articles, sequence, advance_step)


def _worker(place: Workplace, index: EmbeddedSearchIndex, site: Site) -> Worker:
    return Worker(
        root=place.settings.articles_dir,
        folder=place.folder,
        consumer=place.consumer(index),
        index=index,
        events=site.services.events,
        lease=WorkerLease(place.database, place.clock),
        retention_days=place.settings.retention_days,
        errands=errands_of(place, site.services),
    )


def _first_password(app: Any) -> str | None:
    site: Site = app.extensions[EXTENSION]
    return site.services.accounts.create_first_administrator()


def _listen(app: Any, listener: socket.socket, settings: Settings, *, first_password: str | None) -> None:
    server = waitress.create_server(
        app,
        sockets=[listener],
        threads=settings.threads,
        connection_limit=CONNECTIONS,
        channel_timeout=IDLE_SECONDS,
        max_request_header_size=MAX_HEADER_BYTES,
        max_request_body_size=MAX_UPLOAD_REQUEST_BYTES,
        ident=None,
        clear_untrusted_proxy_headers=False,
    )
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Open http://{shown}:{port}  (stop with Ctrl+C)\n打开 http://{shown}:{port}  （Ctrl+C 停止）")
    if first_password is not None:
        click.echo(
            f"Administrator: {FIRST_ADMINISTRATOR}  one-time password: {first_password}  (shown only now)\n"
            f"管理员：{FIRST_ADMINISTRATOR}  一次性密码：{first_password}  （仅显示这一次）"
        )
    sys.stdout.flush()
    server.run()
    server.close()


def _stop(*_: object) -> None:
    raise KeyboardInterrupt
