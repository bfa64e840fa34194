from __future__ import annotations

import stat
from pathlib import Path

import pytest

from indexer.articles import Audience
from kbserver.config import SETTINGS, Settings, load_settings, secret_key
from kbserver.domain.permissions import Role
from kbserver.errors import SettingError


def test_every_field_of_settings_is_a_row_of_the_table() -> None:
    assert {setting.name for setting in SETTINGS} == set(Settings.__dataclass_fields__)


def test_environment_goes_before_the_file(tmp_path: Path) -> None:
    toml = tmp_path / "kb.toml"
    toml.write_text('port = 9000\nlang = "en"\n', encoding="utf-8")

    settings = load_settings({"KB_PORT": "9001"}, toml)

    assert (settings.port, settings.lang) == (9001, "en")


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("KB_PORT", "8o80", "whole number from 0 to 65535"),
        ("KB_PORT", "70000", "whole number"),
        ("KB_PORT", "１２", "whole number"),
        ("KB_LANG", "fr", "one of zh, en"),
        ("KB_REVIEW", "maybe", "one of off, browser, all"),
        ("KB_ANONYMOUS_AUDIENCE", "everyone", "one of none, internal, customer, public"),
        ("KB_BASE_URL", "ftp://x", "http:// or https://"),
        ("KB_SECRET_KEY", "short", "at least 32 characters"),
        ("KB_SEARCH_BACKEND", "elastic", "one of embedded, none"),
    ],
)
def test_a_wrong_value_is_named_in_a_sentence(variable: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        load_settings({variable: value}, Path("absent.toml"))


@pytest.mark.parametrize("content", ["prot = 1\n", "port = \n", "\x00"])
def test_a_file_with_a_mistake_is_refused(tmp_path: Path, content: str) -> None:
    toml = tmp_path / "kb.toml"
    toml.write_text(content, encoding="utf-8")

    with pytest.raises(SettingError, match=r"kb\.toml"):
        load_settings({}, toml)


@pytest.mark.parametrize(
    ("host", "setting", "has_accounts", "is_forwarded", "expected"),
    [
        ("127.0.0.1", "", False, False, Audience.INTERNAL),
        ("::1", "", False, False, Audience.INTERNAL),
        ("127.0.0.1", "", True, False, Audience.PUBLIC),
        ("127.0.0.1", "", False, True, Audience.PUBLIC),
        ("0.0.0.0", "", False, False, Audience.PUBLIC),
        ("192.168.1.5", "", False, False, Audience.PUBLIC),
        ("0.0.0.0", "internal", False, False, Audience.INTERNAL),
        ("127.0.0.1", "customer", False, False, Audience.CUSTOMER),
        ("127.0.0.1", "none", False, False, None),
    ],
)
def test_anonymous_readers_see_what_the_address_and_the_setting_say(
    host: str, setting: str, has_accounts: bool, is_forwarded: bool, expected: Audience | None
) -> None:
    settings = load_settings({"KB_HOST": host, "KB_ANONYMOUS_AUDIENCE": setting}, Path("absent"))

    found = settings.anonymous(has_accounts=has_accounts, is_forwarded=is_forwarded)

    assert found == expected


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "var", articles_dir=tmp_path)

    first, second = secret_key(settings), secret_key(settings)

    assert first == second
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600


def test_settings_do_not_show_the_key_when_printed(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, articles_dir=tmp_path, secret_key="s" * 40)

    assert "ssss" not in repr(settings)


def test_readme_s_table_is_the_settings_table() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

    rows = [line for line in readme.splitlines() if line.startswith("| `KB_")]

    assert rows == [f"| `{s.variable}` | {f'`{s.default}`' if s.default else ''} | {s.meaning} |" for s in SETTINGS]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("KB_OIDC_ISSUER", "http://sso.example.com", "must start with https://"),
        ("KB_OIDC_ISSUER", "sso.example.com", "must start with https://"),
        ("KB_OIDC_ISSUER", "https://sso.example.com", "KB_OIDC_CLIENT_ID is needed"),
        ("KB_OIDC_ROLES", "support", "pairs such as"),
        ("KB_OIDC_ROLES", "support=god", "not “support=god”"),
        ("KB_OIDC_ROLES", "=admin", "pairs such as"),
        ("KB_OIDC_DEFAULT_ROLE", "god", "must be one of"),
        ("KB_TRUSTED_PROXIES", "-1", "whole number"),
        ("KB_SESSION_DAYS", "0", "whole number"),
    ],
)
def test_a_setting_for_signing_in_that_cannot_be_used_is_named(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        load_settings({name: value})


def test_roles_of_a_provider_are_read_as_pairs() -> None:
    settings = load_settings({"KB_OIDC_ROLES": "support=agent, kb-admins = admin,", "KB_OIDC_DEFAULT_ROLE": "none"})

    assert settings.oidc_roles == {"support": Role.AGENT, "kb-admins": Role.ADMIN}
    assert settings.oidc_default_role is None
