"""A small OpenID Connect provider for tests: discovery, keys, the code flow with PKCE, and tokens as told.

It speaks real HTTP on this machine, and refuses what a strict provider refuses.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "kb", "client-secret-of-the-site"


class Provider:
    """What the provider knows and is told to say."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
        self.signing_key = self.key
        self.claims: dict[str, Any] = {"sub": "1", "preferred_username": "zhang.wei", "name": "张伟"}
        self.overrides: dict[str, Any] = {}
        """Claims of the token that are not what they should be."""
        self.algorithm = "RS256"
        self.metadata: dict[str, Any] = {}
        self.token_status = 200
        self.requests: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.issuer = ""

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            **self.metadata,
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Somebody signs in at the provider and is sent back; gives the address."""
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]})

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The answer to a code: it works once, for the client and the browser that asked for it."""
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if authorization != f"Basic {expected}":
            return 401, {"error": "invalid_client"}
        if (
            asked is None
            or form.get("redirect_uri") != asked["redirect_uri"]
            or challenge.decode().rstrip("=") != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        if self.token_status != 200:
            return self.token_status, {"error": "server_error"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
            **self.overrides,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return 200, {
            "access_token": "opaque",
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self.signed(claims),
        }

    def signed(self, claims: dict[str, Any]) -> str:
        header = {"alg": self.algorithm, "kid": self.signing_key.kid}
        if self.algorithm == "none":
            parts = (json.dumps({"alg": "none"}), json.dumps(claims))
            return ".".join(base64.urlsafe_b64encode(p.encode()).decode().rstrip("=") for p in parts) + "."
        return jwt.encode(header, claims, self.signing_key, algorithms=[self.algorithm])


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that answers on this machine until the block is left."""
    provider = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    server.server_close()
    thread.join()


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            provider.requests.append(parts.path)
            if parts.path == "/.well-known/openid-configuration":
                self.answer(200, provider.discovery())
            elif parts.path == "/keys":
                self.answer(200, {"keys": [provider.key.as_dict(private=False)]})
            elif parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(_single(parts.query)))
                self.end_headers()
            else:
                self.answer(404, {})

        def do_POST(self) -> None:
            provider.requests.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer(*provider.token(_single(body), self.headers.get("Authorization", "")))

        def answer(self, status: int, content: dict[str, Any]) -> None:
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _single(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
