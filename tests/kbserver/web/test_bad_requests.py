"""RELIABILITY (e), rows Q, P, I and H: never a 5xx, always a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kbserver.config import load_settings

OWN_QUERIES = json.loads((Path(__file__).parents[2] / "data/attacks/queries.json").read_text(encoding="utf-8"))


def vectors_folder() -> Path:
    return load_settings().eval_data / "vectors"


def strings_in(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings_in(item)]
    return [text for item in value for text in strings_in(item)] if isinstance(value, list) else []


def attack_strings() -> list[str]:
    """Every string of the vectors folder: JSON values, lines of text files, whole payload files."""
    found: list[str] = []
    for path in sorted(vectors_folder().rglob("*")):
        if not path.is_file() or path.suffix == ".csv":
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += strings_in(json.loads(text)) if path.suffix == ".json" else text.splitlines()
        found += [text] if path.parent.name == "patt_files" else []
    return list(dict.fromkeys(found))


def assert_sane(response) -> None:
    assert response.status_code in (200, 400, 404, 413, 414), response.get_data(as_text=True)[:300]
    if response.status_code >= 400:
        assert response.mimetype == "application/problem+json"
        assert response.get_json()["detail"]


@pytest.mark.parametrize("text", OWN_QUERIES.values(), ids=OWN_QUERIES.keys())
@pytest.mark.parametrize("address", ["/api/v1/search", "/api/v1/typeahead"])
@pytest.mark.parametrize("has_index", [True, False], ids=["index", "titles only"])
def test_an_odd_query_is_just_text(filled: FlaskClient, index, address: str, text: str, has_index: bool) -> None:
    index.is_available = has_index

    response = filled.get(address, query_string={"q": text})

    assert response.status_code == 200


def test_every_known_attack_string_is_just_text(filled: FlaskClient) -> None:
    if not vectors_folder().is_dir():
        pytest.skip(f"no attack strings at {vectors_folder()}")
    texts = attack_strings()

    for text in texts:
        assert_sane(filled.get("/api/v1/search", query_string={"q": _encodable(text)}))

    assert len(texts) > 2000


def test_every_known_attack_string_is_no_article(filled: FlaskClient) -> None:
    if not vectors_folder().is_dir():
        pytest.skip(f"no attack strings at {vectors_folder()}")

    for text in attack_strings()[::7]:
        response = filled.get(f"/api/v1/articles/{_encodable(text)[:300]}")
        assert response.status_code in (200, 308, 400, 404, 405), text


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@pytest.mark.parametrize(
    "query",
    [
        "q=" + "x" * 513,
        "q=" + "%E6%89%93" * 513,
        "q=" + "x" * 20_000,
        "q=" + "a+" * 100,
        "q=%ED%A0%80",
        "q=%C0%AF",
        "q=%FF%FE",
        "q=%E6%89",
        "q=a&q=b",
        "q[]=a",
        "q[$ne]=",
        "q=a&unknown=1",
        "q=a&mode=magic",
        "q=a&mode=",
        "q=a&lang=../../etc",
        "q=a&audience=everyone",
        "q=a&debug=perhaps",
        "q=a&product=" + "x" * 201,
        "q=a&" + "&".join(f"tag={n}" for n in range(21)),
        *(f"q=a&limit={value}" for value in ("0", "-1", "51", "1e9", "1.5", "abc", "0x10", "１", "", "1_0", "%201")),
        *(f"q=a&cursor={value}" for value in ("x", "AAAA", "%00", "é", "A" * 3000, "=" * 8)),
    ],
)
def test_a_search_that_cannot_be_understood_is_refused_in_a_sentence(filled: FlaskClient, query: str) -> None:
    response = filled.get(f"/api/v1/search?{query}")

    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert response.get_json()["detail"]


@pytest.mark.parametrize(
    "query",
    [
        *(f"page={value}" for value in ("0", "-1", "1000000000", "1.5", "abc", "0x10", "１", "10001")),
        *(f"limit={value}" for value in ("0", "1000000")),
        "order=secret",
        "order=title;drop",
        "category=a&category=b",
        "state=draft",
        "stage=draft",
    ],
)
def test_a_list_that_cannot_be_understood_is_refused_in_a_sentence(filled: FlaskClient, query: str) -> None:
    response = filled.get(f"/api/v1/articles?{query}")

    assert (response.status_code, response.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize(
    "article_id",
    [
        "0",
        "-1",
        "9223372036854775808",
        "18446744073709551616",
        "1e3",
        "%201",
        "1%00",
        "00000000-0000-0000-0000-000000000000",
        "x" * 10_000,
        "KB-0001%2F..%2F..",
        "..%2f..%2fetc%2fpasswd",
        "%252e%252e%252f",
        "kb-0001%20",
        "KB-0001.",
        "KB-0001.md.md",
        "%E6%89",
    ],
)
@pytest.mark.parametrize("suffix", ["", ".md", "/revisions"])
def test_an_id_that_is_none_is_not_found(filled: FlaskClient, article_id: str, suffix: str) -> None:
    response = filled.get(f"/api/v1/articles/{article_id}{suffix}")

    assert response.status_code in (400, 404)
    assert response.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "evil.example:80", "127.0.0.1.evil", "a b", "local\thost"],
)
def test_a_foreign_host_name_is_refused(filled: FlaskClient, host: str) -> None:
    assert filled.get("/api/v1/search?q=a", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"])
def test_the_site_s_own_names_are_taken(filled: FlaskClient, host: str) -> None:
    assert filled.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For"])
def test_a_forwarding_header_does_not_change_links(filled: FlaskClient, header: str) -> None:
    text = filled.get("/opensearch.xml", headers={header: "evil.example"}).text

    assert "evil.example" not in text


@pytest.mark.parametrize("method", ["TRACE", "POST", "DELETE", "PATCH", "search"])
def test_a_method_that_the_address_does_not_take_is_named_so(filled: FlaskClient, method: str) -> None:
    response = filled.open("/api/v1/articles/KB-0001", method=method, json={})

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_a_method_cannot_be_overridden(filled: FlaskClient) -> None:
    response = filled.get("/api/v1/articles", headers={"X-HTTP-Method-Override": "DELETE"})

    assert response.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "*/*;q=abc"},
        {"Accept-Language": "zh," * 3000},
        {"Accept-Language": "\x7f;q=nan, ***"},
        {"Range": "bytes=" + ",".join(["0-"] * 1000)},
        {"If-None-Match": '"' * 5000},
        {"Cookie": "; ".join(f"a{n}=1" for n in range(1000))},
        {"Cookie": "lang=../../x"},
        {"User-Agent": "<script>=cmd"},
        {"Content-Length": "abc"},
        {"Authorization": "Basic !!!"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_odd_headers_are_borne(filled: FlaskClient, headers: dict[str, str]) -> None:
    assert filled.get("/api/v1/articles/KB-0001", headers=headers).status_code in (200, 416)


@pytest.mark.parametrize("address", ["/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/search/"])
def test_an_unknown_address_of_the_api_is_a_problem_in_json(filled: FlaskClient, address: str) -> None:
    response = filled.get(address)

    assert (response.status_code, response.mimetype) == (404, "application/problem+json")


def test_an_unexpected_failure_tells_nothing_of_its_cause(
    filled: FlaskClient, index, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(index, "search", fail)

    response = filled.get("/api/v1/search?q=a")

    assert (response.status_code, response.mimetype) == (500, "application/problem+json")
    assert "secret" not in response.text


@pytest.mark.parametrize(
    "header",
    ["Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options"],
)
@pytest.mark.parametrize("address", ["/api/v1/articles", "/nothing", "/healthz"])
def test_every_answer_has_the_security_headers(filled: FlaskClient, address: str, header: str) -> None:
    assert header in filled.get(address).headers
