"""Signing in and out, as a browser does it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from kbserver.app import create_app
from kbserver.config import load_settings
from kbserver.domain.permissions import Role
from kbserver.services.accounts import COMMAND_LINE, Person
from kbserver.services.container import Services
from kbserver.services.secret_values import hash_of
from kbserver.store.models import AccountRow, SessionRow, SignInFailureRow
from kbserver.web import cookies
from tests.kbserver.clients import FormClient

PASSWORD = "corgi-lamp-91"
REFUSED = "用户名或密码不正确"


@pytest.fixture
def zhang(services: Services):
    return services.accounts.create(COMMAND_LINE, Person("zhang.wei", Role.ENGINEER), PASSWORD)


def sign_in(client: FormClient, name: str = "zhang.wei", password: str = PASSWORD, **more: object):
    return client.post("/sign-in", data={"name": name, "password": password, "next": more.pop("next", "/")}, **more)


def session_rows(database) -> list[SessionRow]:
    with database.read() as session:
        return list(session.scalars(select(SessionRow)))


def test_the_right_password_leads_on_to_where_one_was_going(client: FormClient, zhang) -> None:
    response = sign_in(client, next="/browse?category=a")

    assert (response.status_code, response.location) == (303, "/browse?category=a")
    assert "zhang.wei" in client.get("/").text


def test_a_name_is_the_same_in_any_case_and_width(client: FormClient, zhang) -> None:
    assert sign_in(client, " Ｚhang.Wei ").status_code == 303


def test_the_cookie_is_for_this_site_s_pages_only_and_ends_with_the_browser(client: FormClient, zhang) -> None:
    cookie = sign_in(client).headers["Set-Cookie"]

    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Expires" not in cookie
    assert "Max-Age" not in cookie


def test_over_https_the_cookie_is_sent_over_https_only(client: FormClient, zhang, app: Flask) -> None:
    page = client.get("/sign-in", base_url="https://localhost")
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    data = {"name": "zhang.wei", "password": PASSWORD, "csrf_token": token}

    client.with_token = False
    cookie = client.post("/sign-in", data=data, base_url="https://localhost").headers["Set-Cookie"]

    assert cookie.startswith("__Host-kb_session=")
    assert "Secure" in cookie


def test_only_a_hash_of_the_secret_is_kept(client: FormClient, zhang, database) -> None:
    sign_in(client)

    secret = client.get_cookie(cookies.SESSION).value
    assert len(secret) >= 43
    assert [row.secret_hash for row in session_rows(database)] == [hash_of(secret)]


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("zhang.wei", "corgi-lamp-92"),
        ("zhang.wei", ""),
        ("zhang.wei", PASSWORD + "\0"),
        ("zhang.wei", PASSWORD * 20),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
        ("x" * 5000, PASSWORD),
        ("closed", PASSWORD),
        ("waiting", ""),
    ],
    ids=["wrong", "empty", "NUL", "too long", "unknown", "no name", "SQL", "long name", "disabled", "no password yet"],
)
def test_whatever_is_wrong_the_answer_is_the_same(
    client: FormClient, zhang, services: Services, name: str, password: str
) -> None:
    closed = services.accounts.create(COMMAND_LINE, Person("closed", Role.AGENT), PASSWORD)
    services.accounts.set_disabled(COMMAND_LINE, closed.id, is_disabled=True)
    services.accounts.create(COMMAND_LINE, Person("waiting", Role.AGENT))

    response = sign_in(client, name, password)

    assert response.status_code == 401
    assert REFUSED in response.text
    assert client.get_cookie(cookies.SESSION) is None


def test_a_password_is_looked_at_even_where_there_is_no_account(services: Services, client, zhang, monkeypatch) -> None:
    looked_at = []
    verify = services.sign_in._passwords._hasher.__class__.verify
    monkeypatch.setattr(
        services.sign_in._passwords._hasher.__class__,
        "verify",
        lambda self, kept, password: looked_at.append(kept) or verify(self, kept, password),
    )

    sign_in(client, "nobody")
    sign_in(client, "zhang.wei", "wrong-but-long")

    assert len(looked_at) == 2
    assert len(set(looked_at)) == 2


def test_a_password_of_a_megabyte_is_just_wrong(client: FormClient, zhang) -> None:
    assert sign_in(client, password="x" * 999_000).status_code == 401
    assert sign_in(client, password="x" * 1_100_000).status_code == 413


def test_signing_in_begins_a_new_session_and_ends_the_browser_s_old_one(client: FormClient, zhang, database) -> None:
    sign_in(client)
    before = client.get_cookie(cookies.SESSION).value
    sign_in(client)

    after = client.get_cookie(cookies.SESSION).value
    assert before != after
    assert [row.secret_hash for row in session_rows(database)] == [hash_of(after)]


def test_a_session_that_somebody_planted_is_not_taken_over(client: FormClient, zhang) -> None:
    client.set_cookie(cookies.SESSION, "planted")
    client.with_token = False
    page = client.get("/sign-in").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]

    client.post("/sign-in", data={"name": "zhang.wei", "password": PASSWORD, "csrf_token": token})

    assert client.get_cookie(cookies.SESSION).value != "planted"


def test_signing_out_ends_the_session_and_not_only_the_cookie(client: FormClient, zhang, database) -> None:
    sign_in(client)
    secret = client.get_cookie(cookies.SESSION).value

    response = client.post("/sign-out")

    assert (response.status_code, session_rows(database)) == (303, [])
    assert client.get_cookie(cookies.SESSION) is None
    client.set_cookie(cookies.SESSION, secret)
    assert client.get("/account").status_code == 401


def test_an_unused_session_ends(client: FormClient, zhang, clock) -> None:
    sign_in(client)

    clock.moment += load_settings({}).lifetimes.idle

    assert client.get("/account").status_code == 401


def test_a_session_in_use_lasts_longer_than_an_unused_one(client: FormClient, zhang, clock) -> None:
    sign_in(client)

    for _ in range(3):
        clock.moment += load_settings({}).lifetimes.idle * 0.9
        assert client.get("/account").status_code == 200


def test_any_session_ends_in_the_end(client: FormClient, zhang, clock) -> None:
    sign_in(client)
    lifetimes = load_settings({}).lifetimes

    for _ in range(int(lifetimes.total / (lifetimes.idle * 0.9))):
        clock.moment += lifetimes.idle * 0.9
        client.get("/account")
    clock.moment += lifetimes.idle * 0.9

    assert client.get("/account").status_code == 401


def test_ended_sessions_are_swept_away(client: FormClient, zhang, clock, app: Flask, database) -> None:
    sign_in(client)
    clock.moment += load_settings({}).lifetimes.total

    sign_in(app.test_client())

    assert len(session_rows(database)) == 1


def test_whoever_has_signed_in_is_sent_on_from_the_form(client: FormClient, zhang) -> None:
    sign_in(client)

    assert client.get("/sign-in?next=/browse").location == "/browse"


def test_signed_in_pages_are_kept_by_no_cache(client: FormClient, zhang) -> None:
    anonymous = client.get("/").headers
    sign_in(client)
    signed_in = client.get("/").headers

    assert anonymous["Cache-Control"] == "private, no-cache"
    assert signed_in["Cache-Control"] == "no-store"
    assert {"Cookie", "Authorization"} <= set(signed_in["Vary"].split(", ")) & set(anonymous["Vary"].split(", "))


class TestOpening:
    """A site on one machine is open until somebody signs in."""

    def test_before_anybody_has_signed_in_everything_is_shown(self, filled: FormClient, zhang) -> None:
        assert filled.get("/articles/KB-0003").status_code == 200

    def test_afterwards_anonymous_readers_see_what_is_public(self, filled: FormClient, zhang, app: Flask) -> None:
        sign_in(app.test_client())

        assert filled.get("/articles/KB-0003").status_code == 404
        assert filled.get("/articles/KB-0001").status_code == 200

    def test_staff_who_have_signed_in_see_everything(self, filled: FormClient, zhang) -> None:
        sign_in(filled)

        assert filled.get("/articles/KB-0003").status_code == 200


class TestThrottling:
    def wrong(self, client: FormClient, times: int, name: str = "zhang.wei") -> list[int]:
        return [sign_in(client, name, "wrong-but-long").status_code for _ in range(times)]

    def test_some_wrong_passwords_are_free(self, client: FormClient, zhang, clock) -> None:
        clock.tick = False

        assert self.wrong(client, 5) == [401] * 5
        assert self.wrong(client, 1) == [429]

    def test_while_waiting_even_the_right_password_is_not_looked_at(self, client: FormClient, zhang, clock) -> None:
        clock.tick = False
        self.wrong(client, 5)

        response = sign_in(client)

        assert response.status_code == 429
        assert response.headers["Retry-After"] == "1"
        assert "请等待 1 秒" in response.text

    def test_each_wait_is_twice_the_one_before_and_ends(self, client: FormClient, zhang, clock) -> None:
        clock.tick = False
        self.wrong(client, 5)
        waits = []
        for _ in range(12):
            waits.append(int(sign_in(client).headers["Retry-After"]))
            clock.advance(waits[-1])
            self.wrong(client, 1)

        assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
        clock.advance(300)
        assert sign_in(client).status_code == 303

    def test_the_right_password_forgives_the_wrong_ones(self, client: FormClient, zhang, clock, database) -> None:
        clock.tick = False
        self.wrong(client, 4)
        sign_in(client)

        assert self.wrong(client, 5) == [401] * 5

    def test_an_unknown_name_is_slowed_down_in_the_same_way(self, client: FormClient, zhang, clock) -> None:
        clock.tick = False

        assert self.wrong(client, 6, "nobody") == self.wrong(client, 6)

    def test_one_address_that_tries_many_names_is_slowed_down(self, client: FormClient, zhang, clock) -> None:
        clock.tick = False

        answers = [sign_in(client, f"name{n}", "x").status_code for n in range(31)]

        assert answers == [401] * 30 + [429]

    def test_another_address_may_go_on(self, client: FormClient, zhang, clock, app: Flask) -> None:
        clock.tick = False
        for n in range(31):
            sign_in(client, f"name{n}", "x")
        elsewhere = app.test_client()
        elsewhere.environ_base["REMOTE_ADDR"] = "203.0.113.9"

        assert sign_in(elsewhere).status_code == 303

    def test_a_header_does_not_make_another_address(self, client: FormClient, zhang, clock) -> None:
        clock.tick = False
        answers = [
            sign_in(client, f"name{n}", "x", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code
            for n in range(31)
        ]

        assert answers[-1] == 429

    def test_what_is_noted_holds_neither_names_nor_passwords(self, client: FormClient, zhang, database) -> None:
        sign_in(client, "hunter2-typed-as-a-name", "x")

        with database.read() as session:
            keys = list(session.scalars(select(SignInFailureRow.key)))
        assert len(keys) == 2
        assert not any("hunter2" in key for key in keys)

    def test_a_day_later_nothing_is_noted_any_more(self, client: FormClient, zhang, clock, database) -> None:
        self.wrong(client, 3)
        clock.advance(24 * 3600 + 60)
        sign_in(client, "other", "x")

        with database.read() as session:
            assert len(list(session.scalars(select(SignInFailureRow.key)))) == 2

    def test_a_clock_set_back_locks_nobody_out(self, client: FormClient, zhang, clock) -> None:
        clock.tick = False
        self.wrong(client, 6)
        clock.advance(-24 * 3600)

        assert int(sign_in(client).headers["Retry-After"]) <= 300


class TestNext:
    """Where one goes on to lies on this site."""

    @pytest.mark.parametrize(
        "target", ["//evil.example", "\\\\evil.example", "/\\evil.example", "/%09/evil.example", "/\t/evil.example"]
    )
    def test_no_way_of_writing_another_site_leads_there(self, client: FormClient, zhang, target: str) -> None:
        assert is_ours(sign_in(client, next=target).location)

    def test_no_known_redirect_payload_leads_away(self, client: FormClient) -> None:
        path = load_settings().eval_data / "vectors" / "patt_open_redirect.txt"
        if not path.is_file():
            pytest.skip(f"no vectors at {path}")
        payloads = path.read_text(encoding="utf-8").splitlines()

        away = [
            payload
            for payload in payloads
            for address in ("/preferences", "/sign-in")
            if not is_ours(location_of(client, address, payload))
        ]

        assert len(payloads) == 240
        assert away == []


def location_of(client: FormClient, address: str, payload: str) -> str:
    response = client.get(address, query_string={"next": payload, "lang": "zh"})
    if response.location is not None:
        return response.location
    return response.text.split('name="next" value="')[1].split('"')[0]


def is_ours(location: str) -> bool:
    """Whether a browser that goes there stays: it drops tabs and line ends and takes \\ for /."""
    seen = "".join(c for c in location if c not in "\t\r\n").strip().replace("\\", "/")
    return urlsplit(urljoin("http://localhost/sign-in", seen)).netloc == "localhost"


class TestOneTimePassword:
    @pytest.fixture
    def admin(self, services: Services) -> str:
        password = services.accounts.create_first_administrator()
        assert password is not None
        return password

    def test_the_first_administrator_is_made_once(self, services: Services, admin: str) -> None:
        assert services.accounts.create_first_administrator() is None

    def test_none_is_made_where_there_are_people(self, services: Services, zhang) -> None:
        assert services.accounts.create_first_administrator() is None

    def test_it_opens_nothing_but_the_page_where_it_is_replaced(self, filled: FormClient, admin: str) -> None:
        sign_in(filled, "admin", admin)

        assert filled.get("/articles/KB-0003").location == "/account/password?next=%2Farticles%2FKB-0003"
        assert filled.get("/api/v1/articles").status_code == 403
        assert filled.get("/account/password").status_code == 200

    def test_once_replaced_one_goes_on(self, filled: FormClient, admin: str) -> None:
        sign_in(filled, "admin", admin)
        data = {"current_password": admin, "new_password": PASSWORD, "new_password_again": PASSWORD}

        response = filled.post("/account/password", data={**data, "next": "/articles/KB-0003"})

        assert response.location == "/articles/KB-0003"
        assert filled.get("/articles/KB-0003").status_code == 200

    def test_it_may_not_stay(self, client: FormClient, admin: str, database) -> None:
        sign_in(client, "admin", admin)
        data = {"current_password": admin, "new_password": admin, "new_password_again": admin}

        assert client.post("/account/password", data=data).status_code == 400
        with database.read() as session:
            assert session.scalar(select(AccountRow.must_change_password))


class TestProxies:
    """Behind a proxy the address is the one that the nearest trusted proxy saw."""

    @pytest.fixture
    def behind(self, settings, database, index, clock) -> FormClient:
        app = create_app(replace(settings, trusted_proxies=1), database=database, index=index, clock=clock)
        app.test_client_class = FormClient
        return app.test_client()

    def test_each_reader_is_slowed_down_alone(self, behind: FormClient, zhang, clock) -> None:
        clock.tick = False
        for n in range(31):
            sign_in(behind, f"name{n}", "x", headers={"X-Forwarded-For": "203.0.113.1"})

        assert sign_in(behind, headers={"X-Forwarded-For": "203.0.113.1"}).status_code == 429
        assert sign_in(behind, headers={"X-Forwarded-For": "203.0.113.2"}).status_code == 303

    def test_what_a_reader_puts_before_it_counts_for_nothing(self, behind: FormClient, zhang, clock) -> None:
        clock.tick = False
        answers = [
            sign_in(behind, f"name{n}", "x", headers={"X-Forwarded-For": f"10.0.0.{n}, 203.0.113.1"}).status_code
            for n in range(31)
        ]

        assert answers[-1] == 429

    def test_https_at_the_proxy_makes_cookies_for_https(self, behind: FormClient, zhang) -> None:
        headers = behind.get("/sign-in", headers={"X-Forwarded-Proto": "https"}).headers

        assert "Secure" in headers["Set-Cookie"]
