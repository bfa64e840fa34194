from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.articles import Audience
from kbserver.domain.articles import Stage
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.domain.review import ReviewPolicy
from kbserver.errors import Conflict, InvalidInput, NotAllowed, NotFound, SignInRequired
from kbserver.services.container import Services
from kbserver.services.publication import OutdatedText
from kbserver.services.writing import Wish, WritingService
from kbserver.store.database import Database
from tests.kbserver.articles import markdown

People = dict[Role, Reader]
PROGRAM = Reader(Audience.INTERNAL, name="sync", scopes=frozenset({"articles:write"}))
DRAFTER = replace(PROGRAM, scopes=frozenset({"drafts:write"}))


def etag_of(services: Services, article_id: str) -> set[str]:
    return {services.writing.etag(PROGRAM, article_id)}


def test_a_trusted_program_publishes_at_once(services: Services) -> None:
    moved = services.writing.create(PROGRAM, markdown(title="甲"), "首次")

    info = services.history.get(PROGRAM, moved.article_id).revisions[0]
    assert (moved.revision, info.author, info.approver, info.origin, info.reason) == (1, "sync", "", "api", "首次")


def test_a_program_that_may_only_draft_sends_to_review(services: Services) -> None:
    moved = services.writing.create(DRAFTER, markdown(title="甲"))

    assert (moved.draft.stage, moved.revision) == (Stage.IN_REVIEW, 0)


def test_a_person_s_program_is_reviewed_like_the_person(services: Services, people: People) -> None:
    token = replace(people[Role.REVIEWER], scopes=frozenset({"articles:write"}))

    moved = services.writing.create(token, markdown(title="甲"))

    assert moved.draft.author_id == people[Role.REVIEWER].account_id
    with pytest.raises(NotAllowed):
        services.writing.create(token, markdown(title="乙"), wish=Wish.PUBLISH)


def test_where_files_are_reviewed_programs_are_too(database: Database, clock) -> None:
    writing = WritingService(database, clock, ReviewPolicy.ALL)

    assert writing.create(PROGRAM, markdown(title="甲")).draft.stage is Stage.IN_REVIEW


def test_a_draft_can_be_asked_for(services: Services) -> None:
    assert services.writing.create(PROGRAM, "", wish=Wish.DRAFT).draft.stage is Stage.DRAFT


def test_a_text_written_from_the_current_one_is_published(services: Services, published: str) -> None:
    moved = services.writing.replace(PROGRAM, published, etag_of(services, published), markdown(published, "新"))

    assert moved.revision == 2


def test_a_text_written_from_an_older_one_overwrites_nothing(services: Services, published: str) -> None:
    before = etag_of(services, published)
    services.writing.replace(PROGRAM, published, before, markdown(published, "新"))

    with pytest.raises(OutdatedText) as raised:
        services.writing.replace(PROGRAM, published, before, markdown(published, "旧"))

    assert raised.value.current.revision == 2
    assert services.articles.get(PROGRAM, published).summary.title == "新"


def test_a_second_proposal_waits_until_the_first_is_done(services: Services, published: str) -> None:
    services.writing.replace(DRAFTER, published, etag_of(services, published), markdown(published, "一"))

    with pytest.raises(Conflict):
        services.writing.replace(DRAFTER, published, etag_of(services, published), markdown(published, "二"))


@pytest.mark.parametrize("text", ["", "---\ntitle: [\n---\n", markdown("KB-9999", "别的")])
def test_what_is_no_article_is_neither_published_nor_left_as_a_draft(
    services: Services, published: str, text: str
) -> None:
    for reader in (PROGRAM, DRAFTER):
        with pytest.raises(InvalidInput):
            services.writing.replace(reader, published, etag_of(services, published), text)

    assert services.history.get(PROGRAM, published).current == 1
    assert services.writing.replace(DRAFTER, published, etag_of(services, published), markdown(published, "一")).draft


@pytest.mark.parametrize(
    ("reader", "error"),
    [
        (Reader(Audience.INTERNAL), SignInRequired),
        (replace(PROGRAM, scopes=frozenset({"search:read"})), NotAllowed),
        (replace(PROGRAM, audience=Audience.CUSTOMER), NotAllowed),
    ],
    ids=["nobody", "another scope", "sees but a part"],
)
def test_who_may_not_write_does_not(services: Services, published: str, reader: Reader, error: type[Exception]) -> None:
    with pytest.raises(error):
        services.writing.create(reader, markdown(title="甲"))
    with pytest.raises(error):
        services.writing.replace(reader, published, set(), markdown(title="甲"))


@pytest.mark.parametrize("article_id", ["KB-9999", "", "../x", "x\0", "y" * 5000])
def test_an_article_that_is_not_there_cannot_be_replaced(services: Services, article_id: str) -> None:
    with pytest.raises(NotFound):
        services.writing.replace(PROGRAM, article_id, {"x"}, markdown(title="甲"))


def test_an_archived_article_cannot_be_replaced(services: Services, people: People, published: str) -> None:
    before = etag_of(services, published)
    services.archive.archive(people[Role.REVIEWER], published, "旧")

    with pytest.raises(OutdatedText):
        services.writing.replace(PROGRAM, published, before, markdown(published, "新"))
