"""Signing in, in a real browser; what its own reading of addresses makes of redirects; forms that scripts send."""

from __future__ import annotations

import pytest

from kbserver.config import load_settings
from kbserver.web.own_paths import after_signing_in, local_path


def payloads() -> list[str]:
    path = load_settings().eval_data / "vectors" / "patt_open_redirect.txt"
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


@pytest.mark.browser
def test_a_browser_stays_on_the_site_whatever_it_was_told_to_go_to(open_page, site: str) -> None:
    if not payloads():
        pytest.skip("no redirect payloads")
    page = open_page("/sign-in")
    targets = [go(text) for text in payloads() for go in (local_path, after_signing_in)]

    origins = page.evaluate("targets => [...new Set(targets.map(t => new URL(t, location.href).origin))]", targets)

    assert len(targets) == 480
    assert origins == [site]


@pytest.mark.browser
def test_copying_the_steps_tells_the_site_with_the_page_s_token(open_page) -> None:
    page = open_page("/browse")
    page.locator(".row-title, .hit a, .list a[href^='/articles/']").first.click()
    page.wait_for_url("**/articles/**")

    with page.expect_response(lambda r: r.request.method == "POST" and r.url.endswith("/feedback")) as told:
        page.keyboard.press("c")

    assert told.value.status == 200


@pytest.mark.browser
def test_signing_in_needs_no_mouse(open_page) -> None:
    page = open_page("/browse")
    page.get_by_role("link", name="登录", exact=True).press("Enter")
    page.wait_for_url("**/sign-in?next=%2Fbrowse")

    page.keyboard.type("zhang.wei")
    page.keyboard.press("Tab")
    page.keyboard.type("a password")

    assert page.get_by_label("用户名").input_value() == "zhang.wei"
    assert page.get_by_label("密码").input_value() == "a password"
