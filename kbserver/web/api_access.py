"""What the API's operations ask of those who call them: each says it where it is declared, the document
at `/openapi.json` shows it, and every call is checked against that document.
"""

from __future__ import annotations

from typing import Any, cast

from flask import current_app, request
from flask_openapi import OpenAPI

from kbserver.domain.permissions import Scope
from kbserver.errors import N_, NotAllowed, SignInRequired
from kbserver.web.authentication import current_session
from kbserver.web.context import reader

BEARER, KEY = "bearer", "key"
SCHEMES: dict[str, Any] = {
    BEARER: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "kb_<id>_<secret>",
        "description": "A token that an administrator made.",
    },
    KEY: {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same token in another header."},
}
ANYBODY: dict[str, list[Any]] = {}
EXTENSION = "kbserver.api_access"


def needs(*scopes: Scope, anonymous: bool = False) -> list[dict[str, list[Any]]]:
    """The `security` of an operation: a token of one of these scopes, or nothing where anonymous readers may call."""
    asked: list[dict[str, list[Any]]] = [{scheme: [scope.value]} for scope in scopes for scheme in (BEARER, KEY)]
    return [*asked, ANYBODY] if anonymous else asked


def check_access() -> None:
    """Raise unless whoever calls the present operation may.

    A person who has signed in may read what a program may; for whatever changes
    something a browser's cookie is not enough.
    """
    who, security = reader(), _declared().get(_operation_id())
    if security is None:
        raise NotAllowed(N_("This operation is closed."))
    if who.scopes is not None:
        needed = scopes_of(security)
        if not who.scopes.intersection(needed):
            raise NotAllowed(N_("The token is not for this; it needs the scope %(scope)s."), scope=" | ".join(needed))
    elif request.method not in ("GET", "HEAD", "OPTIONS"):
        if current_session() is not None or ANYBODY not in security:
            raise SignInRequired(N_("A valid API token is needed here."))
    elif who.role is None and ANYBODY not in security:
        raise SignInRequired(N_("A valid API token is needed here."))


def scopes_of(security: list[dict[str, list[Any]]]) -> tuple[str, ...]:
    """The scopes of which an operation asks for one, none where it asks for none."""
    return tuple(dict.fromkeys(str(scope) for one in security for scopes in one.values() for scope in scopes))


def _operation_id() -> str:
    return (request.endpoint or "").rpartition(".")[2]


def _declared() -> dict[str, list[dict[str, list[Any]]]]:
    """What each operation asks for, by its id; read from the document once."""
    known: dict[str, list[dict[str, list[Any]]]] | None = current_app.extensions.get(EXTENSION)
    if known is None:
        paths = cast(OpenAPI, current_app).api_doc["paths"]
        operations = [operation for methods in paths.values() for operation in methods.values()]
        known = {one["operationId"]: one["security"] for one in operations if one.get("security")}
        current_app.extensions[EXTENSION] = known
    return known
