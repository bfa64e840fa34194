"""Settings: one table of name, default and meaning, read from the environment or `kb.toml`."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from indexer.articles import Audience
from kbserver.domain.permissions import Role
from kbserver.domain.sessions import Lifetimes
from kbserver.errors import N_, SettingError

PREFIX = "KB_"
SECRET_FILE = "secret_key"
MIN_SECRET_CHARS = 32
LANGUAGES = ("zh", "en")
MAIL_SCHEMES = ("smtp", "smtps", "starttls")


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the settings table."""

    name: str
    default: str
    meaning: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


SETTINGS = (
    Setting("data_dir", "./var", "Folder for the database, the index, the model and the secret key."),
    Setting("articles_dir", "./articles", "Folder of Markdown articles that is watched and imported."),
    Setting("database_url", "", "SQLAlchemy address of the database; empty means SQLite in the data folder."),
    Setting("search_backend", "embedded", "Search backend: `embedded`, or `none` for no search at all."),
    Setting(
        "embedding_model",
        "bundled",
        "Embedding model: `bundled`, a hub name, a local path, or `none` to search by words only.",
    ),
    Setting("base_url", "", "Public address of the site, for absolute links; empty means the request's own."),
    Setting("trusted_hosts", "", "Further host names the site answers to, separated by commas."),
    Setting("lang", "zh", "Language of the pages when the reader's browser names none: `zh` or `en`."),
    Setting(
        "anonymous_audience",
        "",
        "What anonymous readers see: `internal`, `customer`, `public`, or `none` to require sign-in;"
        " empty means `internal` while bound to loopback and nobody has ever signed in, `public` otherwise.",
    ),
    Setting(
        "review",
        "browser",
        "What is reviewed before publishing: `off`, `browser` (edits in the browser) or `all`"
        " (changed files too, except the first import).",
    ),
    Setting(
        "git_commit",
        "off",
        "Whether each publish in the browser is a commit, where the articles folder lies in a git work tree:"
        " `off` or `on`.",
    ),
    Setting("secret_key", "", "Key for signatures and hashed readers; empty means one generated in the data folder."),
    Setting("session_idle_hours", "12", "Hours after which an unused session ends."),
    Setting("session_days", "7", "Days after which any session ends."),
    Setting(
        "trusted_proxies",
        "0",
        "How many proxies stand before the site; what they say of the reader's address is believed.",
    ),
    Setting(
        "smtp_url",
        "",
        "Mail server, such as `starttls://user:password@mail.example.com:587`; also `smtp://` and `smtps://`;"
        " empty means no mails.",
    ),
    Setting("mail_from", "", "Sender of mails; empty means `kb@` and the host of `KB_BASE_URL`."),
    Setting("oidc_issuer", "", "Address of an OpenID Connect provider to sign in with; empty means passwords only."),
    Setting("oidc_client_id", "", "What the site is called at that provider."),
    Setting("oidc_client_secret", "", "The site's secret at that provider."),
    Setting("oidc_role_claim", "groups", "Claim that decides the role, such as `groups` or `realm_access.roles`."),
    Setting(
        "oidc_roles",
        "",
        "Roles by value of that claim, such as `support=agent,kb-admins=admin`; empty leaves roles to administrators.",
    ),
    Setting("oidc_default_role", "reader", "Role of those whom no value gives one; `none` lets only the others in."),
    Setting("retention_days", "90", "Days that search and open events are kept."),
    Setting("host", "127.0.0.1", "Address that `kb serve` listens on."),
    Setting("port", "8000", "Port that `kb serve` listens on."),
    Setting("threads", "8", "Threads that answer requests."),
    Setting("eval_data", "../shared", "Folder of test vectors and judged data for tests and benches."),
)
"""Every setting; README's table is checked against this one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and how the site behaves; made by `load_settings`."""

    data_dir: Path
    articles_dir: Path
    database_url: str = ""
    search_backend: str = "embedded"
    embedding_model: str = "bundled"
    base_url: str = ""
    trusted_hosts: tuple[str, ...] = ()
    lang: str = "zh"
    anonymous_audience: str = ""
    review: str = "browser"
    git_commit: bool = False
    secret_key: str = field(default="", repr=False)
    session_idle_hours: int = 12
    session_days: int = 7
    trusted_proxies: int = 0
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_role_claim: str = "groups"
    oidc_roles: Mapping[str, Role] = field(default_factory=dict)
    oidc_default_role: Role | None = Role.READER
    retention_days: int = 90
    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 8
    eval_data: Path = Path("../shared")

    @property
    def index_dir(self) -> Path:
        """Folder of the search index; it may be deleted at any time."""
        return self.data_dir / "index"

    @property
    def lifetimes(self) -> Lifetimes:
        """How long people stay signed in."""
        return Lifetimes(timedelta(hours=self.session_idle_hours), timedelta(days=self.session_days))

    @property
    def public_url(self) -> str:
        """The site's address where no request tells it, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.base_url or f"http://{host}:{self.port}"

    @property
    def mail_sender(self) -> str:
        """The address that mails come from."""
        return self.mail_from or f"kb@{urlsplit(self.public_url).hostname or 'localhost'}"

    @property
    def files_dir(self) -> Path:
        """Folder of uploaded files; it belongs to the database as the articles folder does not."""
        return self.data_dir / "files"

    @property
    def is_loopback(self) -> bool:
        """Whether only programs on this machine can reach the site."""
        return is_loopback(self.host)

    def anonymous(self, *, has_accounts: bool, is_forwarded: bool) -> Audience | None:
        """What anonymous readers see; None when they must sign in.

        A request that a proxy handed on may come from anywhere, so without a
        setting it counts as public even while the site is bound to loopback.
        """
        if self.anonymous_audience == "none":
            return None
        if self.anonymous_audience:
            return Audience(self.anonymous_audience)
        is_private = self.is_loopback and not has_accounts and not is_forwarded
        return Audience.INTERNAL if is_private else Audience.PUBLIC


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine only.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host.lower() == "localhost"
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def load_settings(
    environ: Mapping[str, str] | None = None,
    toml_path: Path | None = None,
    **overrides: object,
) -> Settings:
    """Settings from `overrides`, else the environment, else `kb.toml`, else the defaults.

    Relative folders are taken from the current directory; raises `SettingError` with a sentence.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, str] = {setting.name: setting.default for setting in SETTINGS}
    values |= _from_toml(toml_path or Path("kb.toml"))
    values |= {
        setting.name: environ[setting.variable] for setting in SETTINGS if environ.get(setting.variable, "") != ""
    }
    values |= {name: str(value) for name, value in overrides.items() if value is not None}
    return _checked(values)


def _from_toml(path: Path) -> dict[str, str]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(N_("%(path)s cannot be read: %(why)s"), path=path, why=error) from error
    known = {setting.name for setting in SETTINGS}
    values = {}
    for key, value in table.items():
        name = key.removeprefix(PREFIX).lower()
        if name not in known:
            raise SettingError(N_("%(path)s: there is no setting %(name)s."), path=path, name=key)
        values[name] = _text_of(value)
    return values


def _text_of(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _checked(values: Mapping[str, str]) -> Settings:
    return Settings(
        data_dir=Path(values["data_dir"]).expanduser().absolute(),
        articles_dir=Path(values["articles_dir"]).expanduser().absolute(),
        database_url=values["database_url"],
        search_backend=_one_of("search_backend", values, ("embedded", "none")),
        embedding_model=values["embedding_model"],
        base_url=_address("base_url", values),
        trusted_hosts=tuple(h.strip() for h in values["trusted_hosts"].split(",") if h.strip()),
        lang=_one_of("lang", values, LANGUAGES),
        anonymous_audience=_one_of(
            "anonymous_audience", values, ("", "none", *(audience.value for audience in Audience))
        ),
        review=_one_of("review", values, ("off", "browser", "all")),
        git_commit=_one_of("git_commit", values, ("off", "on")) == "on",
        secret_key=_secret(values),
        session_idle_hours=_whole("session_idle_hours", values, 1, 24 * 365),
        session_days=_whole("session_days", values, 1, 365),
        trusted_proxies=_whole("trusted_proxies", values, 0, 10),
        smtp_url=_mail_server(values),
        mail_from=_sender(values),
        **_oidc(values),
        retention_days=_whole("retention_days", values, 1, 36_500),
        host=values["host"],
        port=_whole("port", values, 0, 65_535),
        threads=_whole("threads", values, 1, 256),
        eval_data=Path(values["eval_data"]).expanduser().absolute(),
    )


def _one_of(name: str, values: Mapping[str, str], allowed: tuple[str, ...]) -> str:
    value = values[name].strip().lower()
    if value not in allowed:
        raise SettingError(
            N_("KB_%(name)s must be one of %(allowed)s, not “%(value)s”."),
            name=name.upper(),
            allowed=", ".join(word for word in allowed if word),
            value=value,
        )
    return value


def _whole(name: str, values: Mapping[str, str], low: int, high: int) -> int:
    text = values[name].strip()
    if not (text.isascii() and text.isdigit() and low <= int(text[:9]) <= high):
        raise SettingError(
            N_("KB_%(name)s must be a whole number from %(low)s to %(high)s, not “%(value)s”."),
            name=name.upper(),
            low=low,
            high=high,
            value=text,
        )
    return int(text)


def _address(name: str, values: Mapping[str, str]) -> str:
    text = values[name].strip().rstrip("/")
    if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname):
        raise SettingError(
            N_("KB_%(name)s must start with http:// or https://, not “%(value)s”."),
            name=name.upper(),
            value=text,
        )
    return text


def _mail_server(values: Mapping[str, str]) -> str:
    text = values["smtp_url"].strip()
    try:
        parts = urlsplit(text)
        is_usable = parts.scheme in MAIL_SCHEMES and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_usable = False
    if text and not is_usable:
        # The value holds a password, so the sentence does not repeat it.
        raise SettingError(
            N_("KB_SMTP_URL must look like smtp://host:25, smtps://host:465 or starttls://user:password@host:587.")
        )
    return text


def _sender(values: Mapping[str, str]) -> str:
    text = values["mail_from"].strip()
    name, at, host = text.rpartition("@")
    if text and not (name and at and host and text.isprintable() and " " not in text):
        raise SettingError(N_("KB_MAIL_FROM must be a mail address, not “%(value)s”."), value=text)
    return text


def _oidc(values: Mapping[str, str]) -> dict[str, Any]:
    issuer = values["oidc_issuer"].strip()
    if issuer:
        host = urlsplit(issuer).hostname or ""
        if urlsplit(issuer).scheme != "https" and not (urlsplit(issuer).scheme == "http" and is_loopback(host)):
            raise SettingError(N_("KB_OIDC_ISSUER must start with https://, not “%(value)s”."), value=issuer)
        for name in ("oidc_client_id", "oidc_client_secret"):
            if not values[name]:
                raise SettingError(N_("KB_%(name)s is needed with KB_OIDC_ISSUER."), name=name.upper())
    default = _one_of("oidc_default_role", values, ("none", *Role))
    return {
        "oidc_issuer": issuer,
        "oidc_client_id": values["oidc_client_id"],
        "oidc_client_secret": values["oidc_client_secret"],
        "oidc_role_claim": values["oidc_role_claim"].strip(),
        "oidc_roles": _roles(values["oidc_roles"]),
        "oidc_default_role": None if default == "none" else Role(default),
    }


def _roles(text: str) -> dict[str, Role]:
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    known = {role.value: role for role in Role}
    for value, _, role in pairs:
        if not value.strip() or role.strip() not in known:
            raise SettingError(
                N_("KB_OIDC_ROLES must be pairs such as support=agent with one of %(roles)s, not “%(value)s”."),
                roles=", ".join(known),
                value=f"{value}={role}",
            )
    return {value.strip(): known[role.strip()] for value, _, role in pairs}


def _secret(values: Mapping[str, str]) -> str:
    key = values["secret_key"]
    if key and len(key) < MIN_SECRET_CHARS:
        raise SettingError(N_("KB_SECRET_KEY must have at least %(least)s characters."), least=MIN_SECRET_CHARS)
    return key


def secret_key(settings: Settings) -> str:
    """The installation's key: the setting, else the data folder's, made on first use with mode 0600."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_dir / SECRET_FILE
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        _create_secret(path)
    key = path.read_text(encoding="ascii").strip()
    if len(key) < MIN_SECRET_CHARS:
        raise SettingError(N_("%(path)s is damaged; delete it to make a new key."), path=path)
    return key


def _create_secret(path: Path) -> None:
    """Write a new key so that two processes starting together end up with the same one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        # A hard link fails when the name exists, and it never shows a half-written file.
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
