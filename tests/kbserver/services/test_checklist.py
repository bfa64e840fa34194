from __future__ import annotations

import pytest
from sqlalchemy import func, select

from indexer.articles import Audience
from kbserver.domain.checklist import Check
from kbserver.domain.drafts import Draft
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.services.checklist import Checked
from kbserver.services.container import Services
from kbserver.services.importing import ArticleImporter
from kbserver.services.indexing import IndexConsumer
from kbserver.store.models import SearchEventRow
from tests.kbserver.articles import markdown, write

People = dict[Role, Reader]


@pytest.fixture
def draft(services: Services, people: People, database, clock, index, article_folder) -> Draft:
    write(article_folder, "hp/printer.md", markdown("KB-0001", "打印机 脱机", audience="public"))
    write(article_folder, "hp/secret.md", markdown("KB-0002", "打印机 zanzibar", audience="internal"))
    ArticleImporter(database, clock, article_folder, reviews_files=False).import_folder()
    IndexConsumer(database, index).catch_up()
    return services.drafts.edit(people[Role.ENGINEER], "KB-0001")


def broken(checked: Checked) -> list[object]:
    return [
        found.values.get("target", "") for item in checked.items if item.check is Check.LINKS for found in item.findings
    ]


def test_articles_alike_are_shown_and_not_the_article_itself(services: Services, people: People, draft: Draft) -> None:
    checked = services.checklist.check(people[Role.ENGINEER], draft, markdown(title="打印机 脱机"))

    assert [near.article.id for near in checked.nearest] == ["KB-0002"]
    assert checked.items[0].findings[0].values["id"] == "KB-0002"


def test_nothing_hidden_from_the_writer_is_called_similar(services: Services, people: People, draft: Draft) -> None:
    narrow = people[Role.ENGINEER].narrowed(Audience.CUSTOMER)

    checked = services.checklist.check(narrow, draft, markdown(title="zanzibar 打印机"))

    assert checked.nearest == ()
    assert checked.items[0].is_ok


def test_a_draft_without_title_and_customers_words_asks_nothing(
    services: Services, people: People, draft: Draft
) -> None:
    assert services.checklist.check(people[Role.ENGINEER], draft, "---\ntype: faq\n---\n\nx\n").nearest == ()


def test_looking_for_what_is_alike_is_no_search_of_the_reader(
    services: Services, people: People, draft: Draft, database
) -> None:
    services.checklist.check(people[Role.ENGINEER], draft, markdown(title="打印机"))

    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(SearchEventRow)) == 0


@pytest.mark.parametrize(
    "target",
    ["secret.md", "../hp/secret.md", "https://a.cn/b", "mailto:a@b.cn", "#h-x", "/articles/KB-0002", "/browse"],
)
def test_a_link_that_leads_somewhere_is_well(services: Services, people: People, draft: Draft, target: str) -> None:
    checked = services.checklist.check(people[Role.ENGINEER], draft, f"# t\n\n[x]({target})\n")

    assert broken(checked) == []


@pytest.mark.parametrize(
    "target",
    [
        "none.md",
        "../../secret.md",
        "https://",
        "http:/a.cn",
        "htp://a.cn",
        "mailto:x",
        "#",
        "",
        "/articles/KB-9",
        "//[",
    ],
)
def test_a_link_that_leads_nowhere_is_named(services: Services, people: People, draft: Draft, target: str) -> None:
    checked = services.checklist.check(people[Role.ENGINEER], draft, f"# t\n\n[x]({target})\n")

    assert broken(checked) == [target]


def test_a_link_to_a_hidden_article_looks_like_one_to_none(services: Services, people: People, draft: Draft) -> None:
    narrow = people[Role.ENGINEER].narrowed(Audience.CUSTOMER)

    assert broken(services.checklist.check(narrow, draft, "# t\n\n[x](secret.md)\n")) == ["secret.md"]


def test_a_long_title_and_many_sentences_are_one_search(services: Services, people: People, draft: Draft) -> None:
    text = markdown(title="长" * 190, issue=f"[{', '.join(['打印机 脱机 ' + str(n) for n in range(150)])}]")

    assert services.checklist.check(people[Role.ENGINEER], draft, text).items


def test_an_index_that_cannot_answer_does_not_stop_the_checks(
    services: Services, people: People, draft: Draft, index
) -> None:
    index.is_available = False

    assert services.checklist.check(people[Role.ENGINEER], draft, markdown(title="打印机")).items
