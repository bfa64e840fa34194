"""The review page in a real browser: panels and keys, quoting a passage, deciding from the keyboard alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from indexer.articles import Audience
from kbserver.app import create_app
from kbserver.config import Settings
from kbserver.domain.drafts import Draft
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.services.clock import SystemClock
from kbserver.services.container import Services
from kbserver.services.importing import ArticleImporter
from kbserver.store import accounts
from kbserver.store.accounts import NewAccount
from kbserver.store.database import Database
from kbserver.store.schema import migrate
from kbserver.web import cookies
from kbserver.web.context import EXTENSION
from tests.fakes import FakeIndex
from tests.kbserver.articles import markdown, write

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
expect = sync_api.expect
pytestmark = pytest.mark.browser

ARTICLE = "KB-0001"
Open = Callable[..., "sync_api.Page"]


class House:
    """A site with one article, an engineer's change to it in review, and somebody who reviews."""

    def __init__(self, root: Path) -> None:
        settings = Settings(data_dir=root / "var", articles_dir=root / "articles", secret_key="k" * 40)
        write(settings.articles_dir, "printer.md", markdown(ARTICLE, "打印机脱机", audience="public"))
        self.database = Database.at("", settings.data_dir)
        migrate(self.database)
        ArticleImporter(self.database, SystemClock(), settings.articles_dir, reviews_files=False).import_folder()
        self.app = create_app(settings, database=self.database, index=FakeIndex())
        self.services: Services = self.app.extensions[EXTENSION].services
        self.engineer, self.reviewer = self._person("zhang.wei", Role.ENGINEER), self._person("li.na", Role.REVIEWER)
        self.draft = self._change()

    def session_of(self, who: Reader) -> str:
        assert who.account_id is not None
        return self.services.sessions.begin(who.account_id, "browser").secret

    def _person(self, name: str, role: Role) -> Reader:
        with self.database.write() as session:
            account = accounts.add(session, NewAccount(name, role, Audience.INTERNAL, SystemClock().now()))
        return Reader(Audience.INTERNAL, name, role, account.id, name)

    def _change(self) -> Draft:
        draft = self.services.drafts.edit(self.engineer, ARTICLE)
        text = draft.markdown.replace("重启 spooler 服务", "重启电脑") + "\n\n## 验证\n\n打印测试页。\n"
        saved = self.services.drafts.save(self.engineer, draft.id, draft.version, text)
        found = self.services.review.submit(self.engineer, saved.id, saved.version, "更简单").draft
        assert found is not None
        return found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.database.close()


@pytest.fixture
def open_review(house: House, chromium: sync_api.Browser) -> Iterator[Open]:
    """Opens the review page as the reviewer; afterwards nothing may have gone wrong in the browser."""
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    contexts: list[sync_api.BrowserContext] = []
    complaints: list[str] = []

    def open_review(who: Reader | None = None, *, width: int = 1440) -> sync_api.Page:
        viewport = {"width": width, "height": 900}
        context = chromium.new_context(base_url=address, viewport=viewport, locale="zh-CN")
        contexts.append(context)
        secret = house.session_of(who or house.reviewer)
        context.add_cookies([{"name": cookies.SESSION, "value": secret, "url": address}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"/drafts/{house.draft.id}/review")
        return page

    yield open_review
    for context in contexts:
        context.close()
    server.shutdown()
    server.server_close()
    assert complaints == []


def test_the_change_and_the_page_are_seen_together(open_review: Open) -> None:
    page = open_review()

    expect(page.locator(".review-shown [data-section=steps]")).to_contain_text("重启电脑")
    expect(page.locator(".panel-diff")).to_be_visible()
    expect(page.locator(".panel-diff ins").filter(has_text="电脑")).to_be_visible()
    expect(page.locator("[data-decision]")).to_be_in_viewport()


def test_number_keys_change_the_panel(open_review: Open) -> None:
    page = open_review()

    page.keyboard.press("5")

    expect(page.locator(".panel-source")).to_be_visible()
    expect(page.locator(".panel-diff")).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".panel-comments")).to_be_visible()


def test_a_selected_passage_becomes_a_quotation(open_review: Open, house: House) -> None:
    page = open_review()
    page.locator(".review-shown h1").select_text()

    page.keyboard.press("q")
    page.keyboard.type("标题要写明型号")
    page.locator(".comment-form button").click()

    expect(page.locator(".comment blockquote")).to_have_text("打印机脱机")
    assert house.services.comments.of_draft(house.engineer, house.draft.id)[0].body == "标题要写明型号"


def test_a_draft_is_sent_back_from_the_keyboard_alone(open_review: Open, house: House) -> None:
    page = open_review()

    page.keyboard.press("r")
    page.keyboard.type("第 1 步写明重启哪台电脑")
    page.locator("[name=step][value=send_back]").focus()
    page.keyboard.press("Enter")

    expect(page.locator(".notice.ok")).to_contain_text(ARTICLE)
    draft = house.services.drafts.get(house.engineer, house.draft.id)
    assert (draft.stage, draft.sent_back_reason) == ("draft", "第 1 步写明重启哪台电脑")


def test_approving_publishes_and_the_article_shows_who_approved(open_review: Open) -> None:
    page = open_review()

    page.locator("[name=validated]").check()
    page.locator("[name=step][value=approve]").click()
    page.get_by_role("link", name="查看文章").click()

    expect(page.locator(".revisions tbody tr").first).to_contain_text("li.na")
    expect(page.locator(".article-head .trust-validated")).to_be_visible()


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_nothing_is_wider_than_the_screen(open_review: Open, width: int) -> None:
    page = open_review(width=width)

    for address in ("", "/queue", "/queue?tab=archived", f"/articles/{ARTICLE}/history?from=1&to=1", "/admin/audit"):
        if address:
            page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_the_author_is_offered_no_decision(open_review: Open, house: House) -> None:
    page = open_review(house.engineer)

    expect(page.locator("[name=step][value=withdraw]")).to_be_visible()
    expect(page.locator("[name=step][value=approve]")).to_have_count(0)
