"""What a view needs to know: the services, who is asking, in which language."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from flask import Flask, current_app, g, has_request_context, request

from kbserver.config import LANGUAGES, Settings, is_loopback
from kbserver.domain.reader import Reader
from kbserver.errors import N_, SignInRequired
from kbserver.services.container import Services

LANGUAGE_COOKIE = "lang"
EXTENSION = "kbserver"
PROGRAMS = ("/api/v1", "/openapi.json", "/metrics", "/healthz", "/readyz")
FORWARDING_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")

Authenticator = Callable[[], Reader | None]
"""Gives the asker of the current request, None where it cannot tell; raises for a false claim."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the application was made of."""

    settings: Settings
    services: Services
    authenticators: list[Authenticator] = field(default_factory=list)


def attach(app: Flask, site: Site) -> None:
    """Make the site known to the views of the application."""
    app.extensions[EXTENSION] = site


def site() -> Site:
    """The settings and services of the current application."""
    found: Site = current_app.extensions[EXTENSION]
    return found


def services() -> Services:
    """The services of the current application."""
    return site().services


def today() -> date:
    """The day it is for the reader, in the machine's time zone."""
    return services().clock.now().astimezone().date()


def reader() -> Reader:
    """Who is asking; raises `SignInRequired` where anonymous readers see nothing.

    Authenticators are asked in turn, once a request; the first that knows the asker decides.
    """
    if "reader" not in g:
        known = (authenticate() for authenticate in site().authenticators)
        found = next((found for found in known if found is not None), None) or _anonymous()
        g.reader = replace(found, today=today())
    asking: Reader = g.reader
    return asking


def _anonymous() -> Reader:
    settings = site().settings
    audience = settings.anonymous(has_accounts=services().accounts.is_in_use(), is_forwarded=is_forwarded())
    if audience is None:
        raise SignInRequired(N_("Please sign in to read here."))
    return Reader(audience, request.remote_addr or "")


def is_for_programs() -> bool:
    """Whether the address is one for programs, whatever the request says of itself."""
    return request.path.startswith(PROGRAMS)


def is_forwarded() -> bool:
    """Whether a proxy handed the request on, so that the asker may be anywhere."""
    return any(name in request.headers for name in FORWARDING_HEADERS)


def is_local() -> bool:
    """Whether the request comes from this machine itself, and not through a proxy on it."""
    return not is_forwarded() and is_loopback(request.remote_addr or "")


def locale() -> str:
    """The language to answer in: the reader's choice, else the browser's, else the setting's."""
    if not has_request_context():
        return site().settings.lang
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    for accepted, _ in request.accept_languages:
        language = accepted.replace("_", "-").split("-")[0].lower()
        if language in LANGUAGES:
            return language
    return site().settings.lang


def host_is_ours(host: str, settings: Settings) -> bool:
    """Whether the site answers to this host name: loopback names, addresses, and those in the settings.

    A bare address cannot be a rebound name, so it is taken; a foreign name
    would end up in links and is refused.
    """
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    name = name.strip("[]").rstrip(".").lower()
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name in _known_hosts(settings)
    return True


def _known_hosts(settings: Settings) -> set[str]:
    from_url = settings.base_url.split("://")[-1].split("/")[0].rsplit(":", 1)[0]
    named = {"localhost", from_url.lower(), settings.host.lower()}
    return (named | {host.lower() for host in settings.trusted_hosts}) - {""}
