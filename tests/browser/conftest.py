"""A site with the shipped articles, searched by words, and a real Chromium that looks at it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from werkzeug.serving import make_server

from kbserver.adapters.search_index import EmbeddedSearchIndex
from kbserver.app import create_app
from kbserver.config import Settings
from kbserver.services.clock import SystemClock
from kbserver.services.importing import ArticleImporter
from kbserver.services.indexing import IndexConsumer
from kbserver.store.database import Database
from kbserver.store.schema import migrate

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

ARTICLES = Path("articles").resolve()
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running site."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    root = tmp_path_factory.mktemp("site")
    shutil.copytree(ARTICLES, root / "articles")
    settings = Settings(data_dir=root / "var", articles_dir=root / "articles", secret_key="k" * 40)
    database = Database.at("", settings.data_dir)
    migrate(database)
    ArticleImporter(database, SystemClock(), settings.articles_dir, reviews_files=False).import_folder()
    index = EmbeddedSearchIndex(settings)
    IndexConsumer(database, index).rebuild()
    server = make_server("127.0.0.1", 0, create_app(settings, database=database, index=index), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    index.close()
    database.close()


@pytest.fixture(scope="package")
def chromium(site: str) -> Iterator[sync_api.Browser]:
    # Closed with the package: its event loop must not be running in other tests.
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: sync_api.Browser, site: str) -> Iterator[Callable[..., sync_api.Page]]:
    """Opens an address in a fresh window; afterwards nothing may have gone wrong or out of the house."""
    contexts: list[sync_api.BrowserContext] = []
    complaints: list[str] = []

    def open_page(address: str, *, width: int = 1440, height: int = 900, **options: object) -> sync_api.Page:
        options = {"locale": "zh-CN", "permissions": ["clipboard-read", "clipboard-write"], **options}
        context = chromium.new_context(base_url=site, viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: _note(complaints, message.type, message.text))
        page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
        page.on("request", lambda request: _stay_in(site, complaints, request.url))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _note(complaints: list[str], kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        complaints.append(f"console {kind}: {text}")


def _stay_in(site: str, complaints: list[str], url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != site:
        complaints.append(f"outside request: {url}")
