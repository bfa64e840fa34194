"""What people do with the site, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
expect = sync_api.expect
Open = Callable[..., "sync_api.Page"]

pytestmark = pytest.mark.browser

CODE = "outlook收不到邮件 0x8004010F"
ARTICLE = "KB-0001"
"""The article that answers it."""

PAGES = ["/", f"/search?q={CODE}", f"/articles/{ARTICLE}", "/browse", "/status", "/api/docs"]


class TestSearching:
    def test_a_typed_question_leads_to_the_article_that_answers_it(self, open_page: Open) -> None:
        page = open_page("/")

        page.keyboard.type(CODE)
        page.keyboard.press("Enter")
        page.locator("[data-hit]").first.click()

        expect(page.locator(f"[data-article={ARTICLE}] h1")).to_contain_text("0x8004010F")
        expect(page).to_have_url(re.compile(f"/articles/{ARTICLE}$"))

    def test_results_follow_the_typing_and_so_does_the_address(self, open_page: Open) -> None:
        page = open_page("/search?q=vpn")

        page.locator("#q").fill("打印机脱机了")

        expect(page.locator("[data-hit]").first).to_contain_text("打印机")
        expect(page).to_have_url(re.compile("q=%E6%89%93%E5%8D%B0%E6%9C%BA"))
        assert page.title().startswith("打印机脱机了")

    def test_old_answers_stay_until_new_ones_come(self, open_page: Open) -> None:
        page = open_page("/search?q=vpn")
        before = page.locator("[data-hit]").first.inner_text()
        held: list[sync_api.Route] = []
        page.route("**/search/fragment*", lambda route: held.append(route))

        with page.expect_request(lambda request: "/search/fragment" in request.url):
            page.locator("#q").fill("打印机")

        assert page.locator("[data-hit]").first.inner_text() == before
        for route in held:
            route.continue_()
        expect(page.locator("[data-hit]").first).to_contain_text("打印机")

    def test_choosing_a_facet_narrows_and_its_chip_widens_again(self, open_page: Open) -> None:
        page = open_page("/search?q=打印机")

        page.locator("[data-facet^='category:']").first.click()
        expect(page.locator(".chosen .chip-on")).to_have_count(1)
        page.locator(".chosen .chip-on").click()

        expect(page.locator(".chosen")).to_have_count(0)

    def test_going_back_gives_the_former_results(self, open_page: Open) -> None:
        page = open_page("/search?q=vpn")
        page.locator("[data-facet]").first.click()
        expect(page.locator(".chosen")).to_have_count(1)

        page.go_back()

        expect(page.locator(".chosen")).to_have_count(0)

    def test_nothing_found_says_what_to_do(self, open_page: Open) -> None:
        page = open_page("/search?q=qqqzzzxxxy")

        expect(page.locator(".empty h2")).to_contain_text("没有找到")


class TestTypeAhead:
    def test_offers_searches_and_articles(self, open_page: Open) -> None:
        page = open_page("/")

        page.keyboard.type("outlook")

        expect(page.get_by_role("listbox").get_by_role("option").first).to_be_visible()
        expect(page.get_by_role("combobox")).to_have_attribute("aria-expanded", "true")

    def test_arrow_keys_choose_and_enter_opens(self, open_page: Open) -> None:
        page = open_page("/")
        page.keyboard.type("outlook")
        expect(page.get_by_role("option").first).to_be_visible()

        page.keyboard.press("ArrowUp")
        chosen = page.get_by_role("option").last
        expect(chosen).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("combobox")).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
        page.keyboard.press("Enter")

        expect(page.locator("[data-article]")).to_be_visible()

    def test_escape_closes_it_and_keeps_the_text(self, open_page: Open) -> None:
        page = open_page("/")
        page.keyboard.type("outlook")
        expect(page.get_by_role("option").first).to_be_visible()

        page.keyboard.press("Escape")

        expect(page.get_by_role("listbox")).to_be_hidden()
        expect(page.get_by_role("combobox")).to_have_value("outlook")

    def test_waits_until_an_input_method_has_composed(self, open_page: Open) -> None:
        page = open_page("/")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "typeahead" in request.url else None)

        page.evaluate(
            "() => { const box = document.querySelector('.search-large input'); box.value = 'dayin';"
            " box.dispatchEvent(new InputEvent('input', {isComposing: true, bubbles: true})); }"
        )
        page.wait_for_timeout(400)

        assert asked == []


class TestKeys:
    def test_slash_goes_to_the_box(self, open_page: Open) -> None:
        page = open_page(f"/articles/{ARTICLE}")

        page.keyboard.press("/")

        expect(page.locator("#q")).to_be_focused()
        expect(page.locator("#q")).to_have_value("")

    def test_arrows_walk_through_the_hits_and_back_to_the_box(self, open_page: Open) -> None:
        page = open_page("/search?q=vpn")

        page.locator("#q").focus()
        page.keyboard.press("ArrowDown")
        expect(page.locator("[data-hit]").nth(0)).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(page.locator("[data-hit]").nth(1)).to_be_focused()
        page.keyboard.press("Escape")

        expect(page.locator("#q")).to_be_focused()

    def test_enter_opens_the_hit(self, open_page: Open) -> None:
        page = open_page(f"/search?q={CODE}")

        page.locator("#q").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")

        expect(page.locator(f"[data-article={ARTICLE}]")).to_be_visible()

    def test_c_copies_the_steps_of_the_hit(self, open_page: Open) -> None:
        page = open_page(f"/search?q={CODE}")

        page.locator("[data-hit]").first.focus()
        page.keyboard.press("c")

        expect(page.locator("[data-toast]")).to_have_text("步骤已复制")
        assert page.evaluate("navigator.clipboard.readText()").startswith("1. ")

    def test_the_first_stop_skips_to_the_content(self, open_page: Open) -> None:
        page = open_page(f"/articles/{ARTICLE}")

        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")

        expect(page.locator("#main")).to_be_focused()


class TestArticle:
    def test_a_code_block_is_copied_whole(self, open_page: Open) -> None:
        page = open_page("/search?q=nginx")
        page.locator("[data-hit]").first.click()
        block = page.locator(".code-block").first

        block.locator(".code-copy").click()

        expect(page.locator("[data-toast]")).to_have_text("已复制")
        assert page.evaluate("navigator.clipboard.readText()") == block.locator("code").inner_text().rstrip("\n")

    def test_the_contents_follow_the_scroll(self, open_page: Open) -> None:
        page = open_page(f"/articles/{ARTICLE}")

        page.locator("[data-section=steps] h2").evaluate("heading => heading.scrollIntoView()")

        expect(page.locator("[data-toc] [aria-current]")).to_have_text("解决步骤")

    def test_an_answer_to_did_it_help_is_taken_without_leaving(self, open_page: Open) -> None:
        page = open_page(f"/articles/{ARTICLE}")

        page.get_by_role("button", name="解决了", exact=True).click()

        expect(page.locator("#feedback")).to_have_text("已记下，谢谢。")

    def test_paper_carries_the_address_and_the_revision(self, open_page: Open) -> None:
        page = open_page(f"/articles/{ARTICLE}")

        page.emulate_media(media="print")

        expect(page.locator(".print-only")).to_contain_text(f"/articles/{ARTICLE} · 第 1 版")
        expect(page.locator(".top")).to_be_hidden()


class TestLanguageAndColours:
    def test_the_language_changes_and_is_remembered(self, open_page: Open) -> None:
        page = open_page("/browse")

        page.get_by_role("link", name="English").click()
        expect(page.locator("h1")).to_have_text("All articles")
        page.goto("/")

        expect(page.locator("h1")).to_have_text("What is the problem?")

    def test_dark_is_chosen_at_once_and_kept(self, open_page: Open) -> None:
        page = open_page("/", color_scheme="light")
        ground = "getComputedStyle(document.documentElement).backgroundColor"
        light = page.evaluate(ground)

        page.locator("[data-menu] summary").click()
        page.locator("[data-theme-choice=dark]").click()
        dark = page.evaluate(ground)
        _wait_for_cookie(page, "theme")
        page.reload()

        assert light != dark == page.evaluate(ground)

    def test_the_systems_wish_for_dark_is_followed(self, open_page: Open) -> None:
        page = open_page("/", color_scheme="dark")

        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(18, 24, 25)"


class TestWidths:
    @pytest.mark.parametrize("width", [320, 390, 720, 820, 1440])
    def test_nothing_sticks_out_sideways(self, open_page: Open, width: int) -> None:
        page = open_page("/", width=width)
        too_wide = []
        for address in PAGES:
            page.goto(address)
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            too_wide += [(address, over)] if over > 0 else []

        assert too_wide == []

    def test_facets_are_a_sheet_on_a_phone(self, open_page: Open) -> None:
        page = open_page("/search?q=vpn", width=390, height=844)
        expect(page.locator("#facets")).to_be_hidden()

        page.locator("[data-sheet-open]").click()
        expect(page.locator("#facets")).to_be_visible()
        page.locator("#facets .facet").first.click()
        expect(page.locator(".chosen .chip-on")).to_have_count(1)
        expect(page.locator("#facets")).to_be_visible()
        page.keyboard.press("Escape")

        expect(page.locator("#facets")).to_be_hidden()

    def test_what_is_touched_on_a_phone_is_large_enough(self, open_page: Open) -> None:
        page = open_page(f"/articles/{ARTICLE}", width=390, height=844)
        heights = page.locator(".tools > :visible, .feedback button:visible, .top-nav > *").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().height)"
        )

        assert min(heights) >= 40


class TestWithoutScripts:
    def test_search_facets_and_article_work(self, open_page: Open) -> None:
        page = open_page("/", java_script_enabled=False)

        page.locator(".search-large input").fill("打印机")
        page.locator(".search-large button").click()
        page.locator(".facet").first.click()
        expect(page.locator(".chip-on")).to_have_count(1)
        page.locator("[data-hit]").first.click()

        expect(page.locator("article h1")).to_be_visible()

    def test_facets_open_on_a_phone(self, open_page: Open) -> None:
        page = open_page("/search?q=vpn", width=390, height=844, java_script_enabled=False)

        page.locator(".sheet-open").click()

        expect(page.locator("#facets")).to_be_visible()

    def test_what_needs_a_script_is_not_offered(self, open_page: Open) -> None:
        page = open_page(f"/articles/{ARTICLE}", java_script_enabled=False)

        expect(page.locator("[data-copy-steps]")).to_be_hidden()

    def test_feedback_and_colours_are_taken(self, open_page: Open) -> None:
        page = open_page(f"/articles/{ARTICLE}", java_script_enabled=False)

        page.get_by_role("button", name="没有解决").click()
        expect(page.locator("#feedback")).to_contain_text("已记下")
        page.locator("[data-menu] summary").click()
        page.locator("[data-theme-choice=dark]").click()

        expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def _wait_for_cookie(page: sync_api.Page, name: str) -> None:
    for _ in range(100):
        if any(cookie["name"] == name for cookie in page.context.cookies()):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"no cookie {name}")
