"""One's own password and browsers."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.services.accounts import COMMAND_LINE, Person
from kbserver.services.container import Services
from kbserver.store.models import AuditRow
from kbserver.web import cookies
from tests.kbserver.clients import FormClient, sign_in_as

PASSWORD, NEW = "corgi-lamp-91", "teapot-river-73"


@pytest.fixture
def li(services: Services) -> Reader:
    account = services.accounts.create(COMMAND_LINE, Person("li.na", Role.AGENT, email="li@example.com"), PASSWORD)
    return Reader(account.audience, account.name, account.role, account.id, account.name)


@pytest.fixture
def browsers(app: Flask, li: Reader) -> list[FormClient]:
    """Three browsers of one person."""
    clients = [app.test_client() for _ in range(3)]
    for client, agent in zip(clients, ("Firefox/140.0 Windows", "Chrome/140 Android", "Mozilla"), strict=True):
        sign_in_as(client, li, agent)
    return clients


def change(client: FormClient, current: str = PASSWORD, new: str = NEW, again: str | None = None):
    again = new if again is None else again
    data = {"current_password": current, "new_password": new, "new_password_again": again}
    return client.post("/account/password", data=data)


def is_in(client: FormClient) -> bool:
    return client.get("/account").status_code == 200


def test_the_account_shows_where_one_has_signed_in(browsers: list[FormClient]) -> None:
    text = browsers[0].get("/account").text

    assert "Firefox · Windows" in text
    assert "Chrome · Android" in text
    assert "未知浏览器" in text
    assert text.count("当前浏览器") == 1


def test_the_account_shows_no_secret(browsers: list[FormClient], database) -> None:
    text = browsers[0].get("/account").text

    from kbserver.store.models import SessionRow

    with database.read() as session:
        hashes = list(session.scalars(select(SessionRow.secret_hash)))
    assert not any(value in text for value in hashes)
    assert browsers[0].get_cookie(cookies.SESSION).value not in text


def test_a_browser_is_signed_out_from_another(browsers: list[FormClient], services: Services, li: Reader) -> None:
    [android] = [s for s in services.sessions.of_account(li.account_id) if "Android" in s.user_agent]

    response = browsers[0].post("/account/sessions", data={"session": android.id})

    assert response.status_code == 303
    assert [is_in(client) for client in browsers] == [True, False, True]


def test_all_other_browsers_are_signed_out_at_once(browsers: list[FormClient]) -> None:
    browsers[2].post("/account/sessions", data={"session": "others"})

    assert [is_in(client) for client in browsers] == [False, False, True]


@pytest.mark.parametrize("session", ["", "x", "0" * 16, "%", "é"])
def test_a_session_that_is_not_one_s_own_is_not_found(
    browsers: list[FormClient], session: str, services: Services, as_role
) -> None:
    other = as_role(Role.ADMIN)

    assert browsers[0].post("/account/sessions", data={"session": session}).status_code == 404
    assert is_in(other)


def test_nobody_ends_the_session_of_somebody_else(
    browsers: list[FormClient], services: Services, as_role, people
) -> None:
    other = as_role(Role.ADMIN)
    [theirs] = services.sessions.of_account(people[Role.ADMIN].account_id)

    assert browsers[0].post("/account/sessions", data={"session": theirs.id}).status_code == 404
    assert is_in(other)


class TestPassword:
    def test_a_new_one_signs_out_every_other_browser_and_renews_this(self, browsers: list[FormClient]) -> None:
        before = browsers[0].get_cookie(cookies.SESSION).value

        response = change(browsers[0])

        assert (response.status_code, response.location) == (303, "/account?done=password")
        assert browsers[0].get_cookie(cookies.SESSION).value != before
        assert [is_in(client) for client in browsers] == [True, False, False]

    def test_only_the_new_one_opens_from_then_on(self, browsers: list[FormClient], client: FormClient) -> None:
        change(browsers[0])

        def answer(password: str) -> int:
            return client.post("/sign-in", data={"name": "li.na", "password": password}).status_code

        assert (answer(PASSWORD), answer(NEW)) == (401, 303)

    def test_it_is_in_the_audit_record_without_the_password(self, browsers: list[FormClient], database) -> None:
        change(browsers[0])

        with database.read() as session:
            [row] = session.scalars(select(AuditRow).where(AuditRow.action == "password"))
        assert (row.actor, row.subject, row.detail) == ("li.na", "li.na", {})

    @pytest.mark.parametrize(
        ("current", "new", "again", "message"),
        [
            ("wrong", NEW, NEW, "当前密码不正确"),
            (PASSWORD, NEW, NEW + "x", "两次输入的新密码不一致"),
            (PASSWORD, PASSWORD, PASSWORD, "新密码不能与当前密码相同"),
            (PASSWORD, "short", "short", "密码至少 10 个字符"),
            (PASSWORD, "x7" * 101, "x7" * 101, "密码最多 200 个字符"),
            (PASSWORD, "xx-Li.Na-yy-77", "xx-Li.Na-yy-77", "密码中不能包含用户名"),
            (PASSWORD, "Password2024", "Password2024", "太容易被猜到"),
            (PASSWORD, "", "", "密码至少 10 个字符"),
        ],
    )
    def test_what_cannot_be_is_said_beside_the_field(
        self, browsers: list[FormClient], current: str, new: str, again: str, message: str
    ) -> None:
        response = change(browsers[0], current, new, again)

        assert response.status_code == 400
        assert message in response.text
        assert 'aria-invalid="true"' in response.text
        assert all(is_in(client) for client in browsers)

    def test_guessing_the_present_one_is_slowed_down(self, browsers: list[FormClient], clock) -> None:
        clock.tick = False

        assert [change(browsers[0], "wrong").status_code for _ in range(6)] == [400] * 5 + [429]

    def test_the_same_password_typed_on_another_keyboard_is_the_same(self, browsers, client: FormClient) -> None:
        change(browsers[0], new="ｔｅａｐｏｔ－九九八十一")

        response = client.post("/sign-in", data={"name": "li.na", "password": "teapot-九九八十一"})

        assert response.status_code == 303


@pytest.mark.parametrize("path", ["/account", "/account/password"])
def test_one_s_own_pages_ask_for_signing_in(client: FormClient, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 401
    assert 'action="/sign-in"' in response.text
    assert f'name="next" value="{path}"' in response.text
