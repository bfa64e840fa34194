"""Browsers for tests: one that sends the page's token with every form as a real one does, and who they are."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kbserver.domain.reader import Reader
from kbserver.web import cookies, csrf
from kbserver.web.context import EXTENSION

FORM_COOKIE = "form-cookie-of-a-test"


class FormClient(FlaskClient):
    """A client whose forms carry the token of its browser; `with_token = False` leaves it out.

    Programs know of no such token, so requests to the API go without.
    """

    with_token = True

    def post(self, path: str, *args: Any, **kwargs: Any) -> TestResponse:
        return super().post(path, *args, **self._with_token(path, kwargs))

    def put(self, path: str, *args: Any, **kwargs: Any) -> TestResponse:
        return super().put(path, *args, **self._with_token(path, kwargs))

    def patch(self, path: str, *args: Any, **kwargs: Any) -> TestResponse:
        return super().patch(path, *args, **self._with_token(path, kwargs))

    def delete(self, path: str, *args: Any, **kwargs: Any) -> TestResponse:
        return super().delete(path, *args, **self._with_token(path, kwargs))

    @property
    def token(self) -> str:
        """A token that goes with the client's cookies."""
        secret = self.get_cookie(cookies.SESSION)
        session = self.application.extensions[EXTENSION].services.sessions.find(secret.value) if secret else None
        if session is None and self.get_cookie(cookies.FORM) is None:
            self.set_cookie(cookies.FORM, FORM_COOKIE)
        form = self.get_cookie(cookies.FORM)
        with self.application.app_context():
            return csrf.token_for(session.key if session else form.value if form else "")

    def _with_token(self, path: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        if self.with_token and not path.startswith("/api/"):
            kwargs["headers"] = {csrf.HEADER: self.token, **dict(kwargs.get("headers") or {})}
        return kwargs


def sign_in_as(client: FlaskClient, who: Reader, user_agent: str = "Firefox/140.0 Windows") -> str:
    """Give the client a session of that person; gives the session's secret."""
    assert who.account_id is not None
    services = client.application.extensions[EXTENSION].services
    secret: str = services.sessions.begin(who.account_id, user_agent).secret
    client.set_cookie(cookies.SESSION, secret)
    return secret
