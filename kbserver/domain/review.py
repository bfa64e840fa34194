"""The review workflow: from which stage which step leads where, and who may take it.

One table, read by the page's buttons, the API and the tests. A draft is in stage DRAFT or
IN_REVIEW; an article is PUBLISHED or ARCHIVED. Trust (`state`) is another thing.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kbserver.domain.articles import Stage
from kbserver.domain.permissions import Right
from kbserver.errors import N_, Conflict


class Step(enum.StrEnum):
    """Something that moves a draft or an article on."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    PUBLISH = "publish"
    """Publish without review, where the settings or the role allow it."""
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
        (Stage.DRAFT, Step.PUBLISH): Transition(Stage.PUBLISHED, Right.WRITE, by_author=True),
        (Stage.DRAFT, Step.DISCARD): Transition(None, Right.WRITE, by_author=True),
        (Stage.IN_REVIEW, Step.WITHDRAW): Transition(Stage.DRAFT, Right.WRITE, by_author=True),
        (Stage.IN_REVIEW, Step.SEND_BACK): Transition(Stage.DRAFT, Right.REVIEW, needs_reason=True),
        (Stage.IN_REVIEW, Step.APPROVE): Transition(Stage.PUBLISHED, Right.REVIEW, by_author=False),
        (Stage.PUBLISHED, Step.ARCHIVE): Transition(Stage.ARCHIVED, Right.ARCHIVE, needs_reason=True),
        (Stage.ARCHIVED, Step.RESTORE): Transition(Stage.PUBLISHED, Right.ARCHIVE),
    }
)
"""The whole workflow. PUBLISH out of DRAFT is open only where nothing has to be reviewed."""


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
