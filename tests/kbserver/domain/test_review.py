from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from indexer.articles import Audience
from kbserver.domain.articles import Stage
from kbserver.domain.drafts import Draft, Origin
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.domain.review import TRANSITIONS, InvalidTransition, ReviewPolicy, Step, checked_step, steps_for
from kbserver.errors import NotAllowed, SignInRequired

AT = datetime(2026, 9, 1, tzinfo=UTC)
AUTHOR_ID = 7
DRAFT = Draft(
    id=1,
    article_id="KB-0001",
    base_revision=0,
    version=1,
    stage=Stage.DRAFT,
    markdown="",
    sha256="",
    title="",
    path="",
    origin=Origin.HUMAN,
    author_id=AUTHOR_ID,
    author="author",
    reviewer_id=None,
    reason="",
    sent_back_reason="",
    created_at=AT,
    updated_at=AT,
    updated_by="author",
    submitted_at=None,
    approved_by="",
    publish_at=None,
    is_validated=False,
    is_by_reviewer=False,
)
S = Step


@dataclass(frozen=True)
class Standing:
    stage: Stage


def somebody(role: Role | None, account_id: int | None = 1) -> Reader:
    return Reader(Audience.INTERNAL, role=role, account_id=account_id, name="somebody")


def program(*scopes: str, account_id: int | None = None, role: Role | None = None) -> Reader:
    return Reader(Audience.INTERNAL, role=role, account_id=account_id, name="token", scopes=frozenset(scopes))


AUTHOR_STEPS = [
    (Role.READER, Stage.DRAFT, set()),
    (Role.AGENT, Stage.DRAFT, {S.SUBMIT, S.DISCARD}),
    (Role.ENGINEER, Stage.DRAFT, {S.SUBMIT, S.DISCARD}),
    (Role.AGENT, Stage.IN_REVIEW, {S.WITHDRAW}),
    (Role.REVIEWER, Stage.IN_REVIEW, {S.WITHDRAW, S.SEND_BACK}),
    (Role.ADMIN, Stage.IN_REVIEW, {S.WITHDRAW, S.SEND_BACK}),
]
OTHERS_STEPS = [
    (None, Stage.DRAFT, set()),
    (Role.READER, Stage.DRAFT, set()),
    (Role.AGENT, Stage.DRAFT, set()),
    (Role.ENGINEER, Stage.DRAFT, {S.SUBMIT, S.DISCARD}),
    (Role.AGENT, Stage.IN_REVIEW, set()),
    (Role.ENGINEER, Stage.IN_REVIEW, {S.WITHDRAW}),
    (Role.REVIEWER, Stage.IN_REVIEW, {S.WITHDRAW, S.SEND_BACK, S.APPROVE}),
    (Role.ADMIN, Stage.IN_REVIEW, {S.WITHDRAW, S.SEND_BACK, S.APPROVE}),
]


@pytest.mark.parametrize(("role", "stage", "expected"), AUTHOR_STEPS)
def test_the_author_s_buttons(role: Role, stage: Stage, expected: set[Step]) -> None:
    reader = somebody(role, AUTHOR_ID)

    assert set(steps_for(reader, replace(DRAFT, stage=stage), ReviewPolicy.BROWSER)) == expected


@pytest.mark.parametrize(("role", "stage", "expected"), OTHERS_STEPS)
def test_the_buttons_of_others(role: Role | None, stage: Stage, expected: set[Step]) -> None:
    assert set(steps_for(somebody(role), replace(DRAFT, stage=stage), ReviewPolicy.BROWSER)) == expected


@pytest.mark.parametrize("role", Role)
def test_only_reviewers_archive_and_restore(role: Role) -> None:
    may = role in (Role.REVIEWER, Role.ADMIN)

    assert steps_for(somebody(role), Standing(Stage.PUBLISHED), ReviewPolicy.BROWSER) == ((S.ARCHIVE,) if may else ())
    assert steps_for(somebody(role), Standing(Stage.ARCHIVED), ReviewPolicy.BROWSER) == ((S.RESTORE,) if may else ())


@pytest.mark.parametrize("policy", ReviewPolicy)
@pytest.mark.parametrize("role", [Role.AGENT, Role.ENGINEER, Role.ADMIN])
def test_people_publish_at_once_only_where_nothing_is_reviewed(policy: ReviewPolicy, role: Role) -> None:
    open_steps = steps_for(somebody(role, AUTHOR_ID), DRAFT, policy)

    assert (S.PUBLISH in open_steps) == (policy is ReviewPolicy.OFF and role is not Role.AGENT)


@pytest.mark.parametrize(
    ("reader", "policy", "may"),
    [
        (program("articles:write"), ReviewPolicy.BROWSER, True),
        (program("articles:write"), ReviewPolicy.ALL, False),
        (program("drafts:write"), ReviewPolicy.OFF, False),
        (program("search:read"), ReviewPolicy.OFF, False),
        (program("articles:write", account_id=AUTHOR_ID, role=Role.REVIEWER), ReviewPolicy.BROWSER, False),
        (program("articles:write", account_id=AUTHOR_ID, role=Role.ENGINEER), ReviewPolicy.OFF, True),
        (program("articles:write", account_id=AUTHOR_ID, role=Role.READER), ReviewPolicy.OFF, False),
    ],
)
def test_a_program_publishes_at_once_where_it_is_trusted(reader: Reader, policy: ReviewPolicy, may: bool) -> None:
    draft = replace(DRAFT, author_id=reader.account_id, author="token", origin=Origin.API)

    assert (S.PUBLISH in steps_for(reader, draft, policy)) == may


def test_a_program_of_nobody_approves_nothing() -> None:
    reader = program("articles:write", "drafts:write")
    draft = replace(DRAFT, stage=Stage.IN_REVIEW, author_id=None, author="token", origin=Origin.API)

    assert steps_for(reader, draft, ReviewPolicy.BROWSER) == (S.WITHDRAW,)


def test_what_came_from_a_folder_may_be_approved_by_any_reviewer() -> None:
    draft = replace(DRAFT, stage=Stage.IN_REVIEW, author_id=None, origin=Origin.FOLDER)

    assert S.APPROVE in steps_for(somebody(Role.REVIEWER), draft, ReviewPolicy.BROWSER)


def test_a_reviewer_who_sees_but_a_part_of_the_articles_sees_no_draft_of_others() -> None:
    reader = replace(somebody(Role.REVIEWER), audience=Audience.CUSTOMER)

    assert steps_for(reader, replace(DRAFT, stage=Stage.IN_REVIEW), ReviewPolicy.BROWSER) == ()


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("step", Step)
def test_a_step_that_is_not_in_the_table_is_refused(stage: Stage, step: Step) -> None:
    admin = somebody(Role.ADMIN)
    subject = replace(DRAFT, stage=stage, author_id=2)

    if (stage, step) in TRANSITIONS:
        assert checked_step(admin, subject, step, ReviewPolicy.OFF) is TRANSITIONS[stage, step]
    else:
        with pytest.raises(InvalidTransition):
            checked_step(admin, subject, step, ReviewPolicy.OFF)


def test_the_author_is_told_that_somebody_else_has_to_approve() -> None:
    with pytest.raises(NotAllowed, match="Somebody else"):
        checked_step(
            somebody(Role.ADMIN, AUTHOR_ID), replace(DRAFT, stage=Stage.IN_REVIEW), Step.APPROVE, ReviewPolicy.BROWSER
        )


def test_somebody_who_has_not_signed_in_is_asked_to() -> None:
    with pytest.raises(SignInRequired):
        checked_step(Reader(Audience.INTERNAL), DRAFT, Step.SUBMIT, ReviewPolicy.BROWSER)
