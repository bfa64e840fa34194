"""The review workflow: from which stage which step leads where, and who may take it.

One table, read by the page's buttons, the API and the tests. A draft is in stage DRAFT or
IN_REVIEW; an article is PUBLISHED or ARCHIVED. Trust (`state`) is another thing.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from kbserver.domain.articles import Stage
from kbserver.domain.drafts import Draft, is_author, may_see_draft
from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader
from kbserver.errors import N_, Conflict, NotAllowed, SignInRequired


class ReviewPolicy(enum.StrEnum):
    """What has to be reviewed before it is published; the setting KB_REVIEW."""

    OFF = "off"
    BROWSER = "browser"
    """What people write here; files and programs that belong to nobody are trusted."""
    ALL = "all"


class Step(enum.StrEnum):
    """Something that moves a draft or an article on."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    PUBLISH = "publish"
    """Publish without review, where nothing has to be reviewed."""
    DISCARD = "discard"
    ARCHIVE = "archive"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Transition:
    """Where a step leads and what it asks for."""

    target: Stage | None
    """The stage afterwards; None when the draft is gone."""
    right: Right
    needs_reason: bool = False
    by_author: bool | None = None
    """True: only the author or who may edit others' drafts; False: never the author; None: anybody with the right."""


TRANSITIONS: Mapping[tuple[Stage, Step], Transition] = MappingProxyType(
    {
        (Stage.DRAFT, Step.SUBMIT): Transition(Stage.IN_REVIEW, Right.WRITE, by_author=True),
        (Stage.DRAFT, Step.PUBLISH): Transition(Stage.PUBLISHED, Right.PUBLISH, by_author=True),
        (Stage.DRAFT, Step.DISCARD): Transition(None, Right.WRITE, by_author=True),
        (Stage.IN_REVIEW, Step.WITHDRAW): Transition(Stage.DRAFT, Right.WRITE, by_author=True),
        (Stage.IN_REVIEW, Step.SEND_BACK): Transition(Stage.DRAFT, Right.REVIEW, needs_reason=True),
        (Stage.IN_REVIEW, Step.APPROVE): Transition(Stage.PUBLISHED, Right.REVIEW, by_author=False),
        (Stage.PUBLISHED, Step.ARCHIVE): Transition(Stage.ARCHIVED, Right.ARCHIVE, needs_reason=True),
        (Stage.ARCHIVED, Step.RESTORE): Transition(Stage.PUBLISHED, Right.ARCHIVE),
    }
)
"""The whole workflow. PUBLISH out of DRAFT is open only where `may_skip_review`."""


class Subject(Protocol):
    """What moves through the workflow: a draft, or an article."""

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        ...


class InvalidTransition(Conflict):
    """The step does not lead on from where the draft or article stands."""


def transition(stage: Stage, step: Step) -> Transition:
    """What the step does from that stage; raises `InvalidTransition`.

    >>> transition(Stage.DRAFT, Step.SUBMIT).target
    <Stage.IN_REVIEW: 'in_review'>
    """
    found = TRANSITIONS.get((stage, step))
    if found is None:
        raise InvalidTransition(
            N_("This cannot be done at the stage it is at (%(step)s, %(stage)s)."), step=step.value, stage=stage.value
        )
    return found


def may_skip_review(reader: Reader, policy: ReviewPolicy) -> bool:
    """Whether what the reader writes may be published without anybody's approval."""
    trusted = policy is ReviewPolicy.OFF or (reader.is_service and policy is ReviewPolicy.BROWSER)
    return trusted and reader.may(Right.PUBLISH)


def checked_step(reader: Reader, subject: Subject, step: Step, policy: ReviewPolicy) -> Transition:
    """What the step does, after all checks of who may take it; the only place that decides.

    Raises `InvalidTransition`, `SignInRequired` or `NotAllowed`.
    """
    found = transition(subject.stage, step)
    reader.require(found.right)
    if step is Step.PUBLISH and not may_skip_review(reader, policy):
        raise NotAllowed(N_("This has to be reviewed before it is published."))
    if isinstance(subject, Draft):
        _check_author(reader, subject, found)
    return found


def _check_author(reader: Reader, draft: Draft, found: Transition) -> None:
    if not may_see_draft(reader, draft):
        raise NotAllowed(N_("This draft is somebody else's."))
    if found.by_author is False and is_author(reader, draft):
        raise NotAllowed(N_("Somebody else has to approve what you wrote."))


def steps_for(reader: Reader, subject: Subject, policy: ReviewPolicy) -> tuple[Step, ...]:
    """The steps that this reader may take now, in the order of `Step`: the buttons of a page."""
    return tuple(step for step in Step if _is_open(reader, subject, step, policy))


def _is_open(reader: Reader, subject: Subject, step: Step, policy: ReviewPolicy) -> bool:
    try:
        checked_step(reader, subject, step, policy)
    except (InvalidTransition, NotAllowed, SignInRequired):
        return False
    return True
