from __future__ import annotations

from datetime import UTC, datetime

import pytest

from indexer.articles import Article, ArticleType, Audience, TrustState
from kbserver.domain.articles import ArticleSummary, ArticleView, RevisionInfo, Stage
from kbserver.domain.excerpt import excerpt_of
from kbserver.domain.outside import revision_for, view_for
from kbserver.domain.permissions import Right, Role
from kbserver.domain.reader import Reader

AT = datetime(2026, 9, 1, tzinfo=UTC)
BODY = "脱机。\n\n## 处理 {internal}\n\n口令 zanzibar\n\n## 验证\n\n打印"
OUTSIDE = [Reader(Audience.CUSTOMER), Reader(Audience.PUBLIC)]


def view(body: str = BODY) -> ArticleView:
    article = Article("KB-1", "打印机", body, audience=Audience.PUBLIC, owner="zhang.wei", source_tickets=("T-1",))
    summary = ArticleSummary(
        article.id, article.title, ArticleType.SOLUTION, "", {}, article.audience, "zh",
        TrustState.VALIDATED, Stage.PUBLISHED, article.owner, 3, AT,
    )  # fmt: skip
    return ArticleView(summary, article, f"---\nowner: zhang.wei\n---\n{body}", "f" * 64, "a.md", AT)


@pytest.mark.parametrize("reader", OUTSIDE)
def test_outside_an_article_has_neither_internal_parts_nor_names(reader: Reader) -> None:
    found = view_for(reader, view())

    assert found.article.body == "脱机。\n\n## 验证\n\n打印"
    assert found.markdown == "# 打印机\n\n脱机。\n\n## 验证\n\n打印\n"
    assert (found.article.owner, found.article.source_tickets, found.summary.owner) == ("", (), "")


@pytest.mark.parametrize("reader", OUTSIDE)
def test_outside_the_hash_is_that_of_the_text_given(reader: Reader) -> None:
    """A hash of the whole would tell when the internal part changes, and confirm a guess of it."""
    found, other = view_for(reader, view()), view_for(reader, view(BODY.replace("zanzibar", "okapi")))

    assert found.sha256 == other.sha256 != view().sha256


def test_the_house_gets_the_article_as_it_is() -> None:
    assert view_for(Reader(Audience.INTERNAL), view()) == view()


@pytest.mark.parametrize("reader", OUTSIDE)
def test_outside_a_revision_is_a_number_and_a_time(reader: Reader) -> None:
    revision = RevisionInfo(3, "f" * 64, "zhang.wei", "口令换了", AT, True, "li.na", "human")

    assert revision_for(reader, revision) == RevisionInfo(3, "", "", "", AT, True)


def test_an_excerpt_holds_nothing_internal() -> None:
    assert excerpt_of("## 处理 {internal}\n\nzanzibar\n\n## 验证\n\n打印") == "打印"


@pytest.mark.parametrize("right", sorted(set(Right) - {Right.FLAG, Right.SUBSCRIBE}))
def test_who_does_not_see_whole_articles_has_no_part_in_the_work_on_them(right: Right) -> None:
    assert Reader(Audience.INTERNAL, role=Role.ADMIN).may(right)
    assert not Reader(Audience.CUSTOMER, role=Role.ADMIN, account_id=1).may(right)
