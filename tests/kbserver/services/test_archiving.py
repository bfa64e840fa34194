from __future__ import annotations

import pytest

from indexer.articles import Audience
from kbserver.domain.articles import Stage
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.domain.review import InvalidTransition
from kbserver.errors import InvalidInput, NotAllowed, NotFound
from kbserver.services.articles import ArticleArchived
from kbserver.services.container import Services
from kbserver.services.importing import ArticleImporter
from kbserver.services.publication import OutdatedText
from kbserver.store.articles import standing
from kbserver.store.database import Database
from tests.kbserver.articles import markdown, write

People = dict[Role, Reader]
PUBLIC = Reader(Audience.PUBLIC)


@pytest.fixture
def successors(published: str, database: Database, clock, article_folder) -> None:
    """Two more articles: KB-0008 for everybody, KB-0009 for the house."""
    write(article_folder, "a.md", markdown("KB-0008", "甲", audience="public"))
    write(article_folder, "b.md", markdown("KB-0009", "乙", audience="internal"))
    ArticleImporter(database, clock, article_folder, reviews_files=False).import_folder()


def successor_for(services: Services, reader: Reader, article_id: str) -> str:
    with pytest.raises(ArticleArchived) as raised:
        services.articles.get(reader, article_id)
    return raised.value.successor


def test_an_archived_article_is_gone_for_those_who_could_see_it(
    services: Services, people: People, published: str
) -> None:
    services.archive.archive(people[Role.REVIEWER], published, "不再支持")

    assert successor_for(services, PUBLIC, published) == ""


def test_an_archived_article_was_never_there_for_those_who_could_not(
    services: Services, people: People, successors: None
) -> None:
    services.archive.archive(people[Role.REVIEWER], "KB-0009", "不再支持")

    with pytest.raises(NotFound) as raised:
        services.articles.get(PUBLIC, "KB-0009")
    assert not isinstance(raised.value, ArticleArchived)


def test_readers_are_sent_to_the_article_that_took_its_place(
    services: Services, people: People, published: str, successors: None
) -> None:
    services.archive.archive(people[Role.REVIEWER], published, "合并", "KB-0008")

    assert successor_for(services, PUBLIC, published) == "KB-0008"


def test_readers_are_not_told_of_a_successor_that_they_may_not_see(
    services: Services, people: People, published: str, successors: None
) -> None:
    services.archive.archive(people[Role.REVIEWER], published, "合并", "KB-0009")

    assert successor_for(services, PUBLIC, published) == ""
    assert successor_for(services, people[Role.READER], published) == "KB-0009"


def test_a_chain_of_successors_is_followed(
    services: Services, people: People, published: str, successors: None
) -> None:
    services.archive.archive(people[Role.REVIEWER], published, "合并", "KB-0008")
    services.archive.archive(people[Role.REVIEWER], "KB-0008", "合并", "KB-0009")

    assert successor_for(services, people[Role.READER], published) == "KB-0009"


@pytest.mark.parametrize("successor", ["KB-0007", "KB-9999", "../x", "x" * 5000])
def test_only_another_published_article_can_take_its_place(
    services: Services, people: People, published: str, successor: str
) -> None:
    with pytest.raises(InvalidInput):
        services.archive.archive(people[Role.REVIEWER], published, "合并", successor)


def test_a_reason_is_needed(services: Services, people: People, published: str) -> None:
    with pytest.raises(InvalidInput):
        services.archive.archive(people[Role.REVIEWER], published, " ")


def test_an_engineer_may_not_archive(services: Services, people: People, published: str) -> None:
    with pytest.raises(NotAllowed):
        services.archive.archive(people[Role.ENGINEER], published, "旧")


def test_archiving_twice_is_no_step(services: Services, people: People, published: str) -> None:
    services.archive.archive(people[Role.REVIEWER], published, "旧")

    with pytest.raises(InvalidTransition):
        services.archive.archive(people[Role.REVIEWER], published, "旧")


def test_an_article_that_changed_since_it_was_seen_is_not_archived(
    services: Services, people: People, published: str
) -> None:
    with pytest.raises(OutdatedText):
        services.archive.archive(people[Role.REVIEWER], published, "旧", revision=7)


def test_a_restored_article_has_its_text_its_trust_and_its_file(
    services: Services, people: People, published: str, successors: None, database: Database
) -> None:
    before = services.articles.get(PUBLIC, published)
    services.archive.archive(people[Role.REVIEWER], published, "旧", "KB-0008")

    number = services.archive.restore(people[Role.REVIEWER], published)

    after = services.articles.get(PUBLIC, published)
    with database.read() as session:
        stands = standing(session, published)
    assert (number, after.markdown, after.summary.state) == (2, before.markdown, before.summary.state)
    assert (stands.stage, stands.path, stands.superseded_by) == (Stage.PUBLISHED, "printer.md", "")
