"""Writing in a real browser: with the keyboard, with a pasted picture, on a phone, offline, and two at once."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from indexer.articles import Audience
from kbserver.domain.articles import Stage
from kbserver.domain.drafts import Draft
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.store.models import AccountRow
from kbserver.web import cookies
from tests.browser.sites import RunningSite, running_site, watch
from tests.kbserver.conftest import account_row
from tests.kbserver.picture_files import png
from tests.kbserver.rendering.test_attacks import in_marks, own_attacks

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
expect = sync_api.expect
OpenAs = Callable[..., "sync_api.Page"]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """A site with an account of each role, named by it."""
    with running_site(tmp_path_factory.mktemp("staffed")) as running:
        with running.database.write() as session:
            session.add_all([account_row(role.value, role, running.services.clock.now()) for role in Role])
        yield running


@pytest.fixture
def people(staffed: RunningSite) -> dict[Role, Reader]:
    with staffed.database.read() as session:
        rows = {Role(row.role): row for row in session.scalars(select(AccountRow))}
        return {role: Reader(Audience.INTERNAL, row.name, role, row.id, row.name) for role, row in rows.items()}


@pytest.fixture
def open_as(chromium: sync_api.Browser, staffed: RunningSite, people: dict[Role, Reader]) -> Iterator[OpenAs]:
    """Opens an address as somebody of a role; afterwards nothing may have gone wrong but what was expected."""
    contexts: list[sync_api.BrowserContext] = []
    complaints: list[str] = []
    expected: list[str] = []

    def open_as(
        role: Role, path: str, *, lang: str = "zh-CN", width: int = 1440, height: int = 900, expects: str = "", **more
    ) -> sync_api.Page:
        expected.extend([expects] if expects else [])
        context = chromium.new_context(
            base_url=staffed.address,
            viewport={"width": width, "height": height},
            locale=lang,
            permissions=["clipboard-read", "clipboard-write"],
            **more,
        )
        contexts.append(context)
        secret = staffed.services.sessions.begin(people[role].account_id, "Chromium").secret
        context.add_cookies([{"name": cookies.SESSION, "value": secret, "url": staffed.address}])
        page = context.new_page()
        page.set_default_timeout(15_000)
        watch(page, staffed.address, complaints)
        page.goto(path)
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert [said for said in complaints if not any(part in said for part in expected)] == []


@pytest.fixture
def draft_of(staffed: RunningSite, people: dict[Role, Reader]) -> Callable[[sync_api.Page], Draft]:
    """The draft that a page is open on, as it is stored."""

    def draft_of(page: sync_api.Page) -> Draft:
        number = int(re.search(r"/drafts/(\d+)", page.url)[1])
        return staffed.services.drafts.get(people[Role.REVIEWER], number)

    return draft_of


def begin(page: sync_api.Page) -> None:
    page.locator(".article-kind").first.click()
    page.wait_for_url("**/drafts/*")
    expect(page.locator("#f-title")).to_be_focused()


def wait_until_saved(page: sync_api.Page) -> None:
    expect(page.locator("[data-status]")).to_contain_text(re.compile(r"已保存|Saved"))


class TestKeyboard:
    # Ten lines as somebody would say them, and the key that ends each: Enter in a list, Tab to the next section.
    LINES = (
        ("VPN 客户端升级后连不上，提示 809", "Enter"),
        ("升级以后 VPN 拨不上", "Enter"),
        ("升级客户端后拨号失败，提示 809。", "Tab"),
        ("Windows 11，客户端 5.2。", "Tab"),
        ("升级后防火墙规则丢失，UDP 4500 被拦。", "Tab"),
        ("打开“高级安全 Windows 防火墙”。", "Enter"),
        ("新建入站规则，放行 UDP 500 和 4500。", "Enter"),
        ("重启 IPsec 服务。", "Enter"),
        ("重新拨号。", "Enter"),
        ("拨号成功，能打开内网首页。", ""),
    )
    COUNTER = """() => {
        window.keys = 0;
        window.clicks = 0;
        const isKey = (event) => !["Shift", "Control", "Alt", "Meta"].includes(event.key);
        addEventListener("keydown", (event) => (window.keys += isKey(event) ? 1 : 0), true);
        addEventListener("pointerdown", () => (window.clicks += 1), true);
    }"""

    def test_a_ten_line_solution_costs_few_keys_beyond_typing_it(
        self, open_as: OpenAs, staffed: RunningSite, people: dict[Role, Reader], draft_of, record_property
    ) -> None:
        page = open_as(Role.ENGINEER, "/articles/new")
        begin(page)
        clicks = 1
        page.evaluate(self.COUNTER)

        # The empty line that ends the customer's words, and the empty item that ends the steps.
        ends_more = {1: "Enter", 8: "Enter"}
        for number, (line, key) in enumerate(self.LINES):
            page.keyboard.insert_text(line)
            if key:
                page.keyboard.press(key)
            if number in ends_more:
                page.keyboard.press(ends_more[number])
        draft = draft_of(page)
        counted = page.evaluate("window.keys + window.clicks") + clicks
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**/queue*")
        counted += 1

        # In any text box the ten lines take their characters and nine line ends; everything else is the editor's cost.
        extra = counted - (len(self.LINES) - 1)
        record_property("keys and clicks beyond typing", extra)
        assert extra <= 6
        stored = staffed.services.drafts.get(people[Role.REVIEWER], draft.id)
        assert (stored.stage, stored.title) == (Stage.IN_REVIEW, self.LINES[0][0])
        assert stored.markdown.partition("---\n\n")[2] == TEN_LINES

    def test_an_article_is_begun_marked_and_left_without_a_mouse(self, open_as: OpenAs) -> None:
        page = open_as(Role.AGENT, "/articles/new")

        page.keyboard.press("Enter")
        page.wait_for_url("**/drafts/*")
        page.keyboard.insert_text("标题")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        expect(page.locator("#f-body")).to_be_focused()
        page.keyboard.insert_text("粗")
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("Control+b")
        expect(page.locator("#f-body")).to_have_value(re.compile(r"现象\n\n\*\*粗\*\*\n"))
        page.keyboard.press("Control+z")
        expect(page.locator("#f-body")).to_have_value(re.compile(r"现象\n\n粗\n"))
        page.keyboard.press("Escape")
        page.keyboard.press("Tab")
        expect(page.locator("#f-body")).not_to_be_focused()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Shift+Tab")
        expect(page.locator("[data-mark=bold]")).to_be_focused()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")

        expect(page.locator("[data-mark=fence]")).to_be_focused()

    @pytest.mark.parametrize(
        ("before", "keys", "after"),
        [
            ("- a|", ["Enter"], "- a\n- |"),
            ("1. a\n2. b|", ["Enter"], "1. a\n2. b\n3. |"),
            ("- [x] a|", ["Enter"], "- [x] a\n- [ ] |"),
            ("- a\n- |", ["Enter"], "- a\n|"),
            ("- a|", ["Tab"], "    - a|"),
            ("    - a|", ["Shift+Tab"], "- a|"),
            ("```\na|", ["Tab"], "```\na    |"),
            ("## A\n\nx|\n\n## B\n\n\n\n## C\n\ny", ["Tab"], "## A\n\nx\n\n## B\n\n|\n\n## C\n\ny"),
            ("## A\n\nx\n|\n\n## B", ["Enter"], "## A\n\nx\n\n\n## B\n\n|"),
            ("## A\n\nx|\n\n## B\n\ny", ["Alt+ArrowDown"], "## A\n\nx\n\n## B\n\ny|"),
        ],
    )
    def test_lists_go_on_and_tab_indents_or_goes_to_the_next_empty_section(
        self, open_as: OpenAs, before: str, keys: list[str], after: str
    ) -> None:
        page = open_as(Role.AGENT, "/articles/new")
        begin(page)
        body = page.locator("#f-body")
        body.fill(before.replace("|", ""))
        body.evaluate("(area, at) => area.setSelectionRange(at, at)", before.index("|"))

        for key in keys:
            page.keyboard.press(key)

        value, at = body.evaluate("area => [area.value, area.selectionStart]")
        assert value[:at] + "|" + value[at:] == after


class TestSaving:
    def test_what_is_typed_is_saved_by_itself(self, open_as: OpenAs, draft_of) -> None:
        page = open_as(Role.ENGINEER, "/articles/new")
        begin(page)

        page.keyboard.insert_text("自动保存的标题")

        wait_until_saved(page)
        assert eventually(page, lambda: draft_of(page).title == "自动保存的标题")

    def test_a_closed_tab_loses_nothing(self, open_as: OpenAs, draft_of) -> None:
        page = open_as(Role.ENGINEER, "/articles/new")
        begin(page)
        page.keyboard.insert_text("关掉的标签页")
        address, context = page.url, page.context

        page.close(run_before_unload=True)
        page = context.new_page()
        page.goto(address)

        expect(page.locator("#f-title")).to_have_value("关掉的标签页")
        assert eventually(page, lambda: draft_of(page).title == "关掉的标签页")

    def test_without_a_connection_the_text_is_kept_here_and_sent_later(self, open_as: OpenAs, draft_of) -> None:
        page = open_as(Role.ENGINEER, "/articles/new", expects="ERR_INTERNET_DISCONNECTED")
        begin(page)
        address, context = page.url, page.context
        context.set_offline(True)

        page.keyboard.insert_text("断网时写的标题")
        expect(page.locator("[data-status]")).to_have_text("网络中断，内容已存在本机")
        page.close()
        context.set_offline(False)
        page = context.new_page()
        page.goto(address)

        expect(page.locator("#f-title")).to_have_value("断网时写的标题")
        expect(page.locator("[data-notes]")).to_contain_text("已经恢复")
        assert eventually(page, lambda: draft_of(page).title == "断网时写的标题")

    def test_two_who_save_the_same_draft_get_both_texts(self, open_as: OpenAs, draft_of) -> None:
        mine = open_as(Role.ENGINEER, "/articles/new", expects="409")
        begin(mine)
        mine.keyboard.insert_text("第一稿")
        wait_until_saved(mine)
        theirs = open_as(Role.REVIEWER, mine.url)
        theirs.locator("#f-body").fill("## 现象\n\n审核人补充的一行")
        assert eventually(theirs, lambda: "审核人" in draft_of(theirs).markdown)

        mine.locator("#f-body").fill("## 现象\n\n作者自己的一行")
        mine.get_by_role("button", name="对比两份文本").click()
        expect(mine.locator(".merge-mine")).to_contain_text("作者自己的一行")
        expect(mine.locator(".merge-theirs")).to_contain_text("审核人补充的一行")
        mine.get_by_role("button", name="保存所选内容").click()
        mine.wait_for_url("**?settled=1")

        assert "作者自己的一行\n审核人补充的一行" in draft_of(mine).markdown
        expect(mine.locator("[data-notes]")).to_be_empty()


class TestAids:
    def test_the_preview_follows_the_typing_and_the_checks_never_take_the_focus(self, open_as: OpenAs) -> None:
        page = open_as(Role.ENGINEER, "/articles/new")
        begin(page)

        page.keyboard.type("Outlook 收不到邮件 0x8004010F")

        expect(page.locator("[data-preview] h1")).to_have_text("Outlook 收不到邮件 0x8004010F")
        expect(page.locator(".similar a").first).to_contain_text("0x8004010F")
        expect(page.locator("#f-title")).to_be_focused()
        expect(page.locator("#f-title")).to_have_value("Outlook 收不到邮件 0x8004010F")

    def test_a_finding_leads_to_its_place(self, open_as: OpenAs) -> None:
        page = open_as(Role.ENGINEER, "/articles/new")
        begin(page)

        page.locator("[data-checks] [data-field=category]").click()
        expect(page.locator("#f-category")).to_be_focused()
        page.locator("[data-checks] [data-line]").first.click()

        expect(page.locator("#f-body")).to_be_focused()
        assert page.locator("#f-body").evaluate("area => area.value.slice(0, area.selectionStart)") == "## 现象"

    def test_a_link_in_the_preview_does_not_lead_away_from_the_text(self, open_as: OpenAs) -> None:
        page = open_as(Role.ENGINEER, "/articles/new")
        begin(page)
        page.locator("#f-body").fill("[a](/articles/KB-0001)")

        with page.context.expect_page() as opened:
            page.locator("[data-preview] .body a[href='/articles/KB-0001']").click()

        expect(opened.value).to_have_url(re.compile("/articles/KB-0001$"))
        assert "/drafts/" in page.url


class TestFiles:
    def test_a_pasted_picture_is_shown_at_once_and_kept(self, open_as: OpenAs, draft_of) -> None:
        page = open_as(Role.ENGINEER, "/articles/new")
        begin(page)
        page.locator("#f-body").click()

        paste_picture(page)

        expect(page.locator("#f-body")).to_have_value(re.compile(r"!\[image\]\(files/image-[0-9a-f]{10}\.png\)"))
        picture = page.locator("[data-preview] .body img")
        expect(picture).to_be_visible()
        assert eventually(page, lambda: picture.evaluate("image => image.naturalWidth") == 40)
        assert eventually(page, lambda: "files/image-" in draft_of(page).markdown)

    def test_a_chosen_file_is_offered_and_a_refused_one_says_why(self, open_as: OpenAs) -> None:
        page = open_as(Role.ENGINEER, "/articles/new", expects="400")
        begin(page)

        page.locator("[data-file]").set_input_files({"name": "a.log", "mimeType": "", "buffer": "日志".encode()})
        expect(page.locator("#f-body")).to_have_value(re.compile(r"\[a-[0-9a-f]{10}\.log\]\(files/a-"))
        expect(page.locator("[data-files] a")).to_have_text(re.compile(r"a-[0-9a-f]{10}\.log"))
        page.locator("[data-file]").set_input_files({"name": "a.svg", "mimeType": "", "buffer": b"<svg/>"})

        expect(page.locator("[data-toast]")).to_contain_text("不接受这类文件（.svg）")
        expect(page.locator("#f-body")).not_to_have_value(re.compile("svg"))

    def test_a_dropped_picture_is_put_in(self, open_as: OpenAs) -> None:
        page = open_as(Role.ENGINEER, "/articles/new")
        begin(page)

        page.locator("#f-body").evaluate(DROP, PICTURE)

        expect(page.locator("#f-body")).to_have_value(re.compile(r"!\[shot\]\(files/shot-"))


class TestJourney:
    @pytest.mark.parametrize(
        ("lang", "width", "words"),
        [
            ("zh-CN", 1440, ("提交审核", "退回", "通过并发布")),
            ("en", 390, ("Send to review", "Send back", "Approve and publish")),
        ],
        ids=["Chinese on a desk", "English on a phone"],
    )
    def test_from_the_first_word_to_the_first_line(
        self, open_as: OpenAs, draft_of, staffed: RunningSite, lang: str, width: int, words: tuple[str, str, str]
    ) -> None:
        send, send_back, approve = words
        code = f"0x{zlib.crc32(lang.encode()):08X}"
        page = open_as(Role.ENGINEER, "/articles/new", lang=lang, width=width)
        begin(page)
        page.keyboard.insert_text(f"Zebra ZD421 {code}")
        page.locator("#f-body").click()
        page.keyboard.press("Control+End")
        page.keyboard.insert_text("ok ")
        paste_picture(page)
        expect(page.locator("#f-body")).to_have_value(re.compile(r"\(files/image-"))
        if width < 900:
            page.locator("[data-tab=see]").click()
        expect(page.locator("[data-preview] .body img")).to_be_visible()
        assert sideways(page) <= 0
        draft = draft_of(page)

        page.get_by_role("button", name=send).click()
        page.wait_for_url("**/queue*")
        review = open_as(Role.REVIEWER, f"/drafts/{draft.id}/review", lang=lang, width=width)
        expect(review.locator(".review-page img")).to_be_visible()
        review.locator("#reason").fill("step 2?")
        review.get_by_role("button", name=send_back).click()
        review.wait_for_url("**/queue*")
        page.goto(draft.url)
        expect(page.locator("[data-notes]")).to_contain_text("step 2?")
        page.locator("#f-body").click()
        page.keyboard.press("Control+End")
        page.keyboard.insert_text("\n\nfixed")
        page.get_by_role("button", name=send).click()
        page.wait_for_url("**/queue*")
        review.goto(f"/drafts/{draft.id}/review")
        review.get_by_role("button", name=approve).click()
        review.wait_for_url("**/queue*")
        staffed.catch_up()
        desk = open_as(Role.AGENT, f"/search?q={code}", lang=lang, width=width)
        desk.locator("[data-hit]").first.click()

        expect(desk.locator("article h1")).to_have_text(f"Zebra ZD421 {code}")
        expect(desk.locator("article .body img")).to_be_visible()
        assert desk.locator("article .body img").evaluate("image => image.naturalWidth") == 40


class TestWidths:
    @pytest.mark.parametrize("width", [320, 390, 720, 820, 1024, 1279, 1440])
    def test_nothing_sticks_out_sideways(self, open_as: OpenAs, width: int) -> None:
        page = open_as(Role.ENGINEER, "/articles/new", width=width)
        too_wide = [sideways(page)]
        begin(page)
        page.locator("#f-body").fill("x" * 300 + "\n\n```\n" + "y" * 300 + "\n```\n")
        expect(page.locator("[data-preview] pre")).to_have_count(1)
        for tab in page.locator("[data-tab]:visible").all():
            tab.click()
            too_wide.append(sideways(page))

        assert max(too_wide) <= 0

    def test_what_is_touched_on_a_phone_is_large_enough(self, open_as: OpenAs) -> None:
        page = open_as(Role.ENGINEER, "/articles/new", width=390, height=844)
        begin(page)
        heights = page.locator(".toolbar button, .editor-tabs button, .editor-do button:visible").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().height)"
        )

        assert min(heights) >= 40


class TestWithoutScripts:
    def test_writing_previewing_and_sending_work_as_a_form(self, open_as: OpenAs, draft_of) -> None:
        page = open_as(Role.ENGINEER, "/articles/new", java_script_enabled=False)
        page.locator(".article-kind").first.click()

        page.locator("#f-title").fill("没有脚本也能写")
        page.locator("#f-body").fill("## 步骤\n\n1. **写**")
        page.get_by_role("button", name="预览").click()
        expect(page.locator(".see strong")).to_have_text("写")
        page.locator("#file").set_input_files({"name": "a.log", "mimeType": "", "buffer": b"x"})
        page.get_by_role("button", name="保存", exact=True).click()
        page.locator("#file").set_input_files({"name": "a.log", "mimeType": "", "buffer": b"x"})
        page.get_by_role("button", name="上传").click()
        expect(page.locator("[data-files] code")).to_contain_text("files/a-")
        number = draft_of(page).id
        page.get_by_role("button", name=re.compile("提交审核")).click()

        expect(page).to_have_url(re.compile("/queue"))
        assert number


class TestAttacks:
    def test_nothing_that_is_typed_runs_in_the_editor(self, open_as: OpenAs) -> None:
        try_all(open_as, own_attacks())


PICTURE = base64.b64encode(png(40, 30)).decode()
TEN_LINES = """## 现象

升级客户端后拨号失败，提示 809。

## 环境

Windows 11，客户端 5.2。

## 原因

升级后防火墙规则丢失，UDP 4500 被拦。

## 解决步骤

1. 打开“高级安全 Windows 防火墙”。
2. 新建入站规则，放行 UDP 500 和 4500。
3. 重启 IPsec 服务。
4. 重新拨号。


## 验证

拨号成功，能打开内网首页。
"""
BYTES = "Uint8Array.from(atob(data), (char) => char.charCodeAt(0))"
PASTE = f"""async (data) => {{
    const blob = new Blob([{BYTES}], {{ type: "image/png" }});
    await navigator.clipboard.write([new ClipboardItem({{ "image/png": blob }})]);
}}"""
DROP = f"""(area, data) => {{
    const files = new DataTransfer();
    files.items.add(new File([{BYTES}], "shot.png", {{ type: "image/png" }}));
    area.dispatchEvent(new DragEvent("drop", {{ dataTransfer: files, bubbles: true, cancelable: true }}));
}}"""


def paste_picture(page: sync_api.Page) -> None:
    page.evaluate(PASTE, PICTURE)
    page.keyboard.press("Control+v")


def sideways(page: sync_api.Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def eventually(page: sync_api.Page, is_so: Callable[[], bool]) -> bool:
    for _ in range(100):
        if is_so():
            return True
        page.wait_for_timeout(100)
    return False


def try_all(open_as: OpenAs, attacks: list[str]) -> None:
    """Type the attacks as title, words, tags and text, and look at what the page makes of them."""
    # A picture that somebody only speaks of is not there.
    page = open_as(Role.ENGINEER, "/articles/new", expects="404")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    begin(page)
    for start in range(0, len(attacks), 30):
        batch = attacks[start : start + 30]
        page.locator("#f-title").fill(" ".join(batch)[:190])
        page.locator("#f-issue").fill("\n".join(" ".join(text.split())[:400] for text in batch))
        page.locator("[name=tags]").evaluate("(field, text) => (field.value = text)", "，".join(batch)[:1500])
        text = "\n\n".join(batch) + "\n\n" + "".join(map(in_marks, batch))
        with page.expect_response(re.compile("/preview$")), page.expect_response(re.compile("/checks$")):
            page.locator("#f-body").fill(text[:200_000])
        page.wait_for_timeout(50)
    page.reload()
    page.wait_for_timeout(200)

    assert dialogs == []
