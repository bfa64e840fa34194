"""Signing in through an organisation's own OpenID Connect provider, where the settings name one.

Authlib does the protocol: state, PKCE, nonce, and the checks of the token that comes back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request, session

from kbserver.config import Settings
from kbserver.domain.identities import RoleRule, identity_of
from kbserver.errors import N_, Busy, KBError, NotFound, SignInRefused
from kbserver.web.context import services, site
from kbserver.web.operations import base_url
from kbserver.web.own_paths import after_signing_in
from kbserver.web.sign_in import browser, entered, sign_in_page

log = logging.getLogger(__name__)

bp = Blueprint("oidc", __name__, url_prefix="/sign-in/oidc")

EXTENSION = "kbserver.oidc"
NEXT = "next"
TIMEOUT_SECONDS = 10
SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
"""Ways of signing that need the provider's private key; what the site's secret could sign is not taken."""


def register(app: Flask, settings: Settings) -> None:
    """Get to know the provider of the settings; it is asked nothing before somebody signs in."""
    if not settings.oidc_issuer:
        return
    from authlib.integrations.flask_client import OAuth

    oauth = OAuth(app)
    app.extensions[EXTENSION] = oauth.register(
        "provider",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )


def is_offered() -> bool:
    """Whether the settings name a provider."""
    return EXTENSION in current_app.extensions


@bp.get("")
def start() -> Response:
    """Send the browser to the provider."""
    target = after_signing_in(request.args.get("next", "/"))
    session.clear()
    session[NEXT] = target
    try:
        with _failures_in_words():
            response: Response = _provider().authorize_redirect(base_url() + "/sign-in/oidc/callback")
    except KBError as error:
        return sign_in_page(target, error=error)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/callback")
def callback() -> Response:
    """Take the provider's word for who somebody is, once it has been checked."""
    target, settings = after_signing_in(session.get(NEXT, "/")), site().settings
    rule = RoleRule(settings.oidc_role_claim, settings.oidc_roles, settings.oidc_default_role)
    try:
        with _failures_in_words():
            claims = _provider().authorize_access_token()["userinfo"]
        identity = identity_of(claims, settings.oidc_issuer, rule)
        begun = services().identities.sign_in(identity, settings.oidc_default_role, browser())
    except (SignInRefused, Busy) as error:
        return sign_in_page(target, error=error)
    finally:
        session.clear()
    return entered(begun, target)


def _provider() -> Any:
    """The provider, known to be the one of the settings and to sign in a way that is taken."""
    provider = current_app.extensions.get(EXTENSION)
    if provider is None:
        raise NotFound(N_("There is nothing at this address."))
    metadata = provider.load_server_metadata()
    if metadata.get("issuer") != site().settings.oidc_issuer:
        raise ValueError("the provider calls itself otherwise than the settings do")
    offered = metadata.get("id_token_signing_alg_values_supported") or SIGNATURES
    metadata["id_token_signing_alg_values_supported"] = [one for one in offered if one in SIGNATURES]
    return provider


@contextmanager
def _failures_in_words() -> Iterator[None]:
    """Whatever goes wrong with the provider, said in a sentence; the log tells what it was."""
    try:
        yield
    except KBError:
        raise
    except OSError as error:
        log.warning("the identity provider does not answer: %s", type(error).__name__)
        raise Busy(N_("Your organisation's sign-in cannot be reached; please try again.")) from error
    except Exception as error:
        # What comes from outside may be wrong in any way, and none of them lets anybody in.
        log.warning("the identity provider's answer is refused: %s", type(error).__name__)
        raise SignInRefused(N_("Signing in through your organisation did not work; please try again.")) from error
