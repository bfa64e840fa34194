from __future__ import annotations

from pathlib import Path

import pytest

from indexer.articles import Audience
from kbserver.domain.reader import Reader
from kbserver.errors import NotFound
from kbserver.services.articles import ArticleService
from kbserver.services.container import Services
from kbserver.services.importing import ArticleImporter
from kbserver.store.database import Database
from tests.kbserver.articles import markdown, write

STAFF, PUBLIC = Reader(Audience.INTERNAL), Reader(Audience.PUBLIC)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
BODY = """## 现象

见[内部文章](内部.md)。![图](img/a.png) ![外](../外.png) ![矢量](img/a.svg)

## 解决步骤

1. 重启
```
## 不是标题
```

## 验证

正常
"""


@pytest.fixture
def articles(database: Database, clock, article_folder: Path, services: Services) -> ArticleService:
    write(article_folder, "mail/公开.md", markdown("KB-0001", body=BODY, audience="public"))
    write(article_folder, "mail/内部.md", markdown("KB-0002", title="内部", audience="internal"))
    for name in ("mail/img/a.png", "mail/img/hidden.png", "外.png"):
        (article_folder / name).parent.mkdir(exist_ok=True)
        (article_folder / name).write_bytes(PNG)
    (article_folder / "mail/img/a.svg").write_text("<svg onload=alert(1)>")
    ArticleImporter(database, clock, article_folder, reviews_files=False).import_folder()
    return services.articles


def test_a_link_leads_only_where_the_reader_may_go(articles: ArticleService) -> None:
    view = articles.get(PUBLIC, "KB-0001")

    assert 'href="/articles/KB-0002"' in articles.render(view, STAFF).html
    assert "KB-0002" not in articles.render(view, PUBLIC).html


def test_without_a_reader_a_link_leads_only_where_all_readers_of_the_article_may_go(
    articles: ArticleService,
) -> None:
    assert "KB-0002" not in articles.render(articles.get(STAFF, "KB-0001")).html


def test_a_picture_that_the_text_shows_is_given(articles: ArticleService) -> None:
    image = articles.file(PUBLIC, "KB-0001", "mail/img/a.png")

    assert (image.data, image.content_type) == (PNG, "image/png")


@pytest.mark.parametrize(
    "name",
    [
        "mail/img/hidden.png",
        "mail/img/a.svg",
        "mail/公开.md",
        "../secret.png",
        "/etc/passwd",
        "",
        "mail/img/../img/a.png",
    ],
)
def test_any_other_file_is_not_given(articles: ArticleService, name: str) -> None:
    with pytest.raises(NotFound):
        articles.file(STAFF, "KB-0001", name)


def test_a_picture_that_is_a_link_is_not_followed(
    articles: ArticleService, article_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.png").write_bytes(PNG)
    (article_folder / "mail/img/a.png").unlink()
    (article_folder / "mail/img/a.png").symlink_to(tmp_path / "secret.png")

    with pytest.raises(NotFound):
        articles.file(STAFF, "KB-0001", "mail/img/a.png")


def test_a_picture_that_is_none_is_not_given(articles: ArticleService, article_folder: Path) -> None:
    (article_folder / "mail/img/a.png").write_text("<html>")

    with pytest.raises(NotFound):
        articles.file(STAFF, "KB-0001", "mail/img/a.png")


def test_steps_are_the_text_of_their_section(articles: ArticleService) -> None:
    view = articles.get(STAFF, "KB-0001")

    assert articles.steps(view) == "1. 重启\n```\n## 不是标题\n```"
