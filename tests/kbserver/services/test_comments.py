from __future__ import annotations

import pytest

from kbserver.domain.drafts import Draft
from kbserver.domain.limits import MAX_COMMENTS
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.errors import InvalidInput, NotFound
from kbserver.services.container import Services
from tests.kbserver.articles import markdown

People = dict[Role, Reader]


@pytest.fixture
def draft(services: Services, people: People) -> Draft:
    return services.drafts.create(people[Role.AGENT], markdown(title="甲"))


def test_a_comment_keeps_the_passage_it_speaks_of(services: Services, people: People, draft: Draft) -> None:
    services.comments.add(people[Role.REVIEWER], draft.id, "哪个服务？", "重启 spooler 服务")

    found = services.comments.of_draft(people[Role.AGENT], draft.id)
    assert [(c.author, c.quote, c.body, c.is_open) for c in found] == [
        ("reviewer", "重启 spooler 服务", "哪个服务？", True)
    ]


def test_a_comment_is_marked_as_done_and_opened_again(services: Services, people: People, draft: Draft) -> None:
    comment = services.comments.add(people[Role.REVIEWER], draft.id, "哪个服务？")

    assert not services.comments.resolve(people[Role.AGENT], draft.id, comment.id, is_done=True).is_open
    assert services.comments.resolve(people[Role.REVIEWER], draft.id, comment.id, is_done=False).is_open


def test_a_comment_of_another_draft_is_not_found(services: Services, people: People, draft: Draft) -> None:
    other = services.drafts.create(people[Role.AGENT], "x")
    comment = services.comments.add(people[Role.AGENT], other.id, "乙")

    with pytest.raises(NotFound):
        services.comments.resolve(people[Role.AGENT], draft.id, comment.id, is_done=True)


def test_who_does_not_see_the_draft_neither_reads_nor_writes_comments(
    services: Services, people: People, draft: Draft
) -> None:
    hidden = services.drafts.create(people[Role.ENGINEER], "x")

    with pytest.raises(NotFound):
        services.comments.add(people[Role.AGENT], hidden.id, "甲")
    with pytest.raises(NotFound):
        services.comments.of_draft(people[Role.AGENT], hidden.id)


@pytest.mark.parametrize(
    ("body", "quote"), [("", ""), (" \n ", ""), ("x" * 2001, ""), ("x", "y" * 301), ("\ud800", "")]
)
def test_what_cannot_be_kept_is_refused(
    services: Services, people: People, draft: Draft, body: str, quote: str
) -> None:
    with pytest.raises(InvalidInput):
        services.comments.add(people[Role.AGENT], draft.id, body, quote)


def test_there_is_an_end_to_comments(
    services: Services, people: People, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_COMMENTS > 100
    monkeypatch.setattr("kbserver.services.comments.MAX_COMMENTS", 1)
    services.comments.add(people[Role.AGENT], draft.id, "甲")

    with pytest.raises(InvalidInput):
        services.comments.add(people[Role.AGENT], draft.id, "乙")
