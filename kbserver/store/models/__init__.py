"""Tables, one module a noun. What they mean to people is said in `domain`; here is only how they are kept."""

from kbserver.store.models.articles import ArticleRow, FacetRow, RevisionRow
from kbserver.store.models.base import BIG_ID, Base, Moment
from kbserver.store.models.drafts import AttachmentRow, DraftCommentRow, DraftRow
from kbserver.store.models.events import FeedbackRow, SearchEventRow, VerdictRow
from kbserver.store.models.operations import (
    AuditRow,
    CursorRow,
    HeldFileRow,
    LeaseRow,
    OutboxRow,
    QuarantineRow,
)
from kbserver.store.models.people import (
    AccountRow,
    ApiTokenRow,
    PasswordLinkRow,
    SessionRow,
    SignInFailureRow,
)
from kbserver.store.models.trust import NoticeSettingsRow, NotificationRow, SubscriptionRow, TaskRow

__all__ = [
    "BIG_ID",
    "AccountRow",
    "ApiTokenRow",
    "ArticleRow",
    "AttachmentRow",
    "AuditRow",
    "Base",
    "CursorRow",
    "DraftCommentRow",
    "DraftRow",
    "FacetRow",
    "FeedbackRow",
    "HeldFileRow",
    "LeaseRow",
    "Moment",
    "NoticeSettingsRow",
    "NotificationRow",
    "OutboxRow",
    "PasswordLinkRow",
    "QuarantineRow",
    "RevisionRow",
    "SearchEventRow",
    "SessionRow",
    "SignInFailureRow",
    "SubscriptionRow",
    "TaskRow",
    "VerdictRow",
]
