"""The status page names files that wait between folder and database, to those who may know."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kbserver.domain.permissions import Role
from kbserver.services.importing import ArticleImporter
from tests.kbserver.articles import markdown, write

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def waiting(database, clock, article_folder: Path) -> None:
    """A changed file that waits for review."""
    importer = ArticleImporter(database, clock, article_folder, reviews_files=True)
    write(article_folder, "a.md", markdown("KB-0001"))
    importer.import_folder()
    write(article_folder, "a.md", markdown("KB-0001", title="改过"))
    importer.import_folder()


@pytest.mark.usefixtures("waiting")
class TestWaitingFiles:
    def test_an_engineer_sees_file_reason_and_draft(self, as_role) -> None:
        page = as_role(Role.ENGINEER).get("/status", headers=ENGLISH).text

        assert "<code>a.md</code>" in page
        assert 'href="/drafts/1"' in page
        assert "The file was changed and waits for review." in page

    def test_first_line_sees_the_file_without_a_link(self, as_role) -> None:
        page = as_role(Role.AGENT).get("/status", headers=ENGLISH).text

        assert "<code>a.md</code>" in page
        assert "/drafts/1" not in page

    def test_others_see_only_how_many(self, client: FlaskClient) -> None:
        page = client.get("/status", headers=ENGLISH).text

        assert "Files that wait for a decision" in page
        assert "a.md" not in page


def test_nothing_is_said_when_nothing_waits(client: FlaskClient) -> None:
    assert "Files that wait" not in client.get("/status", headers=ENGLISH).text
