"""A site with the shipped articles, searched by words, and a real Chromium that looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.sites import CHROMIUM, running_site, watch

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running site."""
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running.address


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
        watch(page, site, complaints)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
