from __future__ import annotations

from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kbserver.web.operations import api_reference
from tests.fakes import FakeIndex

PROXIED = {"X-Forwarded-For": "203.0.113.9"}


def test_the_process_says_that_it_lives(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}


def test_readiness_names_what_is_degraded(client: FlaskClient, index: FakeIndex) -> None:
    index.is_available = False

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.get_json()["degraded"] is True
    assert "no search index" in answer.get_json()["reasons"][0]


def test_readiness_gives_details_to_this_machine_only(client: FlaskClient) -> None:
    assert "details" in client.get("/readyz").get_json()
    assert client.get("/readyz", headers=PROXIED).get_json().keys() == {"status", "degraded"}


def test_a_database_that_does_not_answer_is_not_ready(client: FlaskClient, settings, database) -> None:
    database.close()
    for path in settings.data_dir.glob("kb.sqlite3*"):
        path.unlink()

    assert client.get("/readyz").status_code == 503


def test_metrics_count_requests_by_route(client: FlaskClient) -> None:
    client.get("/api/v1/articles")

    text = client.get("/metrics").text

    assert 'kb_http_requests_total{route="api.list_articles",status="200"} 1.0' in text


@pytest.mark.parametrize(("headers", "address"), [(PROXIED, "127.0.0.1"), ({}, "203.0.113.9")], ids=["proxy", "remote"])
def test_metrics_are_for_this_machine_only(client: FlaskClient, headers: dict[str, str], address: str) -> None:
    response = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})

    assert response.status_code == 404


def test_opensearch_points_to_the_site(client: FlaskClient) -> None:
    root = ElementTree.fromstring(client.get("/opensearch.xml").text)

    urls = [element.get("template") for element in root.iter() if element.tag.endswith("Url")]
    assert urls[0] == "http://localhost/search?q={searchTerms}"


class TestOpenApi:
    def test_the_document_is_openapi_3_1(self, client: FlaskClient) -> None:
        assert client.get("/openapi.json").get_json()["openapi"] == "3.1.0"

    def test_every_route_of_the_api_is_in_it(self, app: Flask, client: FlaskClient) -> None:
        documented = client.get("/openapi.json").get_json()["paths"]
        routes = {
            rule.rule.replace("<string:", "{").replace(">", "}")
            for rule in app.url_map.iter_rules()
            if rule.rule.startswith("/api/v1")
        }

        assert routes == documented.keys()

    def test_every_error_in_it_is_a_problem(self, client: FlaskClient) -> None:
        for path, methods in client.get("/openapi.json").get_json()["paths"].items():
            for operation in methods.values():
                for status, response in operation["responses"].items():
                    if status >= "400":
                        assert list(response["content"]) == ["application/problem+json"], path

    def test_every_reference_leads_somewhere(self, client: FlaskClient) -> None:
        document = client.get("/openapi.json").get_json()
        text = client.get("/openapi.json").text
        named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}

        assert named <= document["components"]["schemas"].keys()

    def test_the_reference_page_s_data_names_every_operation(self, app: Flask) -> None:
        with app.test_request_context():
            reference = api_reference()

        assert {(o.method, o.path) for o in reference.operations} >= {
            ("GET", "/api/v1/search"),
            ("POST", "/api/v1/feedback"),
        }
        assert all(o.summary and o.example and o.responses for o in reference.operations)
