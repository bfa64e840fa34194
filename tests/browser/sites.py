"""Sites to look at in a browser, and a watch over what its pages complain of."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.serving import make_server

from kbserver.adapters.search_index import EmbeddedSearchIndex
from kbserver.app import create_app
from kbserver.config import Settings
from kbserver.services.clock import SystemClock
from kbserver.services.container import Services
from kbserver.services.importing import ArticleImporter
from kbserver.services.indexing import IndexConsumer
from kbserver.store.database import Database
from kbserver.store.schema import migrate
from kbserver.web.context import EXTENSION

ARTICLES = Path("articles").resolve()
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@dataclass(frozen=True, slots=True)
class RunningSite:
    """A site that answers, and what it is made of."""

    address: str
    services: Services
    database: Database
    catch_up: Callable[[], object]
    """Make searchable what was published since."""


@contextmanager
def running_site(root: Path) -> Iterator[RunningSite]:
    """A site with the shipped articles."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    shutil.copytree(ARTICLES, root / "articles")
    settings = Settings(data_dir=root / "var", articles_dir=root / "articles", secret_key="k" * 40)
    database = Database.at("", settings.data_dir)
    migrate(database)
    ArticleImporter(database, SystemClock(), settings.articles_dir, reviews_files=False).import_folder()
    index = EmbeddedSearchIndex(settings)
    consumer = IndexConsumer(database, index)
    consumer.rebuild()
    app = create_app(settings, database=database, index=index)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield RunningSite(
        f"http://127.0.0.1:{server.server_port}", app.extensions[EXTENSION].services, database, consumer.catch_up
    )
    server.shutdown()
    server.server_close()
    index.close()
    database.close()


def watch(page: Any, site: str, complaints: list[str]) -> None:
    """Note whatever the page complains of, and every request that leaves the house."""
    page.on("console", lambda message: _note(complaints, message.type, message.text))
    page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
    page.on("request", lambda request: _stay_in(site, complaints, request.url))


def _note(complaints: list[str], kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        complaints.append(f"console {kind}: {text}")


def _stay_in(site: str, complaints: list[str], url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != site:
        complaints.append(f"outside request: {url}")
