from __future__ import annotations

import pytest

from indexer.articles import Audience, TrustState
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.errors import Conflict, InvalidInput, NotAllowed, NotFound, SignInRequired
from kbserver.services.container import Services
from kbserver.services.publication import OutdatedText
from tests.kbserver.services.conftest import VALIDATED

People = dict[Role, Reader]


@pytest.fixture
def changed(services: Services, people: People, published: str) -> str:
    """The id of an article whose second revision has other steps."""
    draft = services.drafts.edit(people[Role.ENGINEER], published)
    text = VALIDATED.replace("重启 spooler 服务", "重启电脑")
    draft = services.drafts.save(people[Role.ENGINEER], draft.id, draft.version, text)
    waiting = services.review.submit(people[Role.ENGINEER], draft.id, draft.version, "更简单").draft
    services.review.approve(people[Role.REVIEWER], draft.id, waiting.version)
    return published


def test_every_revision_is_told_with_author_approver_reason_and_time(
    services: Services, people: People, changed: str
) -> None:
    newest, first = services.history.get(people[Role.READER], changed).revisions

    assert (newest.number, newest.author, newest.approver, newest.reason) == (2, "engineer", "reviewer", "更简单")
    assert (first.number, first.author, first.approver) == (1, "folder", "")
    assert first.created_at < newest.created_at


def test_what_changed_between_two_revisions_is_marked_by_words(
    services: Services, people: People, changed: str
) -> None:
    pair = services.history.compare(people[Role.READER], changed, 1, 2)

    marked = [
        (piece.text, side)
        for row in pair.diff.rows
        for side, line in (("old", row.old), ("new", row.new))
        if line and row.kind == "changed"
        for piece in line.pieces
        if piece.is_changed
    ]
    assert ("电脑", "new") in marked
    assert not any("重启" in text for text, _ in marked)


@pytest.mark.parametrize(("old", "new"), [(1, 9), (0, 1), (-1, 2), (10**30, 1)])
def test_a_revision_that_is_none_is_not_found(
    services: Services, people: People, changed: str, old: int, new: int
) -> None:
    with pytest.raises(NotFound):
        services.history.compare(people[Role.ADMIN], changed, old, new)


def test_readers_outside_see_when_but_neither_texts_nor_names(services: Services, changed: str) -> None:
    reader = Reader(Audience.PUBLIC)

    assert not services.history.get(reader, changed).shows_texts
    with pytest.raises(NotFound):
        services.history.compare(reader, changed, 1, 2)


def test_a_reviewer_goes_back_at_once(services: Services, people: People, changed: str) -> None:
    moved = services.history.restore(people[Role.REVIEWER], changed, 1, 2, "改错了")

    view = services.articles.get(people[Role.READER], changed)
    newest = services.history.get(people[Role.READER], changed).revisions[0]
    assert (moved.revision, "spooler" in view.markdown) == (3, True)
    assert (newest.author, newest.approver, newest.reason) == ("reviewer", "reviewer", "改错了")


def test_an_earlier_validation_does_not_come_back_with_its_text(
    services: Services, people: People, changed: str
) -> None:
    services.history.restore(people[Role.REVIEWER], changed, 1, 2)

    assert services.articles.get(people[Role.READER], changed).summary.state is TrustState.NOT_VALIDATED


def test_others_get_a_draft_of_the_earlier_text(services: Services, people: People, changed: str) -> None:
    moved = services.history.restore(people[Role.ENGINEER], changed, 1, 2)

    assert moved.draft.markdown == VALIDATED
    assert (moved.draft.base_revision, moved.draft.author, moved.revision) == (2, "engineer", 0)


def test_a_second_draft_of_the_same_article_is_not_begun(services: Services, people: People, changed: str) -> None:
    services.drafts.edit(people[Role.ENGINEER], changed)

    with pytest.raises(Conflict):
        services.history.restore(people[Role.ENGINEER], changed, 1, 2)


def test_going_back_from_another_revision_than_was_seen_is_a_conflict(
    services: Services, people: People, changed: str
) -> None:
    with pytest.raises(OutdatedText):
        services.history.restore(people[Role.REVIEWER], changed, 1, 1)


def test_going_back_to_the_current_revision_is_no_step(services: Services, people: People, changed: str) -> None:
    with pytest.raises(InvalidInput):
        services.history.restore(people[Role.REVIEWER], changed, 2, 2)


def test_a_reader_may_not_go_back(services: Services, people: People, changed: str) -> None:
    with pytest.raises(NotAllowed):
        services.history.restore(people[Role.READER], changed, 1, 2)
    with pytest.raises(SignInRequired):
        services.history.restore(Reader(Audience.INTERNAL), changed, 1, 2)


def test_the_history_of_an_archived_article_is_there_for_those_who_may_restore_it(
    services: Services, people: People, changed: str
) -> None:
    services.archive.archive(people[Role.REVIEWER], changed, "旧")

    history = services.history.get(people[Role.REVIEWER], changed)
    assert (history.is_archived, history.may_restore) == (True, False)
    with pytest.raises(NotFound):
        services.history.get(people[Role.ENGINEER], changed)
