"""`kb user` and `kb token`, run in this process: what they print, and that it works."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from kbserver.cli import kb
from kbserver.errors import Conflict, InvalidInput, NotFound
from tests.kbserver.clients import FormClient

PASSWORD = "corgi-lamp-91"


@pytest.fixture
def run(settings, database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs `kb` on the installation of the other fixtures."""
    monkeypatch.setenv("KB_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("KB_ARTICLES_DIR", str(settings.articles_dir))
    monkeypatch.setenv("KB_SECRET_KEY", settings.secret_key)

    def run(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(kb, arguments, input=stdin, catch_exceptions=True)

    return run


def sign_in(client: FlaskClient, name: str, password: str) -> int:
    return client.post("/sign-in", data={"name": name, "password": password}).status_code


def test_somebody_who_was_added_signs_in(run, client: FormClient) -> None:
    result = run("user", "add", "Zhang.Wei", "--role", "engineer", stdin=PASSWORD + "\n")

    assert (result.exit_code, result.stdout) == (0, "Added zhang.wei as engineer.\n")
    assert sign_in(client, "zhang.wei", PASSWORD) == 303


def test_the_list_shows_roles_and_no_secrets(run, client: FormClient) -> None:
    run("user", "add", "a", "--role", "reader", "--audience", "customer", stdin=PASSWORD)
    sign_in(client, "a", PASSWORD)

    rows = json.loads(run("user", "list", "--json").stdout)

    assert [(row["name"], row["role"], row["audience"], row["disabled"]) for row in rows] == [
        ("a", "reader", "customer", False)
    ]
    assert rows[0]["last_seen_at"]
    assert "argon2" not in json.dumps(rows)
    assert run("user", "list").stdout.startswith("a  reader  customer  2026-09-01")


def test_a_closed_account_is_out_and_may_be_opened_again(run, client: FormClient) -> None:
    run("user", "add", "a", "--role", "agent", stdin=PASSWORD)
    sign_in(client, "a", PASSWORD)

    run("user", "disable", "a")
    closed = client.get("/account").status_code
    run("user", "enable", "a")

    assert (closed, sign_in(client, "a", PASSWORD)) == (401, 303)


def test_a_role_is_changed(run) -> None:
    run("user", "add", "a", "--role", "agent", stdin=PASSWORD)

    assert run("user", "role", "a", "reviewer").stdout == "a is reviewer now.\n"
    assert json.loads(run("user", "list", "--json").stdout)[0]["role"] == "reviewer"


def test_a_link_sets_a_new_password(run, client: FormClient) -> None:
    run("user", "add", "a", "--role", "admin", stdin=PASSWORD)
    printed = run("user", "link", "a").stdout
    path = printed.strip().removeprefix("http://127.0.0.1:8000")

    response = client.post(path, data={"new_password": "teapot-river-73", "new_password_again": "teapot-river-73"})

    assert response.status_code == 303


@pytest.mark.parametrize(
    ("arguments", "stdin", "error"),
    [
        (("user", "add", "a", "--role", "agent"), "short", InvalidInput),
        (("user", "add", "a", "--role", "agent"), "", InvalidInput),
        (("user", "add", "a b", "--role", "agent"), PASSWORD, InvalidInput),
        (("user", "add", "taken", "--role", "agent"), PASSWORD, Conflict),
        (("user", "disable", "nobody"), "", NotFound),
        (("user", "role", "nobody", "agent"), "", NotFound),
        (("token", "create", "x", "--scopes", "everything", "--audience", "public"), "", InvalidInput),
        (("token", "create", "x", "--scopes", ",", "--audience", "public"), "", InvalidInput),
        (("token", "create", "x", "--scopes", "search:read", "--audience", "public", "--days", "-1"), "", InvalidInput),
        (("token", "create", "", "--scopes", "search:read", "--audience", "public"), "", InvalidInput),
        (
            ("token", "create", "x", "--scopes", "search:read", "--audience", "public", "--user", "nobody"),
            "",
            NotFound,
        ),
        (("token", "revoke", "aaaaaaaaaaaa"), "", NotFound),
    ],
)
def test_what_cannot_be_is_a_sentence(run, arguments: tuple[str, ...], stdin: str, error: type[Exception]) -> None:
    run("user", "add", "taken", "--role", "agent", stdin=PASSWORD)

    result = run(*arguments, stdin=stdin)

    assert isinstance(result.exception, error)
    assert str(result.exception).endswith(".")


@pytest.mark.parametrize("role", ["god", "", "Admin "])
def test_an_unknown_role_is_wrong_usage(run, role: str) -> None:
    assert run("user", "add", "a", "--role", role, stdin=PASSWORD).exit_code == 2


def test_a_token_is_printed_and_nothing_else(run, client: FormClient) -> None:
    result = run("token", "create", "Zammad", "--scopes", "search:read, articles:read", "--audience", "public")

    assert re.fullmatch(r"kb_[a-z2-9]{12}_[\w-]{43}\n", result.stdout)
    headers = {"Authorization": f"Bearer {result.stdout.strip()}"}
    assert client.get("/api/v1/articles", headers=headers).status_code == 200


def test_tokens_are_listed_without_what_proves_them(run) -> None:
    text = run("token", "create", "Zammad", "--scopes", "search:read", "--audience", "public", "--days", "0").stdout
    listed = run("token", "list", "--json").stdout

    [row] = json.loads(listed)
    assert (row["name"], row["scopes"], row["expires_at"], row["valid"]) == ("Zammad", ["search:read"], None, True)
    assert text.strip().split("_", 2)[2] not in listed + run("token", "list").stdout


def test_a_token_that_somebody_owns_ends_with_them(run, client: FormClient) -> None:
    run("user", "add", "a", "--role", "agent", stdin=PASSWORD)
    made = run("token", "create", "x", "--scopes", "search:read", "--audience", "internal", "--user", "a").stdout
    headers = {"X-API-Key": made.strip()}
    before = client.get("/api/v1/search?q=x", headers=headers).status_code
    run("user", "disable", "a")

    assert (before, client.get("/api/v1/search?q=x", headers=headers).status_code) == (200, 401)


def test_a_revoked_token_is_listed_as_ended(run) -> None:
    text = run("token", "create", "x", "--scopes", "search:read", "--audience", "internal").stdout
    run("token", "revoke", text.split("_")[1])

    assert json.loads(run("token", "list", "--json").stdout)[0]["valid"] is False
