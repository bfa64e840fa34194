"""Addresses for operators and machines: health, figures, the OpenAPI document, OpenSearch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from xml.sax.saxutils import escape

from flask import Blueprint, Response, current_app, jsonify, request
from flask_babel import gettext
from flask_openapi import OpenAPI

from kbserver.domain.permissions import Role, Scope
from kbserver.errors import N_, NotFound
from kbserver.web import authentication
from kbserver.web.api_access import ANYBODY, scopes_of
from kbserver.web.context import is_local, services, site
from kbserver.web.metrics import EXTENSION, Metrics

bp = Blueprint("operations", __name__)

OPENSEARCH = """<?xml version="1.0" encoding="UTF-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
<ShortName>{name}</ShortName>
<Description>{description}</Description>
<InputEncoding>UTF-8</InputEncoding>
<Url type="text/html" method="get" template="{base}/search?q={{searchTerms}}"/>
<Url type="application/json" method="get" template="{base}/api/v1/search?q={{searchTerms}}"/>
</OpenSearchDescription>
"""


@dataclass(frozen=True, slots=True)
class ApiParameter:
    """One parameter of an operation; `place` is query, path, header or body."""

    name: str
    place: str
    required: bool
    type: str
    description: str


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """One possible answer of an operation."""

    status: str
    description: str


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """One operation of the API."""

    method: str
    path: str
    summary: str
    description: str
    tag: str
    scope: str
    """What a token has to be for; empty where none is needed."""
    is_open: bool
    """Whether anonymous readers may call it too, for what they may see."""
    parameters: tuple[ApiParameter, ...]
    responses: tuple[ApiResponse, ...]
    example: str
    """A curl command that works on this site."""


@dataclass(frozen=True, slots=True)
class ApiReference:
    """The API as its page shows it."""

    title: str
    version: str
    description: str
    operations: tuple[ApiOperation, ...]


def base_url() -> str:
    """The site's address without a slash at its end: the setting, else the request's own."""
    return site().settings.base_url or request.host_url.rstrip("/")


@bp.get("/healthz")
def healthz() -> Response:
    """Whether the process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Whether the site can answer searches, and what is degraded; details for operators."""
    state = services().health.readiness()
    body: dict[str, Any] = {
        "status": "ready" if state.ready else "not ready",
        "degraded": bool(state.degraded),
    }
    if _is_operator():
        body |= {"reasons": list(state.degraded), "details": dict(state.details)}
    return jsonify(body), 200 if state.ready else 503


@bp.get("/metrics")
def metrics() -> Response:
    """Prometheus figures, for operators."""
    if not _is_operator():
        raise NotFound(N_("There is nothing at this address."))
    counted: Metrics = current_app.extensions[EXTENSION]
    return Response(counted.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _is_operator() -> bool:
    """Whether the request comes from this machine, or with an administrator's token."""
    who = authentication.program()
    has_token = who is not None and who.scopes is not None and Scope.ADMIN in who.scopes
    return is_local() or (has_token and who is not None and (who.is_service or who.role is Role.ADMIN))


@bp.get("/openapi.json")
def openapi_json() -> Response:
    """The API's description, made of the models that validate."""
    response = jsonify(cast(OpenAPI, current_app).api_doc)
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]


@bp.get("/opensearch.xml")
def opensearch() -> Response:
    """Lets a browser offer the site as a search engine."""
    text = OPENSEARCH.format(
        name=escape(gettext(N_("Knowledge base"))),
        description=escape(gettext(N_("Search the support knowledge base"))),
        base=escape(base_url(), {'"': "&quot;"}),
    )
    return Response(text, content_type="application/opensearchdescription+xml; charset=utf-8")


def api_reference() -> ApiReference:
    """The API for a page about it, from the same document as `/openapi.json`."""
    document = cast(OpenAPI, current_app).api_doc
    schemas = document["components"]["schemas"]
    operations = tuple(
        _operation(method, path, found, schemas)
        for path, methods in document["paths"].items()
        for method, found in methods.items()
    )
    info = document["info"]
    return ApiReference(info["title"], info["version"], info.get("description", ""), operations)


def _operation(method: str, path: str, found: dict[str, Any], schemas: dict[str, Any]) -> ApiOperation:
    parameters = [
        ApiParameter(
            p["name"],
            p["in"],
            p.get("required", False),
            _type_name(p["schema"]),
            p.get("description", ""),
        )
        for p in found.get("parameters", ())
    ]
    parameters += _body_parameters(found, schemas)
    return ApiOperation(
        method.upper(),
        path,
        found.get("summary", ""),
        found.get("description", "").replace("<br/>", " ").strip(),
        found.get("tags", [""])[0],
        " | ".join(scopes_of(found.get("security", []))),
        ANYBODY in found.get("security", []),
        tuple(parameters),
        tuple(ApiResponse(s, r.get("description", "")) for s, r in found["responses"].items()),
        _example(method, path, parameters, needs_token=ANYBODY not in found.get("security", [])),
    )


def _body_parameters(found: dict[str, Any], schemas: dict[str, Any]) -> list[ApiParameter]:
    content = found.get("requestBody", {}).get("content", {}).get("application/json")
    if not content:
        return []
    schema = schemas[content["schema"]["$ref"].rsplit("/", 1)[-1]]
    required = schema.get("required", [])
    return [
        ApiParameter(name, "body", name in required, _type_name(value), value.get("description", ""))
        for name, value in schema["properties"].items()
    ]


def _type_name(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        names = [_type_name(one) for one in schema["anyOf"]]
        return " | ".join(name for name in names if name != "null")
    reference = schema.get("$ref") or (schema.get("allOf") or [{}])[0].get("$ref")
    if reference:
        return str(reference.rsplit("/", 1)[-1])
    if schema.get("type") == "array":
        return f"{_type_name(schema.get('items', {}))}[]"
    return str(schema.get("type", ""))


EXAMPLE_BODIES = {
    ("post", "/api/v1/feedback"): '{"article_id": "KB-0042", "event": "helpful"}',
    (
        "post",
        "/api/v1/articles",
    ): '{"markdown": "---\\ntitle: 打印机脱机\\n---\\n\\n## 解决步骤\\n\\n1. 重启打印服务。\\n"}',
    (
        "put",
        "/api/v1/articles/{article_id}",
    ): '{"markdown": "---\\ntitle: 打印机脱机\\n---\\n\\n正文\\n", "reason": "补充"}',
    ("post", "/api/v1/articles/{article_id}/{action}"): '{"reason": "补充"}',
}
"""Bodies that work, for the curl commands of the API's page."""


def _example(method: str, path: str, parameters: list[ApiParameter], *, needs_token: bool) -> str:
    token = " -H 'Authorization: Bearer kb_…'" if needs_token else ""
    address = base_url() + path.replace("{article_id}", "KB-0042").replace("{action}", "submit")
    if (method, path) in EXAMPLE_BODIES:
        match = " -H 'If-Match: \"3-5f2c…-internal\"'" if method == "put" else ""
        body = EXAMPLE_BODIES[method, path]
        return f"curl -X {method.upper()} '{address}'{token}{match} -H 'Content-Type: application/json' -d '{body}'"
    if any(parameter.name == "q" for parameter in parameters):
        return f"curl -G '{address}'{token} --data-urlencode 'q=outlook 收不到邮件'"
    return f"curl '{address}'{token}"
