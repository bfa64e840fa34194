from __future__ import annotations

import pytest

from indexer.articles import ArticleType
from kbserver.domain.articles import Stage
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.errors import InvalidInput, NotAllowed, NotFound, SignInRequired, TooLarge
from kbserver.services.container import Services
from kbserver.services.drafts import StaleDraft
from tests.kbserver.articles import markdown

People = dict[Role, Reader]


def test_a_new_draft_gets_an_id_that_nothing_else_has(services: Services, people: People, published: str) -> None:
    first = services.drafts.create(people[Role.AGENT], markdown(title="甲"))
    second = services.drafts.create(people[Role.AGENT], markdown(title="乙"))

    assert (first.article_id, second.article_id) == ("KB-0008", "KB-0009")
    assert (first.stage, first.version, first.base_revision, first.title) == (Stage.DRAFT, 1, 0, "甲")


def test_editing_an_article_begins_from_its_published_text(services: Services, people: People, published: str) -> None:
    draft = services.drafts.edit(people[Role.ENGINEER], published)

    assert (draft.base_revision, draft.path, draft.author) == (1, "printer.md", "engineer")
    assert services.drafts.edit(people[Role.ENGINEER], published) == draft
    assert services.drafts.edit(people[Role.REVIEWER], published).id != draft.id


def test_a_save_grows_the_version(services: Services, people: People) -> None:
    draft = services.drafts.create(people[Role.ENGINEER], "")

    saved = services.drafts.save(people[Role.ENGINEER], draft.id, 1, markdown(title="新"))

    assert (saved.version, saved.title) == (2, "新")


def test_a_save_under_an_old_version_overwrites_nothing_and_gives_the_newer_text(
    services: Services, people: People
) -> None:
    draft = services.drafts.create(people[Role.ENGINEER], "")
    services.drafts.save(people[Role.ENGINEER], draft.id, 1, "# 第一\n")

    with pytest.raises(StaleDraft) as raised:
        services.drafts.save(people[Role.REVIEWER], draft.id, 1, "# 第二\n")

    assert raised.value.current.markdown == "# 第一\n"
    assert services.drafts.get(people[Role.ENGINEER], draft.id).markdown == "# 第一\n"


def test_a_reader_may_not_write(services: Services, people: People) -> None:
    with pytest.raises(NotAllowed):
        services.drafts.create(people[Role.READER], "# x")


def test_somebody_who_has_not_signed_in_is_asked_to(services: Services, people: People) -> None:
    with pytest.raises(SignInRequired):
        services.drafts.create(Reader(people[Role.READER].audience), "# x")


@pytest.mark.parametrize(("role", "sees"), [(Role.READER, False), (Role.AGENT, False), (Role.ENGINEER, True)])
def test_others_drafts_are_there_for_engineers_only(services: Services, people: People, role: Role, sees: bool) -> None:
    draft = services.drafts.create(people[Role.REVIEWER], "# x")

    if sees:
        assert services.drafts.get(people[role], draft.id) == draft
    else:
        with pytest.raises(NotFound):
            services.drafts.get(people[role], draft.id)


@pytest.mark.parametrize(
    ("text", "error"),
    [("a\0b", InvalidInput), ("\ud800", InvalidInput), ("长" * 400_000, TooLarge)],
    ids=["NUL", "lone surrogate", "too long"],
)
def test_a_text_that_cannot_be_kept_is_refused(
    services: Services, people: People, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        services.drafts.create(people[Role.ENGINEER], text)


def test_saving_the_same_text_again_is_no_new_version(services: Services, people: People) -> None:
    draft = services.drafts.create(people[Role.ENGINEER], "# x\n")

    assert services.drafts.save(people[Role.ENGINEER], draft.id, 1, "# x\r\n").version == 1
    saved = services.drafts.save(people[Role.ENGINEER], draft.id, 1, "# x\n", reason=" 改了\n一步 ")
    assert (saved.version, saved.reason) == (2, "改了 一步")


def test_a_save_whose_answer_was_lost_may_be_repeated(services: Services, people: People) -> None:
    draft = services.drafts.create(people[Role.ENGINEER], "# x\n")
    saved = services.drafts.save(people[Role.ENGINEER], draft.id, 1, "# y\n")

    assert services.drafts.save(people[Role.ENGINEER], draft.id, 1, "# y\n") == saved


def test_a_save_says_who_saved(services: Services, people: People) -> None:
    draft = services.drafts.create(people[Role.AGENT], "# x\n")

    saved = services.drafts.save(people[Role.ENGINEER], draft.id, 1, "# y\n")

    assert (draft.updated_by, saved.updated_by, saved.author) == ("agent", "engineer", "agent")


def test_a_new_article_begun_twice_and_left_alone_is_one_draft(services: Services, people: People) -> None:
    first = services.drafts.begin(people[Role.AGENT], ArticleType.FAQ, "zh")

    assert services.drafts.begin(people[Role.AGENT], ArticleType.FAQ, "zh") == first
    assert services.drafts.begin(people[Role.AGENT], ArticleType.FAQ, "en").id != first.id
    assert services.drafts.begin(people[Role.REVIEWER], ArticleType.FAQ, "zh").id != first.id


def test_the_own_draft_of_an_article_is_found(services: Services, people: People, published: str) -> None:
    assert services.drafts.own(people[Role.ENGINEER], published) is None

    draft = services.drafts.edit(people[Role.ENGINEER], published)

    assert services.drafts.own(people[Role.ENGINEER], published) == draft
    assert services.drafts.own(people[Role.REVIEWER], published) is None
