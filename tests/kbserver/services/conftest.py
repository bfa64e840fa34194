"""Articles that are published already."""

from __future__ import annotations

from pathlib import Path

import pytest

from kbserver.services.importing import ArticleImporter
from kbserver.store.database import Database
from tests.kbserver.articles import markdown, write

VALIDATED = markdown(
    "KB-0007",
    "打印机脱机",
    "## 现象\n\n显示脱机。\n\n## 解决步骤\n\n1. 重启 spooler 服务。\n",
    audience="public",
    category="打印/共享",
    state="validated",
    verified_at="2026-08-01",
)


@pytest.fixture
def published(database: Database, clock, article_folder: Path) -> str:
    """The id of a validated article."""
    write(article_folder, "printer.md", VALIDATED)
    ArticleImporter(database, clock, article_folder, reviews_files=False).import_folder()
    return "KB-0007"
