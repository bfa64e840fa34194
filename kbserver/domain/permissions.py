"""Who may do what: roles in one order, and for each right the least role that has it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType


class Role(enum.StrEnum):
    """What somebody is here; each role may do all that the ones before it may."""

    READER = "reader"
    AGENT = "agent"
    ENGINEER = "engineer"
    REVIEWER = "reviewer"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """The place in the order, 0 for a reader."""
        return list(Role).index(self)


class Scope(enum.StrEnum):
    """What a program's token is for."""

    SEARCH_READ = "search:read"
    SUGGEST_READ = "suggest:read"
    ARTICLES_READ = "articles:read"
    ARTICLES_WRITE = "articles:write"
    DRAFTS_WRITE = "drafts:write"
    TICKETS_WRITE = "tickets:write"
    FEEDBACK_WRITE = "feedback:write"
    ADMIN = "admin"
    """Figures and details for operators."""


class Right(enum.StrEnum):
    """Something that not everybody may do."""

    FLAG = "flag"
    """Say what is wrong with an article, so that somebody has to see to it."""
    SUBSCRIBE = "subscribe"
    SEE_WORK = "see_work"
    """See queues, tasks and what waits for review."""
    HANDLE_TASKS = "handle_tasks"
    """Take over tasks and close them, whoever they were given to."""
    WRITE = "write"
    """Write drafts and send them to review."""
    COMMENT = "comment"
    EDIT_OTHERS = "edit_others"
    """Go on with somebody else's draft."""
    PUBLISH = "publish"
    """Publish without review, where nothing has to be reviewed."""
    VERIFY = "verify"
    """Say that an article still holds."""
    REVIEW = "review"
    """Approve, send back, publish at a later time."""
    ARCHIVE = "archive"
    SEE_AUDIT = "see_audit"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_TOKENS = "manage_tokens"


LEAST_ROLE: Mapping[Right, Role] = MappingProxyType(
    {
        Right.FLAG: Role.READER,
        Right.SUBSCRIBE: Role.READER,
        Right.SEE_WORK: Role.AGENT,
        Right.HANDLE_TASKS: Role.ENGINEER,
        Right.WRITE: Role.AGENT,
        Right.COMMENT: Role.AGENT,
        Right.EDIT_OTHERS: Role.ENGINEER,
        Right.PUBLISH: Role.ENGINEER,
        Right.VERIFY: Role.ENGINEER,
        Right.REVIEW: Role.REVIEWER,
        Right.ARCHIVE: Role.REVIEWER,
        Right.SEE_AUDIT: Role.REVIEWER,
        Right.MANAGE_PEOPLE: Role.ADMIN,
        Right.MANAGE_TOKENS: Role.ADMIN,
    }
)
"""The table of who may do what; pages, API and tests read this one."""

RIGHTS_OF_SCOPE: Mapping[str, frozenset[Right]] = MappingProxyType(
    {
        Scope.DRAFTS_WRITE: frozenset({Right.WRITE, Right.COMMENT}),
        Scope.ARTICLES_WRITE: frozenset(
            {
                Right.WRITE,
                Right.COMMENT,
                Right.EDIT_OTHERS,
                Right.PUBLISH,
                Right.VERIFY,
                Right.REVIEW,
                Right.ARCHIVE,
            }
        ),
    }
)
"""What a program's token opens at most; a token that belongs to somebody opens no more than their role does."""

RIGHTS_OF_PEOPLE = frozenset({Right.REVIEW, Right.EDIT_OTHERS, Right.VERIFY})
"""What a token that belongs to nobody never opens: a judgement has to be somebody's."""

RIGHTS_OUTSIDE = frozenset({Right.FLAG, Right.SUBSCRIBE})
"""What readers outside the house may do; all other work shows texts with their internal parts."""


def has_right(role: Role | None, right: Right) -> bool:
    """Whether somebody of that role may do it; None is nobody who signed in, and may do none of it.

    >>> has_right(Role.ENGINEER, Right.WRITE), has_right(Role.AGENT, Right.REVIEW), has_right(None, Right.FLAG)
    (True, False, False)
    """
    return role is not None and role.rank >= LEAST_ROLE[right].rank


def scopes_open(scopes: frozenset[str], right: Right, *, is_somebodys: bool) -> bool:
    """Whether a token with these scopes reaches the right.

    >>> scopes_open(frozenset({"articles:write"}), Right.REVIEW, is_somebodys=False)
    False
    >>> scopes_open(frozenset({"articles:write"}), Right.PUBLISH, is_somebodys=False)
    True
    """
    if not is_somebodys and right in RIGHTS_OF_PEOPLE:
        return False
    return any(right in RIGHTS_OF_SCOPE.get(scope, ()) for scope in scopes)
