"""People and their roles, as administrators manage them, and links to set a password."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from indexer.articles import Audience
from kbserver.domain.permissions import Role
from kbserver.services.accounts import COMMAND_LINE, Person
from kbserver.services.container import Services
from kbserver.store.models import AccountRow, AuditRow, PasswordLinkRow
from tests.kbserver.clients import FormClient

PASSWORD = "corgi-lamp-91"
WANG = {
    "name": "wang.fang",
    "display_name": "王芳",
    "email": "wang@example.com",
    "role": "agent",
    "audience": "internal",
}


@pytest.fixture
def admin(as_role: Callable[[Role], FormClient]) -> FormClient:
    return as_role(Role.ADMIN)


def link_in(page: str) -> str:
    found = re.search(r"http://localhost(/sign-in/link/[\w-]{43})", page)
    return found[1] if found else pytest.fail("no link on the page")


def is_in(client: FormClient) -> bool:
    return client.get("/account").status_code == 200


def audited(database, action: str) -> list[tuple[str, str, dict]]:
    with database.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.id))
        return [(row.actor, row.subject, row.detail) for row in rows]


def test_everybody_is_listed(admin: FormClient) -> None:
    text = admin.get("/admin/people").text

    for role in Role:
        assert f">{role.value}<" in text


class TestAdding:
    def test_the_new_person_sets_a_password_by_the_link_and_is_in(self, admin: FormClient, app: Flask) -> None:
        path = link_in(admin.post("/admin/people", data=WANG).text)
        browser = app.test_client()

        page = browser.get(path)
        response = browser.post(path, data={"new_password": PASSWORD, "new_password_again": PASSWORD})

        assert page.status_code == 200
        assert "wang.fang" in page.text
        assert response.status_code == 303
        assert "一线支持" in browser.get("/account").text

    def test_it_is_in_the_audit_record(self, admin: FormClient, database) -> None:
        admin.post("/admin/people", data=WANG)

        assert audited(database, "account")[-1] == (
            "admin",
            "wang.fang",
            {"role": "agent", "audience": "internal"},
        )

    @pytest.mark.parametrize(
        ("field", "value", "status", "message"),
        [
            ("name", "", 400, "用户名为 1 到 64 个"),
            ("name", "-rf", 400, "用户名为 1 到 64 个"),
            ("name", "a b", 400, "用户名为 1 到 64 个"),
            ("name", "<script>", 400, "用户名为 1 到 64 个"),
            ("name", "x" * 65, 400, "用户名为 1 到 64 个"),
            ("name", "ADMIN", 409, "该用户名已被使用"),
            ("display_name", "王" * 101, 400, "最多"),
            ("email", "not a mail address", 400, "邮箱"),
            ("email", "a@b\r\nBcc: evil@example.com", 400, "邮箱"),
            ("role", "god", 400, "请选择"),
            ("role", "", 400, "请选择"),
            ("audience", "everybody", 400, "请选择"),
        ],
    )
    def test_what_cannot_be_is_said_and_the_form_keeps_the_rest(
        self, admin: FormClient, field: str, value: str, status: int, message: str
    ) -> None:
        response = admin.post("/admin/people", data={**WANG, field: value})

        assert response.status_code == status
        assert message in response.text
        assert ("wang@example.com" in response.text) == (field != "email")

    def test_staff_read_everything_whatever_was_chosen(self, admin: FormClient, services: Services) -> None:
        admin.post("/admin/people", data={**WANG, "audience": "public"})

        assert services.accounts.named(COMMAND_LINE, "wang.fang").audience is Audience.INTERNAL

    def test_a_reader_sees_what_was_chosen(self, admin: FormClient, filled: FormClient, app: Flask) -> None:
        path = link_in(admin.post("/admin/people", data={**WANG, "role": "reader", "audience": "customer"}).text)
        browser = app.test_client()
        browser.post(path, data={"new_password": PASSWORD, "new_password_again": PASSWORD})

        seen = [browser.get(f"/articles/KB-000{n}").status_code for n in (1, 2, 3)]

        assert seen == [200, 200, 404]

    def test_fields_that_the_form_does_not_have_change_nothing(self, admin: FormClient, database) -> None:
        more = {"id": "1", "is_admin": "true", "is_disabled": "1", "password_hash": "x", "must_change_password": "0"}
        admin.post("/admin/people", data={**WANG, **more})

        with database.read() as session:
            row = session.scalar(select(AccountRow).where(AccountRow.name == "wang.fang"))
        assert (row.role, row.is_disabled, row.password_hash) == ("agent", False, None)


class TestRoles:
    def set_role(self, admin: FormClient, who, role: str, audience: str = "internal"):
        return admin.post(f"/admin/people/{who.account_id}/role", data={"role": role, "audience": audience})

    def test_a_new_role_ends_the_sessions_that_had_the_old_one(self, admin: FormClient, as_role, people) -> None:
        reviewer = as_role(Role.REVIEWER)

        response = self.set_role(admin, people[Role.REVIEWER], "agent")

        assert response.status_code == 303
        assert not is_in(reviewer)

    def test_the_same_role_again_ends_nothing(self, admin: FormClient, as_role, people) -> None:
        reviewer = as_role(Role.REVIEWER)
        self.set_role(admin, people[Role.REVIEWER], "reviewer")

        assert is_in(reviewer)

    def test_it_is_in_the_audit_record(self, admin: FormClient, people, database) -> None:
        self.set_role(admin, people[Role.READER], "reader", "customer")

        [(actor, subject, detail)] = audited(database, "role")
        assert (actor, subject) == ("admin", "reader")
        assert detail == {
            "from": {"role": "reader", "audience": "internal"},
            "to": {"role": "reader", "audience": "customer"},
        }

    def test_nobody_changes_their_own(self, admin: FormClient, people) -> None:
        assert self.set_role(admin, people[Role.ADMIN], "reader").status_code == 403
        assert is_in(admin)

    def test_the_last_administrator_stays_one(self, services: Services, people) -> None:
        from kbserver.errors import Conflict

        with pytest.raises(Conflict):
            services.accounts.set_role(COMMAND_LINE, people[Role.ADMIN].account_id, Role.AGENT, Audience.INTERNAL)
        with pytest.raises(Conflict):
            services.accounts.set_disabled(COMMAND_LINE, people[Role.ADMIN].account_id, is_disabled=True)

    @pytest.mark.parametrize("number", ["0", "-1", "abc", "9" * 19, "9" * 400, "1e3", "１", "%20", "99999"])
    def test_nobody_with_that_number_is_not_found(self, admin: FormClient, number: str) -> None:
        assert admin.get(f"/admin/people/{number}").status_code == 404
        assert (
            admin.post(f"/admin/people/{number}/role", data={"role": "agent", "audience": "internal"}).status_code
            == 404
        )


class TestClosing:
    def test_a_closed_account_is_out_at_once_and_cannot_sign_in(
        self, admin: FormClient, app: Flask, services: Services
    ) -> None:
        account = services.accounts.create(COMMAND_LINE, Person("wang.fang", Role.ENGINEER), PASSWORD)
        browser = app.test_client()
        credentials = {"name": "wang.fang", "password": PASSWORD}
        browser.post("/sign-in", data=credentials)
        before = is_in(browser)

        admin.post(f"/admin/people/{account.id}/disable")

        assert before
        assert not is_in(browser)
        assert browser.post("/sign-in", data=credentials).status_code == 401

    def test_opened_again_it_signs_in_anew(self, admin: FormClient, app: Flask, services: Services) -> None:
        account = services.accounts.create(COMMAND_LINE, Person("wang.fang", Role.ENGINEER), PASSWORD)
        admin.post(f"/admin/people/{account.id}/disable")
        admin.post(f"/admin/people/{account.id}/enable")

        response = app.test_client().post("/sign-in", data={"name": "wang.fang", "password": PASSWORD})

        assert response.status_code == 303

    def test_its_link_no_longer_works(self, admin: FormClient, people, client: FormClient) -> None:
        number = people[Role.AGENT].account_id
        path = link_in(admin.post(f"/admin/people/{number}/link").text)
        admin.post(f"/admin/people/{number}/disable")
        admin.post(f"/admin/people/{number}/enable")

        assert client.get(path).status_code == 404

    def test_a_closed_account_gets_no_link(self, admin: FormClient, people) -> None:
        number = people[Role.AGENT].account_id
        admin.post(f"/admin/people/{number}/disable")

        assert admin.post(f"/admin/people/{number}/link").status_code == 409

    def test_nobody_closes_their_own(self, admin: FormClient, people) -> None:
        assert admin.post(f"/admin/people/{people[Role.ADMIN].account_id}/disable").status_code == 403


class TestLinks:
    @pytest.fixture
    def path(self, admin: FormClient, people) -> str:
        return link_in(admin.post(f"/admin/people/{people[Role.AGENT].account_id}/link").text)

    def use(self, client: FormClient, path: str, password: str = PASSWORD):
        return client.post(path, data={"new_password": password, "new_password_again": password})

    def test_it_works_once(self, client: FormClient, path: str) -> None:
        assert self.use(client, path).status_code == 303
        assert self.use(client, path, "teapot-river-73").status_code == 404
        assert client.get(path).status_code == 404

    def test_looking_at_it_does_not_use_it_up(self, client: FormClient, path: str) -> None:
        assert [client.get(path).status_code for _ in range(3)] == [200] * 3

    def test_it_runs_out(self, client: FormClient, path: str, clock) -> None:
        clock.advance(24 * 3600)

        assert client.get(path).status_code == 404
        assert self.use(client, path).status_code == 404

    def test_a_newer_one_replaces_it(self, client: FormClient, path: str, admin: FormClient, people) -> None:
        newer = link_in(admin.post(f"/admin/people/{people[Role.AGENT].account_id}/link").text)

        assert (client.get(path).status_code, client.get(newer).status_code) == (404, 200)

    def test_it_signs_the_account_out_everywhere_else(self, client: FormClient, path: str, as_role) -> None:
        elsewhere = as_role(Role.AGENT)
        self.use(client, path)

        assert (is_in(elsewhere), is_in(client)) == (False, True)

    @pytest.mark.parametrize("password", ["short", "Password2024", ""])
    def test_a_bad_password_does_not_use_it_up(self, client: FormClient, path: str, password: str) -> None:
        assert self.use(client, path, password).status_code == 400
        assert self.use(client, path).status_code == 303

    @pytest.mark.parametrize("secret", ["x", "x" * 43, "x" * 5000, "%00", "é"])
    def test_a_made_up_one_is_not_found(self, client: FormClient, secret: str) -> None:
        assert client.get(f"/sign-in/link/{secret}").status_code in (400, 404)

    def test_only_a_hash_of_it_is_kept(self, path: str, database) -> None:
        with database.read() as session:
            [kept] = session.scalars(select(PasswordLinkRow.secret_hash))
        assert path.rpartition("/")[2] not in kept

    def test_its_page_tells_nobody_its_address(self, client: FormClient, path: str) -> None:
        headers = client.get(path).headers

        assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")

    def test_its_address_is_the_site_s_whatever_the_request_says(self, admin: FormClient, people) -> None:
        number = people[Role.AGENT].account_id
        headers = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}

        text = admin.post(f"/admin/people/{number}/link", headers=headers).text

        assert "evil.example" not in text
        assert link_in(text)
