"""RELIABILITY (e), rows H2, H4, H7 and H8 for pages: odd headers, caches and names of browsers."""

from __future__ import annotations

import logging

import pytest
from flask import Flask

from indexer.articles import Audience
from kbserver.domain.permissions import Role
from kbserver.services.accounts import COMMAND_LINE
from kbserver.services.container import Services
from kbserver.web import cookies
from tests.kbserver.clients import FormClient, sign_in_as

PAGES = ["/", "/search?q=打印机", "/articles/KB-0001", "/sign-in", "/account"]
FAR = {"X-Forwarded-For": "203.0.113.9"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "; ".join(f"c{n}=1" for n in range(8000))},
        {"Cookie": "kb_session=" + "x" * 100_000},
        {"Cookie": 'kb_session="\\073\\015\\012"; kb_form=é'},
        {"Cookie": "kb_session=a; kb_session=b"},
        {"Cookie": "kb_session"},
        {"Cookie": "=; ;;; =kb_session="},
        {"Cookie": "kb_oidc=.eJyrVkrJTFGyUlBKTFJSqAUAH_wD_g.made-up.signature"},
        {f"X-{n}": "1" for n in range(1000)},
        {"Authorization": "Bearer " + "x" * 100_000},
        {"Accept": "*/*;q=abc, application/json;q=nan"},
        {"Accept-Language": "zh;q=9,en;q=-1," + "x-" * 5000},
        {"If-None-Match": "*"},
        {"If-Modified-Since": "Thu, 99 Foo 99999 99:99:99 GMT"},
        {"Range": "bytes=9-1,-,0-"},
        {"Referer": "javascript:alert(1)"},
        {"X-CSRF-Token": "\x7f" * 100},
        {"Content-Type": "multipart/form-data"},
        {"Transfer-Encoding": "gzip"},
        {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "PUT"},
    ],
    ids=lambda headers: f"{next(iter(headers))} {str(next(iter(headers.values())))[:20]!r}",
)
@pytest.mark.parametrize("path", PAGES)
def test_odd_headers_are_borne(filled: FormClient, path: str, headers: dict[str, str]) -> None:
    status = filled.get(path, headers=headers).status_code

    assert status in ({401} if path == "/account" else {200, 304, 412, 416})


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/articles/KB-0001",
        "/feed.atom",
        "/api/v1/articles/KB-0001",
        "/api/v1/articles/KB-0001.md",
        "/api/v1/articles/KB-0001/revisions",
        "/api/v1/search?q=打印机",
        "/export?id=KB-0001",
    ],
)
def test_what_an_administrator_has_seen_is_no_answer_to_others(
    filled: FormClient, as_role, app: Flask, path: str
) -> None:
    seen = as_role(Role.ADMIN).get(path)
    answer = app.test_client().get(path, headers={"If-None-Match": seen.headers.get("ETag", '"none"')})

    assert {"Cookie", "Authorization", "X-API-Key"} <= set(seen.headers["Vary"].split(", "))
    assert "public" not in seen.headers["Cache-Control"]
    assert answer.status_code == 200 or seen.data == app.test_client().get(path).data


@pytest.mark.parametrize("path", ["/articles/KB-0003", "/api/v1/articles/KB-0003", "/api/v1/articles/KB-0003.md"])
def test_an_etag_of_a_hidden_article_opens_nothing(filled: FormClient, as_role, app: Flask, path: str) -> None:
    etag = as_role(Role.ADMIN).get(path).headers.get("ETag", "*")

    for value in (etag, "*"):
        assert app.test_client().get(path, headers={"If-None-Match": value}).status_code == 404


def test_a_lesser_audience_is_not_answered_from_what_was_seen_before(
    filled: FormClient, as_role, people, services: Services
) -> None:
    reader = as_role(Role.READER)
    etag = reader.get("/api/v1/articles/KB-0001").headers["ETag"]
    services.accounts.set_role(COMMAND_LINE, people[Role.READER].account_id, Role.READER, Audience.CUSTOMER)
    sign_in_as(reader, people[Role.READER])

    response = reader.get("/api/v1/articles/KB-0001", headers={"If-None-Match": etag})

    assert response.status_code == 200
    assert response.get_json()["owner"] is None


BROWSERS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "=cmd|' /C calc'!A0", "x" * 5000, "打印机"]


@pytest.mark.parametrize("agent", BROWSERS, ids=lambda agent: agent[:12])
def test_the_name_of_a_browser_is_only_text(app: Flask, people, agent: str) -> None:
    client = app.test_client()
    sign_in_as(client, people[Role.AGENT], agent)

    page = client.get("/account").text

    assert "<script>alert" not in page
    assert "onerror=alert" not in page
    assert "未知浏览器" in page


@pytest.mark.parametrize("name", ["admin\nINFO signed in account=1", "a\r\nb", "\x1b[2J", "=cmd|x"])
def test_what_is_typed_to_sign_in_does_not_reach_the_log(
    client: FormClient, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level(logging.DEBUG, logger="kbserver")
    headers = {"User-Agent": "<b>agent</b>", "Referer": "http://localhost/<i>"}

    client.post("/sign-in", data={"name": name, "password": "typed-here"}, headers=headers)

    assert caplog.messages == ["sign-in refused account=0"]


def test_no_secret_is_in_the_log(app: Flask, services: Services, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="kbserver")
    password = services.accounts.create_first_administrator()
    client = app.test_client()
    client.post("/sign-in", data={"name": "admin", "password": password})
    cookie = client.get_cookie(cookies.SESSION).value

    said = "\n".join(caplog.messages)
    assert "signed in account=1" in said
    assert password not in said
    assert cookie not in said
