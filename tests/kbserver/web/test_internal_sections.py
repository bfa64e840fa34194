"""A customer's article with a section for colleagues, by every way to read it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from kbserver.services.importing import ArticleImporter
from kbserver.services.indexing import IndexConsumer
from tests.kbserver.articles import markdown, write

PROXIED = {"X-Forwarded-For": "203.0.113.9"}
"""Headers of a request that came through a proxy: its reader is a public one."""

BODY = """脱机。

## 后台重建 {internal}

密码 okapicanary，见 ![架构](okapicanary.png)。

### 细节

okapicanary

## 解决步骤

1. 重启 spooler。

!!! internal
    okapicanary

<!-- okapicanary -->"""

ADDRESSES = [
    "/articles/KB-0100",
    "/articles/KB-0100/steps",
    "/api/v1/articles/KB-0100",
    "/api/v1/articles/KB-0100.md",
    "/api/v1/articles/KB-0100/revisions",
    "/api/v1/articles",
    "/browse",
    "/",
]


@pytest.fixture
def house(client: FlaskClient, importer: ArticleImporter, article_folder, database, index) -> FlaskClient:
    """A client that reads from the machine itself, where everything is shown."""
    write(article_folder, "a.md", markdown("KB-0100", "打印机 脱机", BODY, audience="public", owner="zhang.wei"))
    (article_folder / "okapicanary.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    importer.import_folder()
    IndexConsumer(database, index).catch_up()
    return client


@pytest.mark.parametrize("address", ADDRESSES)
def test_outside_nothing_internal_is_shown(house: FlaskClient, address: str) -> None:
    response = house.get(address, headers=PROXIED)

    assert response.status_code == 200
    for word in ("okapicanary", "后台重建", "细节", "internal", "zhang.wei"):
        assert word not in response.text.replace('"audience":"internal"', ""), (address, word)


def test_the_house_sees_it_marked(house: FlaskClient) -> None:
    page = house.get("/articles/KB-0100").text

    assert "okapicanary" in page
    assert '<span class="internal-mark">内部</span>' in page
    assert "okapicanary" in house.get("/api/v1/articles/KB-0100").get_json()["body"]
    assert house.get("/api/v1/articles/KB-0100.md").text.startswith("---\nid: KB-0100")


def test_what_is_copied_into_an_answer_holds_nothing_internal_whoever_copies(house: FlaskClient) -> None:
    assert house.get("/articles/KB-0100/steps").text == "1. 重启 spooler。"


def test_a_picture_that_only_an_internal_part_shows_is_not_there_outside(house: FlaskClient) -> None:
    address = "/articles/KB-0100/files/okapicanary.png"

    assert house.get(address).status_code == 200
    assert house.get(address, headers=PROXIED).status_code == 404


@pytest.mark.parametrize("address", ["/api/v1/articles/KB-0100", "/api/v1/articles/KB-0100.md"])
def test_the_etag_outside_does_not_change_with_the_internal_part(
    house: FlaskClient, importer: ArticleImporter, article_folder, address: str
) -> None:
    inside, outside = house.get(address).headers["ETag"], house.get(address, headers=PROXIED).headers["ETag"]

    assert inside.split("-")[1] != outside.split("-")[1]
    write(
        article_folder,
        "a.md",
        markdown("KB-0100", "打印机 脱机", BODY.replace("密码", "口令"), audience="public", owner="zhang.wei"),
    )
    importer.import_folder()
    assert house.get(address, headers=PROXIED).headers["ETag"].split("-")[1] == outside.split("-")[1]
    assert house.get(address).headers["ETag"].split("-")[1] != inside.split("-")[1]


@pytest.mark.parametrize("title", ["打印机【内部】", '"打印机 {internal}"'])
def test_an_article_whose_title_is_marked_is_internal_as_a_whole(
    house: FlaskClient, importer: ArticleImporter, article_folder, title: str
) -> None:
    write(article_folder, "b.md", markdown("KB-0101", title, audience="public"))
    report = importer.import_folder()

    assert house.get("/articles/KB-0101").status_code == 200
    assert house.get("/articles/KB-0101", headers=PROXIED).status_code == 404
    assert any("内部" in warning.zh for warning in report.warnings)


def test_a_mark_that_hides_nothing_is_named_with_its_line(importer: ArticleImporter, article_folder) -> None:
    write(article_folder, "c.md", markdown("KB-0102", "打印机", "一\n\n**处理【内部】**\n\n密", audience="public"))

    assert [(warning.line, warning.path) for warning in importer.import_folder().warnings] == [(9, "c.md")]
