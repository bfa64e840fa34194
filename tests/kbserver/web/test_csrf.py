"""Nothing changes unless it was sent from a page of this site, in this browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from kbserver.domain.permissions import Role
from kbserver.web import cookies, csrf
from tests.kbserver.clients import FormClient

ADDRESS = "/articles/KB-0001/feedback"
FORM = {"event": "helpful"}


@pytest.fixture
def bare(filled: FormClient) -> FormClient:
    """A browser that has not opened a page yet."""
    filled.with_token = False
    return filled


def token_in(page: str) -> str:
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def test_without_a_token_nothing_is_taken(bare: FormClient) -> None:
    response = bare.post(ADDRESS, data=FORM)

    assert response.status_code == 403
    assert "刷新" in response.text


def test_a_form_of_the_page_is_taken_without_signing_in(bare: FormClient) -> None:
    token = token_in(bare.get("/articles/KB-0001").text)

    assert bare.post(ADDRESS, data={**FORM, "csrf_token": token}).status_code == 303


def test_a_script_sends_the_token_in_a_header(bare: FormClient) -> None:
    page = bare.get("/articles/KB-0001").text
    token = page.split('name="csrf-token" content="')[1].split('"')[0]

    assert bare.post(ADDRESS, data=FORM, headers={csrf.HEADER: token}).status_code == 303


def test_the_token_looks_different_on_every_page(bare: FormClient) -> None:
    pages = [bare.get("/articles/KB-0001").text for _ in range(3)]

    assert len({token_in(page) for page in pages}) == 3


def test_the_form_cookie_is_given_once(bare: FormClient) -> None:
    bare.get("/articles/KB-0001")

    assert bare.get("/articles/KB-0001").headers.get("Set-Cookie") is None


@pytest.mark.parametrize("sent", ["", "x", "é", "A" * 86, "=" * 88, "AAAA" * 22, "\0", "%00", "A" * 100_000])
def test_a_made_up_token_is_refused(bare: FormClient, sent: str) -> None:
    bare.get("/articles/KB-0001")

    assert bare.post(ADDRESS, data={**FORM, "csrf_token": sent}).status_code == 403


def test_a_token_of_another_browser_is_refused(bare: FormClient, app: Flask) -> None:
    bare.get("/articles/KB-0001")
    other = token_in(app.test_client().get("/articles/KB-0001").text)

    assert bare.post(ADDRESS, data={**FORM, "csrf_token": other}).status_code == 403


def test_a_token_without_its_cookie_is_refused(bare: FormClient) -> None:
    token = token_in(bare.get("/articles/KB-0001").text)
    bare.delete_cookie(cookies.FORM)

    assert bare.post(ADDRESS, data={**FORM, "csrf_token": token}).status_code == 403


def test_a_token_from_before_signing_in_is_refused_afterwards(
    bare: FormClient, as_role: Callable[[Role], FormClient]
) -> None:
    token = token_in(bare.get("/articles/KB-0001").text)
    form = bare.get_cookie(cookies.FORM)
    signed_in = as_role(Role.AGENT)
    signed_in.with_token = False
    signed_in.set_cookie(cookies.FORM, form.value)

    assert signed_in.post(ADDRESS, data={**FORM, "csrf_token": token}).status_code == 403


def test_a_token_of_another_session_is_refused(filled: FormClient, as_role: Callable[[Role], FormClient]) -> None:
    mine, other = as_role(Role.AGENT), as_role(Role.ADMIN)
    mine.with_token = False

    response = mine.post(ADDRESS, data=FORM, headers={csrf.HEADER: other.token})

    assert response.status_code == 403


def test_a_token_of_a_session_is_taken_in_that_session(filled: FormClient, as_role) -> None:
    assert as_role(Role.AGENT).post(ADDRESS, data=FORM).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "https://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_token_does_not_help_a_page_of_another_site(filled: FormClient, headers: dict[str, str]) -> None:
    assert filled.post(ADDRESS, data=FORM, headers=headers).status_code == 403


def test_a_foreign_page_cannot_sign_anybody_in(bare: FormClient) -> None:
    response = bare.post("/sign-in", data={"name": "a", "password": "b", "next": "/"})

    assert response.status_code == 403


def test_a_page_that_is_asked_for_json_still_asks_for_the_token(bare: FormClient) -> None:
    assert bare.post(ADDRESS, data=FORM, headers={"Accept": "application/json"}).status_code == 403


def test_there_is_no_answer_to_a_cors_preflight(filled: FormClient) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}

    response = filled.options("/api/v1/feedback", headers=headers)

    assert not any(name.startswith("Access-Control") for name, _ in response.headers)
