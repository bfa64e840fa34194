"""Signing in through a provider that runs on this machine and speaks the real protocol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from flask import Flask
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select

from kbserver.app import create_app
from kbserver.config import Settings
from kbserver.domain.permissions import Role
from kbserver.services.accounts import COMMAND_LINE, Person
from kbserver.services.container import Services
from kbserver.store.models import AccountRow, AuditRow, SessionRow
from kbserver.web import cookies
from tests.kbserver.clients import FormClient
from tests.kbserver.web import provider as fake
from tests.kbserver.web.provider import CLIENT_ID, CLIENT_SECRET, Provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    with fake.running() as provider:
        yield provider


@pytest.fixture
def oidc_settings(settings: Settings, provider: Provider) -> Settings:
    return replace(settings, oidc_issuer=provider.issuer, oidc_client_id=CLIENT_ID, oidc_client_secret=CLIENT_SECRET)


def site(settings: Settings, database, index, clock) -> Flask:
    app = create_app(settings, database=database, index=index, clock=clock)
    app.test_client_class = FormClient
    return app


@pytest.fixture
def app(oidc_settings: Settings, database, index, clock) -> Flask:
    return site(oidc_settings, database, index, clock)


def come_back(client: FormClient, target: str = "/") -> str:
    """Go to the provider and sign in there; gives the address that it sends the browser back to."""
    away = client.get("/sign-in/oidc", query_string={"next": target})
    assert away.status_code == 302, away.text
    return httpx.get(away.location).headers["Location"].removeprefix("http://localhost")


def sign_in(client: FormClient, target: str = "/"):
    return client.get(come_back(client, target))


def account(database, **where: object) -> AccountRow | None:
    with database.read() as session:
        return session.scalar(select(AccountRow).filter_by(**where))


def sessions(database) -> int:
    with database.read() as session:
        return len(list(session.scalars(select(SessionRow.secret_hash))))


def test_somebody_whom_the_provider_knows_is_let_in(client: FormClient, database) -> None:
    response = sign_in(client, "/account")

    assert (response.status_code, response.location) == (303, "/account")
    assert "张伟" in client.get("/account").text
    row = account(database, name="zhang.wei")
    assert (row.role, row.audience, row.password_hash) == ("reader", "internal", None)


def test_the_sign_in_page_offers_it(client: FormClient) -> None:
    assert 'href="/sign-in/oidc?next=%2Fbrowse"' in client.get("/sign-in?next=/browse").text


def test_the_same_person_is_the_same_account_the_next_time(client: FormClient, app: Flask, provider, database) -> None:
    sign_in(client)
    provider.claims |= {"preferred_username": "somebody.else", "name": "张 伟", "email": "z@example.com"}
    sign_in(app.test_client())

    with database.read() as session:
        [row] = session.scalars(select(AccountRow))
    assert (row.name, row.display_name, row.email) == ("zhang.wei", "张 伟", "z@example.com")


def test_no_token_of_the_provider_is_left_in_the_browser(client: FormClient) -> None:
    sign_in(client)

    assert client.get_cookie("kb_oidc") is None
    assert len(client.get_cookie(cookies.SESSION).value) == 43


def test_nothing_is_asked_of_the_provider_before_somebody_signs_in(client: FormClient, provider: Provider) -> None:
    client.get("/")
    client.get("/sign-in")

    assert provider.requests == []


def test_whoever_has_a_password_here_is_not_taken_for_the_one_of_the_provider(
    client: FormClient, services: Services, database
) -> None:
    services.accounts.create(COMMAND_LINE, Person("zhang.wei", Role.ADMIN), "corgi-lamp-91")

    sign_in(client)

    assert account(database, name="zhang.wei").oidc_subject is None
    assert account(database, name="zhang.wei-2").role == "reader"


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"preferred_username": "ZHANG.WEI"}, "zhang.wei"),
        ({"email": "li.na@example.com"}, "li.na"),
        ({}, "1"),
        ({"preferred_username": "Zhang Wei"}, "u-6b86b273ff34"),
        ({"preferred_username": "<b>", "name": "\n" * 500, "email": "no address"}, "u-6b86b273ff34"),
    ],
)
def test_a_name_is_found_or_made_up(client: FormClient, provider, database, claims: dict, expected: str) -> None:
    provider.claims = {"sub": "1", **claims}

    sign_in(client)

    assert account(database, name=expected) is not None


def test_a_closed_account_stays_closed(client: FormClient, services: Services, database, app: Flask) -> None:
    sign_in(client)
    services.accounts.set_disabled(COMMAND_LINE, account(database).id, is_disabled=True)

    response = sign_in(app.test_client())

    assert response.status_code == 401
    assert "请联系管理员" in response.text


def test_who_signs_in_so_gets_no_password_link(client: FormClient, services: Services, database) -> None:
    from kbserver.errors import Conflict

    sign_in(client)

    with pytest.raises(Conflict):
        services.password_links.create(COMMAND_LINE, account(database).id)


class TestRoles:
    @pytest.fixture
    def oidc_settings(self, settings: Settings, provider: Provider) -> Settings:
        return replace(
            settings,
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT_ID,
            oidc_client_secret=CLIENT_SECRET,
            oidc_role_claim="realm_access.roles",
            oidc_roles={"support": Role.AGENT, "kb-admins": Role.ADMIN},
            oidc_default_role=Role.READER,
        )

    @pytest.mark.parametrize(
        ("claim", "role"),
        [
            ({"roles": ["support"]}, "agent"),
            ({"roles": ["support", "kb-admins", "x"]}, "admin"),
            ({"roles": "support"}, "agent"),
            ({"roles": ["Support"]}, "reader"),
            ({"roles": [1, None, {}]}, "reader"),
            ({"roles": {"support": True}}, "reader"),
            (["support"], "reader"),
            (None, "reader"),
        ],
    )
    def test_the_highest_role_that_the_claim_gives_counts(self, client, provider, database, claim, role: str) -> None:
        provider.claims["realm_access"] = claim

        sign_in(client)

        assert account(database).role == role

    def test_another_role_the_next_time_ends_the_sessions_with_the_former(
        self, client: FormClient, provider, app: Flask, database
    ) -> None:
        provider.claims["realm_access"] = {"roles": ["kb-admins"]}
        sign_in(client)
        provider.claims["realm_access"] = {"roles": []}
        sign_in(app.test_client())

        assert account(database).role == "reader"
        assert client.get("/account").status_code == 401
        with database.read() as session:
            [row] = session.scalars(select(AuditRow).where(AuditRow.action == "role"))
        assert row.detail == {"from": {"role": "admin"}, "to": {"role": "reader"}}

    def test_without_a_default_others_are_not_let_in(self, oidc_settings, database, index, clock) -> None:
        app = site(replace(oidc_settings, oidc_default_role=None), database, index, clock)

        response = sign_in(app.test_client())

        assert response.status_code == 401
        assert account(database) is None


def test_where_roles_are_given_here_the_provider_does_not_change_them(
    client: FormClient, app: Flask, services: Services, database
) -> None:
    from indexer.articles import Audience

    sign_in(client)
    services.accounts.set_role(COMMAND_LINE, account(database).id, Role.REVIEWER, Audience.INTERNAL)
    sign_in(app.test_client())

    assert account(database).role == "reviewer"


BAD_TOKENS = {
    "another nonce": {"overrides": {"nonce": "x"}},
    "no nonce": {"overrides": {"nonce": None}},
    "another audience": {"overrides": {"aud": "other"}},
    "another issuer": {"overrides": {"iss": "https://evil.example"}},
    "run out": {"overrides": {"exp": 1_000_000}},
    "no end": {"overrides": {"exp": None}},
    "nobody": {"overrides": {"sub": None}},
    "not signed": {"algorithm": "none"},
    "signed by somebody else": {"signing_key": RSAKey.generate_key(2048, {"kid": "one"}, private=True)},
    "signed with the site's secret": {
        "algorithm": "HS256",
        "signing_key": OctKey.import_key(CLIENT_SECRET * 2, {"kid": "one"}),
    },
    "the provider's refusal": {"token_status": 400},
}


@pytest.mark.parametrize("told", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_token_that_does_not_hold_lets_nobody_in(client: FormClient, provider, database, told: dict) -> None:
    for name, value in told.items():
        setattr(provider, name, value)

    response = sign_in(client)

    assert response.status_code == 401
    assert "统一认证登录未成功" in response.text
    assert (account(database), sessions(database)) == (None, 0)


class TestCallback:
    def test_a_state_that_was_not_given_out_is_refused(self, client: FormClient, database) -> None:
        address = come_back(client)
        before, _, _ = address.partition("&state=")

        assert client.get(f"{before}&state=made-up").status_code == 401
        assert sessions(database) == 0

    def test_another_browser_s_way_back_is_refused(self, client: FormClient, app: Flask, database) -> None:
        address = come_back(app.test_client())

        assert client.get(address).status_code == 401
        assert sessions(database) == 0

    def test_the_way_back_works_once(self, client: FormClient, app: Flask) -> None:
        address = come_back(client)

        assert [client.get(address).status_code for _ in range(2)] == [303, 401]

    @pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?error=access_denied&error_description=<b>no</b>"])
    def test_what_does_not_come_from_the_provider_is_refused(self, client: FormClient, query: str) -> None:
        response = client.get(f"/sign-in/oidc/callback{query}")

        assert response.status_code == 401
        assert "<b>no</b>" not in response.text

    def test_a_session_that_was_planted_before_is_not_taken_over(self, client: FormClient) -> None:
        client.set_cookie(cookies.SESSION, "planted")
        sign_in(client)

        assert client.get_cookie(cookies.SESSION).value != "planted"

    @pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
    def test_one_goes_on_within_this_site(self, client: FormClient, target: str) -> None:
        assert sign_in(client, target).location == "/"


class TestTheProvider:
    def test_one_that_calls_itself_otherwise_is_not_believed(self, client: FormClient, provider: Provider) -> None:
        provider.metadata = {"issuer": "https://evil.example"}

        assert client.get("/sign-in/oidc").status_code == 401

    def test_one_that_offers_only_signatures_of_shared_secrets_is_not_believed(
        self, client: FormClient, provider: Provider
    ) -> None:
        provider.metadata = {"id_token_signing_alg_values_supported": ["HS256", "none"]}
        provider.algorithm = "HS256"
        provider.signing_key = OctKey.import_key(CLIENT_SECRET * 2, {"kid": "one"})

        assert sign_in(client).status_code == 401

    def test_one_that_does_not_answer_is_said_so(self, settings: Settings, database, index, clock) -> None:
        with fake.running() as gone:
            address = gone.issuer
        app = site(
            replace(settings, oidc_issuer=address, oidc_client_id="kb", oidc_client_secret="x"), database, index, clock
        )

        response = app.test_client().get("/sign-in/oidc")

        assert response.status_code == 503
        assert "暂时无法连接统一认证" in response.text

    def test_one_that_fails_half_way_is_said_so(self, client: FormClient, provider: Provider) -> None:
        provider.token_status = 500

        assert sign_in(client).status_code == 503

    def test_a_new_key_is_fetched_when_it_is_used(self, client: FormClient, app: Flask, provider: Provider) -> None:
        sign_in(client)
        provider.key = provider.signing_key = RSAKey.generate_key(2048, {"kid": "two"}, private=True)

        assert sign_in(app.test_client()).status_code == 303


def test_without_a_provider_there_is_nothing_at_its_addresses(settings: Settings, database, index, clock) -> None:
    client = site(settings, database, index, clock).test_client()

    assert client.get("/sign-in/oidc").status_code == 404
    assert client.get("/sign-in/oidc/callback?code=x&state=y").status_code == 404
    assert "/sign-in/oidc" not in client.get("/sign-in").text
