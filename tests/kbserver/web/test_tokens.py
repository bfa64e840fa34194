"""API tokens, as administrators manage them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from indexer.articles import Audience
from kbserver.domain.permissions import Role, Scope
from kbserver.services.accounts import COMMAND_LINE
from kbserver.services.container import Services
from kbserver.store.models import ApiTokenRow, AuditRow
from tests.kbserver.clients import FormClient

WISH = {"name": "工单系统", "scopes": ["search:read"], "audience": "customer", "owner": "nobody", "days": "90"}


@pytest.fixture
def admin(as_role: Callable[[Role], FormClient]) -> FormClient:
    return as_role(Role.ADMIN)


def made(page: str) -> str:
    found = re.search(r"kb_[a-z2-9]{12}_[\w-]{43}", page)
    return found[0] if found else pytest.fail("no token on the page")


def test_a_token_is_shown_once(admin: FormClient) -> None:
    text = made(admin.post("/admin/tokens", data=WISH).text)

    assert admin.get("/api/v1/search?q=x", headers={"Authorization": f"Bearer {text}"}).status_code == 200
    assert text not in admin.get("/admin/tokens").text
    assert "工单系统" in admin.get("/admin/tokens").text


def test_the_page_with_the_token_is_kept_by_no_cache(admin: FormClient) -> None:
    assert admin.post("/admin/tokens", data=WISH).headers["Cache-Control"] == "no-store"


def test_a_token_has_what_was_asked_for(admin: FormClient, services: Services, clock) -> None:
    clock.tick = False
    admin.post("/admin/tokens", data={**WISH, "scopes": ["search:read", "tickets:write"]})

    [token] = services.api_tokens.list(COMMAND_LINE)
    assert (token.name, token.audience, token.account_id) == ("工单系统", Audience.CUSTOMER, None)
    assert token.scopes == {Scope.SEARCH_READ, Scope.TICKETS_WRITE}
    assert (token.expires_at - token.created_at).days == 90


def test_a_token_may_belong_to_whoever_makes_it(admin: FormClient, services: Services, people) -> None:
    admin.post("/admin/tokens", data={**WISH, "owner": "me"})

    [token] = services.api_tokens.list(COMMAND_LINE)
    assert (token.account_id, token.owner) == (people[Role.ADMIN].account_id, "admin")


def test_a_revoked_token_is_marked_and_no_longer_works(admin: FormClient, services: Services) -> None:
    text = made(admin.post("/admin/tokens", data=WISH).text)
    [token] = services.api_tokens.list(COMMAND_LINE)

    response = admin.post(f"/admin/tokens/{token.id}/revoke", follow_redirects=True)

    assert "已吊销" in response.text
    assert admin.get("/api/v1/search?q=x", headers={"X-API-Key": text}).status_code == 401


def test_what_is_done_to_tokens_is_in_the_audit_record(admin: FormClient, services: Services, database) -> None:
    text = made(admin.post("/admin/tokens", data=WISH).text)
    [token] = services.api_tokens.list(COMMAND_LINE)
    for _ in range(2):
        admin.post(f"/admin/tokens/{token.id}/revoke")

    with database.read() as session:
        rows = list(session.scalars(select(AuditRow).where(AuditRow.subject == token.id).order_by(AuditRow.id)))
    assert [(row.actor, row.action) for row in rows] == [("admin", "token"), ("admin", "token revoked")]
    assert not any(text.split("_", 2)[2] in str(row.detail) for row in rows)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "说明令牌的用途"),
        ("name", "x" * 101, "说明令牌的用途"),
        ("scopes", [], "请至少选择一项权限"),
        ("scopes", ["search:read", "everything"], "没有权限 everything"),
        ("audience", "everybody", "请选择"),
        ("owner", "1", "请选择"),
        ("days", "99999999999", "请选择"),
        ("days", "-1", "请选择"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(
    admin: FormClient, database, field: str, value: object, message: str
) -> None:
    response = admin.post("/admin/tokens", data={**WISH, field: value})

    assert response.status_code == 400
    assert message in response.text
    with database.read() as session:
        assert session.scalar(select(ApiTokenRow.id)) is None


def test_a_token_that_is_none_is_not_found(admin: FormClient) -> None:
    assert admin.post("/admin/tokens/aaaaaaaaaaaa/revoke").status_code == 404


def test_no_tokens_yet_says_what_they_are_for(admin: FormClient) -> None:
    assert "还没有令牌" in admin.get("/admin/tokens").text
