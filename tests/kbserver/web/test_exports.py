"""Articles to take away, as an archive and on paper."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kbserver.domain.limits import MAX_COLLECTION_ARTICLES
from kbserver.services import exporting
from tests.kbserver.articles import markdown, write

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
OUTSIDE = {"X-Forwarded-For": "203.0.113.9"}


@pytest.fixture
def illustrated(filled: FlaskClient, importer, article_folder: Path) -> FlaskClient:
    """An article with a picture that is there, one that is missing, and one that is none."""
    (article_folder / "mail" / "img").mkdir(parents=True)
    (article_folder / "mail" / "img" / "x.png").write_bytes(PNG)
    (article_folder / "mail" / "img" / "fake.png").write_bytes(b"<svg onload=alert(1)>")
    body = "正文 ![a](img/x.png) ![b](img/missing.png) ![c](img/fake.png) ![d](../../secret_key)"
    write(article_folder, "mail/pictures.md", markdown("KB-0010", "带图", body, audience="public", category="邮件"))
    importer.import_folder()
    return filled


def archive(client: FlaskClient, query: str, **headers: str) -> zipfile.ZipFile:
    answer = client.get(f"/export?{query}", headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    return zipfile.ZipFile(io.BytesIO(answer.data))


def test_an_article_comes_with_its_pictures(illustrated: FlaskClient) -> None:
    found = archive(illustrated, "id=KB-0010")

    assert sorted(found.namelist()) == ["mail/img/x.png", "mail/pictures.md"]
    assert found.read("mail/img/x.png") == PNG
    assert found.testzip() is None


def test_a_selection_comes_in_one_archive(filled: FlaskClient) -> None:
    assert sorted(archive(filled, "id=KB-0001&id=KB-0002").namelist()) == ["outlook.md", "printer.md"]


def test_a_category_comes_whole(illustrated: FlaskClient) -> None:
    names = archive(illustrated, "category=邮件").namelist()

    assert sorted(names) == ["mail/img/x.png", "mail/pictures.md", "outlook.md"]


def test_readers_outside_get_what_they_may_see_without_the_header(filled: FlaskClient) -> None:
    found = archive(filled, "id=KB-0001&id=KB-0003", **OUTSIDE)

    assert found.namelist() == ["printer.md"]
    assert "source_tickets" not in found.read("printer.md").decode()


def test_a_picture_that_several_articles_show_comes_once(
    illustrated: FlaskClient, importer, article_folder: Path
) -> None:
    write(article_folder, "mail/more.md", markdown("KB-0011", "也带图", "![a](img/x.png)", category="邮件"))
    importer.import_folder()

    assert archive(illustrated, "id=KB-0010&id=KB-0011").namelist().count("mail/img/x.png") == 1


def test_pictures_beyond_the_limit_are_named_and_left_out(
    illustrated: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MAX_EXPORT_BYTES", 10)

    found = archive(illustrated, "id=KB-0010")

    assert found.read(exporting.LEFT_OUT).decode() == "mail/img/x.png\n"


@pytest.mark.parametrize("path", ["/export", "/export/print"])
@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("id=KB-9999", 404), ("category=没有", 404), ("id=" + "x" * 500, 400)],
    ids=["nothing chosen", "unknown", "empty category", "long"],
)
def test_what_cannot_be_exported_is_said_in_words(path: str, query: str, status: int, filled: FlaskClient) -> None:
    assert filled.get(f"{path}?{query}").status_code == status


def test_too_many_articles_are_refused_before_anything_is_sent(filled: FlaskClient) -> None:
    many = "&".join(f"id=KB-{number}" for number in range(MAX_COLLECTION_ARTICLES + 1))

    assert filled.get(f"/export/print?{many}").status_code == 413


def test_paper_shows_address_and_revision(filled: FlaskClient) -> None:
    page = filled.get("/articles/KB-0001/print", headers={"Accept-Language": "zh"}).text

    assert "http://localhost/articles/KB-0001" in page
    assert "第 1 版" in page


def test_a_collection_begins_with_its_contents(filled: FlaskClient) -> None:
    page = filled.get("/export/print?id=KB-0002&id=KB-0001").text

    assert page.index('href="#article-KB-0002"') < page.index('href="#article-KB-0001"')
    assert page.index('href="#article-KB-0001"') < page.index('id="article-KB-0002"')


@pytest.mark.parametrize("path", ["/articles/KB-0003/print", "/export/print?id=KB-0003", "/export?id=KB-0003"])
def test_paper_holds_nothing_that_its_reader_may_not_see(path: str, filled: FlaskClient) -> None:
    answer = filled.get(path, headers=OUTSIDE)

    assert answer.status_code == 404
    assert b"zanzibarcanary" not in answer.data


def test_results_can_be_chosen(filled: FlaskClient) -> None:
    for path in ("/search?q=打印机", "/browse"):
        page = filled.get(path).text
        assert 'name="id" value="KB-0001" form="export-form"' in page
        assert 'formaction="/export/print"' in page
