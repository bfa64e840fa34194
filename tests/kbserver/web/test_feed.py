"""The feed: valid Atom of what the reader may see."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from tests.kbserver.articles import markdown, write

ATOM = "{http://www.w3.org/2005/Atom}"
OUTSIDE = {"X-Forwarded-For": "203.0.113.9"}


def ids(client: FlaskClient, path: str = "/feed.atom", **headers: str) -> list[str]:
    root = ElementTree.fromstring(client.get(path, headers=headers).data)
    return sorted(entry.findtext(f"{ATOM}id").rsplit("/", 1)[-1] for entry in root.iter(f"{ATOM}entry"))


def test_it_lists_what_staff_may_see(filled: FlaskClient) -> None:
    assert ids(filled) == ["KB-0001", "KB-0002", "KB-0003", "KB-0004"]


def test_readers_outside_get_what_is_public(filled: FlaskClient) -> None:
    assert ids(filled, **OUTSIDE) == ["KB-0001", "KB-0004"]
    assert b"zanzibarcanary" not in filled.get("/feed.atom", headers=OUTSIDE).data


@pytest.mark.parametrize(
    ("query", "expected"),
    [("category=打印", ["KB-0001"]), ("product=Outlook", ["KB-0002"]), ("category=没有", [])],
)
def test_it_can_be_of_one_category_or_product(query: str, expected: list[str], filled: FlaskClient) -> None:
    assert ids(filled, f"/feed.atom?{query}") == expected


def test_it_is_valid_atom(filled: FlaskClient) -> None:
    answer = filled.get("/feed.atom")

    root = ElementTree.fromstring(answer.data)
    assert answer.mimetype == "application/atom+xml"
    assert root.tag == f"{ATOM}feed"
    assert all(root.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    assert {link.get("rel") for link in root.findall(f"{ATOM}link")} == {"self", "alternate"}
    for entry in root.iter(f"{ATOM}entry"):
        assert all(entry.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
        assert entry.findtext(f"{ATOM}updated").endswith("Z")


def test_what_is_known_already_is_not_sent_again(filled: FlaskClient) -> None:
    first = filled.get("/feed.atom")

    again = filled.get("/feed.atom", headers={"If-None-Match": first.headers["ETag"]})
    since = filled.get("/feed.atom", headers={"If-Modified-Since": first.headers["Last-Modified"]})

    assert (again.status_code, again.data) == (304, b"")
    assert since.status_code == 304


def test_readers_of_different_kinds_have_different_tags(filled: FlaskClient) -> None:
    inside, outside = filled.get("/feed.atom"), filled.get("/feed.atom", headers=OUTSIDE)

    assert inside.headers["ETag"] != outside.headers["ETag"]
    assert "Cookie" in outside.headers["Vary"]


def test_odd_characters_leave_it_valid(filled: FlaskClient, importer, article_folder: Path) -> None:
    write(article_folder, "odd.md", markdown("KB-0009", '"<b>&amp; ]]> 打印"', "正文 \x0b \ufffe <script>"))
    importer.import_folder()

    assert "KB-0009" in ids(filled)


def test_pages_say_where_it_is(filled: FlaskClient) -> None:
    assert '<link rel="alternate" type="application/atom+xml" href="/feed.atom"' in filled.get("/").text
    assert 'href="/feed.atom?category=' in filled.get("/browse?category=打印").text


def test_a_long_filter_is_refused(filled: FlaskClient) -> None:
    assert filled.get("/feed.atom?category=" + "a" * 300).status_code == 400
