"""Every error as one shape: problem+json for programs, a page for people."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from flask import Flask, Response, current_app, json, make_response, request
from flask_babel import get_locale, gettext
from markupsafe import escape
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from kbserver.errors import N_, KBError, Wording

log = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
ERROR_PAGE = "kbserver.error_page"
"""Key in `app.extensions` of the function that renders a `Problem` as HTML."""

DETAILS = {
    400: N_("The request cannot be understood."),
    401: N_("Please sign in to read here."),
    403: N_("This is not open to you."),
    404: N_("There is nothing at this address."),
    405: N_("This address does not take that method."),
    406: N_("The answer does not come in the form asked for."),
    408: N_("The request took too long to arrive."),
    409: N_("Somebody else changed this first; please load it again."),
    410: N_("This is not here any more."),
    411: N_("The request does not say how long it is."),
    413: N_("The request is larger than the site takes."),
    414: N_("The address is longer than the site takes."),
    415: N_("The request's content is not of a kind that is taken here."),
    416: N_("That part of the content does not exist."),
    428: N_("The request must say which text it changes."),
    429: N_("Too many requests; please wait a little."),
    431: N_("The request's headers are larger than the site takes."),
    500: N_("Something failed here; it has been noted."),
    503: N_("The site cannot answer at this moment; please try again."),
}

TOKEN_NEEDED = N_("A valid API token is needed here.")

FIELD_MESSAGES = {
    "missing": N_("This value is needed."),
    "extra_forbidden": N_("There is no such parameter."),
    "int_parsing": N_("This must be a whole number."),
    "int_type": N_("This must be a whole number."),
    "greater_than_equal": N_("This must be at least %(ge)s."),
    "less_than_equal": N_("This must be at most %(le)s."),
    "string_too_long": N_("At most %(max_length)s characters are taken."),
    "string_too_short": N_("At least %(min_length)s characters are needed."),
    "too_long": N_("At most %(max_length)s values are taken."),
    "string_type": N_("This must be text."),
    "string_pattern_mismatch": N_("This does not have the right form."),
    "enum": N_("This must be one of %(expected)s."),
    "literal_error": N_("This must be one of %(expected)s."),
    "bool_parsing": N_("This must be true or false."),
    "model_attributes_type": N_("A JSON object is needed."),
    "model_type": N_("A JSON object is needed."),
    "dict_type": N_("A JSON object is needed."),
}
"""Sentences for what pydantic finds; anything else is just not valid."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong value: `pointer` says where it stands."""

    pointer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as it is shown, in the reader's language."""

    status: int
    title: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    retry_after: int | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    """Further members for programs."""


def register(app: Flask) -> None:
    """Turn every error of the application into a `Problem`."""
    app.register_error_handler(KBError, from_kb_error)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(ValidationError, validation_response)
    app.register_error_handler(Exception, _from_anything)


def wants_json() -> bool:
    """Whether a program asked: an API address, or no wish for a page."""
    machine = ("/api/v1", "/openapi.json", "/metrics", "/healthz", "/readyz")
    return request.path.startswith(machine)


def is_by_script() -> bool:
    """Whether a page's own script asked and takes JSON instead of a page; who it is, its cookie says as ever."""
    return request.headers.get("Accept") == "application/json"


def problem_of_status(status: int, detail: str = "") -> Problem:
    """The problem for an HTTP status, with the usual sentence unless another is given."""
    title = _phrase(status)
    usual = DETAILS.get(status) or DETAILS[400 if status < 500 else 500]
    return Problem(status, title, detail or gettext(usual))


def respond(problem: Problem) -> Response:
    """The problem as an answer to the current request."""
    if wants_json() or is_by_script():
        response = make_response(_as_json(problem))
        response.mimetype = PROBLEM_JSON
        if problem.status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
    else:
        response = make_response(_page(problem))
    response.status_code = problem.status
    response.headers["Cache-Control"] = "no-store"
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def validation_response(error: ValidationError) -> Response:
    """The answer to input that does not fit its model."""
    found = tuple(
        FieldError(_pointer(item["loc"]), _field_message(item["type"], dict(item.get("ctx", {}))))
        for item in error.errors(include_url=False, include_input=False)[:20]
    )
    detail = "; ".join(f"{item.pointer.removeprefix('/')}: {item.detail}" for item in found)
    return respond(Problem(400, _phrase(400), detail, found))


def from_kb_error(error: KBError) -> Response:
    """The answer to an error with a sentence."""
    if error.status >= 500:
        log.warning("refused status=%s error=%s", error.status, type(error).__name__)
    # Whatever is wrong with a token, the answer is the same.
    detail = gettext(TOKEN_NEEDED) if error.status == 401 and wants_json() else message_of(error)
    errors = (FieldError(f"/{error.field}", detail),) if error.field else ()
    return respond(Problem(error.status, _phrase(error.status), detail, errors, error.retry_after_seconds))


def message_of(error: KBError) -> str:
    """The error's sentence in the reader's language."""
    if not error.values:
        return gettext(error.message)
    language = str(get_locale() or "zh")
    values = {k: v.said(language) if isinstance(v, Wording) else v for k, v in error.values.items()}
    return gettext(error.message, **values)


def _from_http(error: HTTPException) -> Response:
    # Flask's validation library aborts with a finished answer.
    if error.response is not None and error.code is None:
        return error.response  # type: ignore[return-value]
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()  # type: ignore[return-value]
    response = respond(problem_of_status(status))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "Content-Range"):
            response.headers[name] = value
    return response


def _from_anything(error: Exception) -> Response:
    log.error("unexpected error path=%r", request.path[:200], exc_info=error)
    return respond(problem_of_status(500))


def _as_json(problem: Problem) -> str:
    return json.dumps(
        {
            "type": "about:blank",
            "title": problem.title,
            "status": problem.status,
            "detail": problem.detail,
            "errors": [{"pointer": e.pointer, "detail": e.detail} for e in problem.errors],
            **problem.extra,
        }
    )


def _page(problem: Problem) -> str:
    """The site's page for the problem, or a bare one: an error page must not fail."""
    page: Callable[[Problem], str] | None = current_app.extensions.get(ERROR_PAGE)
    try:
        return page(problem) if page else _plain_page(problem)
    except Exception:
        log.exception("the error page failed")
        return _plain_page(problem)


def _plain_page(problem: Problem) -> str:
    return (
        f"<!doctype html><meta charset=utf-8><title>{escape(problem.title)}</title>"
        f"<h1>{escape(problem.title)}</h1><p>{escape(problem.detail)}</p>"
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _pointer(where: tuple[int | str, ...]) -> str:
    return "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1")[:100] for part in where)


def _field_message(kind: str, values: dict[str, object]) -> str:
    message = FIELD_MESSAGES.get(kind)
    if message is None:
        return gettext(N_("This value is not valid."))
    return gettext(message, **values) if values else gettext(message)
