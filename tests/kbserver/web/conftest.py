"""A site with articles for each audience, imported and indexed."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kbserver.services.importing import ArticleImporter
from kbserver.services.indexing import IndexConsumer
from kbserver.store.database import Database
from tests.fakes import FakeIndex
from tests.kbserver.articles import markdown, write

ARTICLES = {
    "printer.md": markdown(
        "KB-0001",
        "打印机 脱机",
        audience="public",
        category="打印/共享",
        product="[Windows]",
        tags="[打印]",
        owner="zhang.wei",
        source_tickets="[T-1]",
    ),
    "outlook.md": markdown("KB-0002", "Outlook 收不到邮件", audience="customer", category="邮件", product="[Outlook]"),
    "admin.md": markdown(
        "KB-0003", "管理员 打印机 zanzibarcanary", audience="internal", category="内部", product="[Secretix]"
    ),
    "vpn.md": markdown("KB-0004", "VPN printer setup", audience="public", lang="en", category="网络"),
}


@pytest.fixture
def importer(database: Database, clock, article_folder: Path) -> ArticleImporter:
    return ArticleImporter(database, clock, article_folder, reviews_files=False)


@pytest.fixture
def filled(
    client: FlaskClient,
    importer: ArticleImporter,
    article_folder: Path,
    database: Database,
    index: FakeIndex,
) -> FlaskClient:
    """A client of a site with `ARTICLES`."""
    for name, text in ARTICLES.items():
        write(article_folder, name, text)
    importer.import_folder()
    IndexConsumer(database, index).catch_up()
    return client
