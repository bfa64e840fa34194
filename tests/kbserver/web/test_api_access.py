"""RELIABILITY (e), rows A1 to A4: who may call the API, and with what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from indexer.articles import Audience
from kbserver.config import Settings
from kbserver.domain.permissions import Role, Scope
from kbserver.domain.reader import Reader
from kbserver.services.accounts import COMMAND_LINE
from kbserver.services.api_tokens import MadeToken, TokenWish
from kbserver.services.container import Services
from kbserver.web import cookies
from tests.kbserver.clients import FormClient

READING = frozenset({Scope.SEARCH_READ, Scope.ARTICLES_READ})
FEEDBACK = {"article_id": "KB-0001", "event": "helpful"}


@pytest.fixture
def make(services: Services) -> Callable[..., MadeToken]:
    def make(
        scopes: frozenset[Scope] = READING,
        audience: Audience = Audience.INTERNAL,
        days: int = 30,
        owner: Reader | None = None,
    ) -> MadeToken:
        wish = TokenWish("a program", scopes, audience, days, owner.account_id if owner else None)
        return services.api_tokens.create(COMMAND_LINE, wish)

    return make


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def ids(client: FormClient, headers: dict[str, str] | None = None) -> list[str] | int:
    response = client.get("/api/v1/articles?order=id", headers=headers)
    return [a["id"] for a in response.get_json()["articles"]] if response.status_code == 200 else response.status_code


class TestAToken:
    @pytest.mark.parametrize(
        ("audience", "expected"),
        [
            (Audience.PUBLIC, ["KB-0001", "KB-0004"]),
            (Audience.CUSTOMER, ["KB-0001", "KB-0002", "KB-0004"]),
            (Audience.INTERNAL, ["KB-0001", "KB-0002", "KB-0003", "KB-0004"]),
        ],
    )
    def test_sees_what_its_audience_sees(self, filled: FormClient, make, audience, expected) -> None:
        assert ids(filled, bearer(make(audience=audience).text)) == expected

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
    def test_comes_as_a_bearer(self, filled: FormClient, make, scheme: str) -> None:
        assert isinstance(ids(filled, {"Authorization": f"{scheme} {make().text}"}), list)

    def test_comes_in_a_header_of_its_own(self, filled: FormClient, make) -> None:
        text = make(audience=Audience.PUBLIC).text

        assert ids(filled, {"X-API-Key": text}) == ["KB-0001", "KB-0004"]

    def test_is_kept_as_a_hash_only(self, filled: FormClient, make, database, settings: Settings) -> None:
        secret = make().text.split("_", 2)[2]
        database.close()

        kept = b"".join(path.read_bytes() for path in settings.data_dir.glob("kb.sqlite3*"))
        assert secret.encode() not in kept

    def test_sees_no_more_than_its_owner(self, filled: FormClient, make, services: Services, people) -> None:
        reader = people[Role.READER]
        services.accounts.set_role(COMMAND_LINE, reader.account_id, Role.READER, Audience.CUSTOMER)

        assert ids(filled, bearer(make(owner=reader).text)) == ["KB-0001", "KB-0002", "KB-0004"]

    def test_its_last_use_is_noted(self, filled: FormClient, make, services: Services) -> None:
        made = make()
        ids(filled, bearer(made.text))

        [token] = services.api_tokens.list(COMMAND_LINE)
        assert token.last_used_at is not None


WRONG: dict[str, Callable[[str], dict[str, str]]] = {
    "nothing after Bearer": lambda text: {"Authorization": "Bearer"},
    "nothing at all": lambda text: {"Authorization": ""},
    "an empty key": lambda text: {"X-API-Key": ""},
    "another scheme": lambda text: {"Authorization": f"Token {text}"},
    "no scheme": lambda text: {"Authorization": text},
    "two headers": lambda text: {"Authorization": f"Bearer {text}", "X-API-Key": text},
    "two in one": lambda text: {"Authorization": f"Bearer {text},Bearer {text}"},
    "capital letters": lambda text: bearer(text.upper()),
    "changed case in the secret": lambda text: bearer(text[:16] + text[16:].swapcase()),
    "a megabyte": lambda text: bearer("x" * 1_000_000),
    "a token and more": lambda text: bearer(text + "x" * 1000),
    "NUL": lambda text: bearer(text[:-1] + "\0"),
    "Unicode digits": lambda text: bearer("kb_２３４５６７８９２３４５_" + "x" * 43),
    "SQL": lambda text: bearer("kb_' OR 1=1 --_" + "x" * 43),
    "one sign less": lambda text: bearer(text[:-1]),
    "one sign more": lambda text: bearer(text + "a"),
    "one sign changed": lambda text: bearer(text[:-1] + ("a" if text[-1] != "a" else "b")),
    "another id": lambda text: bearer("kb_aaaaaaaaaaaa_" + text[16:]),
    "a JWT without signature": lambda text: bearer("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."),
}


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG.keys())
def test_whatever_is_wrong_with_a_token_the_answer_is_the_same(filled: FormClient, make, headers) -> None:
    missing = refusal(filled, {"Authorization": "Bearer x"})

    found = refusal(filled, headers(make().text))

    assert found == missing
    assert found[0] == 401
    assert found[1]["WWW-Authenticate"] == "Bearer"


def test_without_a_token_it_is_the_same_answer_too(filled: FormClient, closed: FormClient, make) -> None:
    assert refusal(closed, {}) == refusal(filled, {"Authorization": "Bearer x"})


def test_a_token_in_the_address_is_none(closed: FormClient, make) -> None:
    text = make().text

    for name in ("access_token", "token", "api_key"):
        assert closed.get(f"/api/v1/articles?{name}={text}").status_code == 401


def test_a_proxy_s_own_sign_in_is_not_taken_for_a_token(filled: FormClient) -> None:
    assert ids(filled, {"Authorization": "Basic cHJveHk6c2VjcmV0"}) == ids(filled)


def refusal(client: FormClient, headers: dict[str, str]) -> tuple[int, dict[str, str], Any]:
    response = client.get("/api/v1/articles", headers=headers)
    return response.status_code, dict(response.headers), response.get_json()


@pytest.fixture
def closed(settings: Settings, database, index, clock) -> FormClient:
    """A site that anonymous readers see nothing of."""
    from dataclasses import replace

    from kbserver.app import create_app

    app = create_app(replace(settings, anonymous_audience="none"), database=database, index=index, clock=clock)
    app.test_client_class = FormClient
    return app.test_client()


class TestEnds:
    """A3: what no longer holds no longer works, from the next request on."""

    def test_revoked(self, filled: FormClient, make, services: Services) -> None:
        made = make()
        before = ids(filled, bearer(made.text))
        services.api_tokens.revoke(COMMAND_LINE, made.token.id)

        assert isinstance(before, list)
        assert ids(filled, bearer(made.text)) == 401

    def test_run_out(self, filled: FormClient, make, clock) -> None:
        made = make(days=30)
        clock.advance(30 * 24 * 3600)

        assert ids(filled, bearer(made.text)) == 401

    def test_for_good_is_for_good(self, filled: FormClient, make, clock) -> None:
        made = make(days=0)
        clock.advance(3650 * 24 * 3600)

        assert isinstance(ids(filled, bearer(made.text)), list)

    def test_of_a_closed_account(self, filled: FormClient, make, services: Services, people) -> None:
        made = make(owner=people[Role.ENGINEER])
        services.accounts.set_disabled(COMMAND_LINE, people[Role.ENGINEER].account_id, is_disabled=True)

        assert ids(filled, bearer(made.text)) == 401

    def test_of_somebody_with_a_lesser_role_now(self, filled: FormClient, make, services: Services, people) -> None:
        admin = people[Role.REVIEWER]
        services.accounts.set_role(COMMAND_LINE, admin.account_id, Role.ADMIN, Audience.INTERNAL)
        headers = bearer(make(frozenset({Scope.ADMIN}), owner=admin).text) | {"X-Forwarded-For": "203.0.113.9"}
        before = filled.get("/metrics", headers=headers).status_code
        services.accounts.set_role(COMMAND_LINE, admin.account_id, Role.AGENT, Audience.INTERNAL)

        assert (before, filled.get("/metrics", headers=headers).status_code) == (200, 404)

    def test_all_processes_know_at_once(self, filled: FormClient, make, settings, index, clock) -> None:
        from kbserver.app import create_app

        made, other = make(), create_app(settings, index=index, clock=clock)
        headers = bearer(made.text)
        before = other.test_client().get("/api/v1/articles", headers=headers).status_code
        filled.application.extensions["kbserver"].services.api_tokens.revoke(COMMAND_LINE, made.token.id)

        assert (before, other.test_client().get("/api/v1/articles", headers=headers).status_code) == (200, 401)


def test_a_token_of_another_scope_is_told_which_it_needs(filled: FormClient, make) -> None:
    response = filled.get("/api/v1/articles", headers=bearer(make(frozenset({Scope.SEARCH_READ})).text))

    assert response.status_code == 403
    assert "articles:read" in response.get_json()["detail"]


class TestCookiesAndTokens:
    """A4: each stays on its side."""

    def test_a_session_reads_through_the_api(self, filled: FormClient, as_role) -> None:
        assert ids(as_role(Role.AGENT)) == ["KB-0001", "KB-0002", "KB-0003", "KB-0004"]

    def test_a_session_changes_nothing_through_the_api(self, filled: FormClient, as_role) -> None:
        assert as_role(Role.ADMIN).post("/api/v1/feedback", json=FEEDBACK).status_code == 401

    def test_a_token_beside_a_session_counts_alone(self, filled: FormClient, as_role, make) -> None:
        headers = bearer(make(audience=Audience.PUBLIC).text)

        assert ids(as_role(Role.ADMIN), headers) == ["KB-0001", "KB-0004"]

    def test_a_page_takes_no_token(self, filled: FormClient, make, as_role) -> None:
        as_role(Role.ADMIN)
        everything = frozenset(Scope)

        for path in ("/admin/people", "/admin/tokens", "/account"):
            assert filled.get(path, headers=bearer(make(everything).text)).status_code == 401
        assert filled.get("/articles/KB-0003", headers=bearer(make(everything).text)).status_code == 404

    def test_a_session_s_secret_is_no_token(self, filled: FormClient, as_role) -> None:
        secret = as_role(Role.ADMIN).get_cookie(cookies.SESSION).value

        assert ids(filled, bearer(secret)) == 401

    def test_a_token_is_no_session(self, filled: FormClient, make) -> None:
        filled.set_cookie(cookies.SESSION, make(frozenset(Scope)).text)

        assert filled.get("/account").status_code == 401


class TestOperators:
    FAR = {"X-Forwarded-For": "203.0.113.9"}  # noqa: RUF012

    def test_figures_are_shown_to_a_token_for_them(self, filled: FormClient, make) -> None:
        headers = bearer(make(frozenset({Scope.ADMIN})).text) | self.FAR

        assert filled.get("/metrics", headers=headers).status_code == 200
        assert "details" in filled.get("/readyz", headers=headers).get_json()

    def test_and_to_no_other(self, filled: FormClient, make) -> None:
        headers = bearer(make(frozenset(Scope) - {Scope.ADMIN}).text) | self.FAR

        assert filled.get("/metrics", headers=headers).status_code == 404
        assert "details" not in filled.get("/readyz", headers=headers).get_json()

    def test_a_wrong_token_is_refused_even_here(self, filled: FormClient) -> None:
        assert filled.get("/metrics", headers=bearer("x")).status_code == 401


class TestDocument:
    def test_every_operation_says_what_it_asks_for(self, client: FormClient) -> None:
        document = client.get("/openapi.json").get_json()

        assert document["components"]["securitySchemes"].keys() == {"bearer", "key"}
        for methods in document["paths"].values():
            for operation in methods.values():
                scopes = {scope for one in operation["security"] for asked in one.values() for scope in asked}
                assert scopes
                assert scopes <= set(Scope)

    def test_an_operation_that_says_nothing_is_closed(self, app: Flask, filled: FormClient) -> None:
        from kbserver.web.api_access import EXTENSION

        filled.get("/api/v1/articles")
        del app.extensions[EXTENSION]["list_articles"]

        assert filled.get("/api/v1/articles").status_code == 403

    def test_what_is_not_open_to_all_asks_for_a_token(self, app: Flask, filled: FormClient) -> None:
        from kbserver.web.api_access import EXTENSION, needs

        filled.get("/api/v1/articles")
        app.extensions[EXTENSION] |= {name: needs(Scope.ADMIN) for name in ("list_articles", "give_feedback")}

        assert filled.get("/api/v1/articles").status_code == 401
        assert filled.post("/api/v1/feedback", json=FEEDBACK).status_code == 401
