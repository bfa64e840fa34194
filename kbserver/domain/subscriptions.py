"""What somebody wants to hear of."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from kbserver.domain.notifications import NoticeKind


class SubscriptionKind(enum.StrEnum):
    """What can be subscribed to; a category includes those below it."""

    ARTICLE = "article"
    CATEGORY = "category"
    PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One thing that somebody wants to hear of."""

    kind: SubscriptionKind
    value: str
    title: str = ""
    """The article's title; for the others the value says all."""

    @property
    def url(self) -> str:
        """Where it leads on this site."""
        if self.kind is SubscriptionKind.ARTICLE:
            return f"/articles/{quote(self.value)}"
        return "/browse?" + urlencode({self.kind.value: self.value})


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """How somebody wants to be told."""

    lang: str
    muted: frozenset[NoticeKind]
    """Kinds that are shown in the page only."""
    email: str
    """Where mails go, empty where there is no address."""


def covering(article_id: str, category: str, products: tuple[str, ...]) -> list[tuple[SubscriptionKind, str]]:
    """Every subscription that an article falls under.

    >>> [value for _, value in covering("KB-1", "邮件/Outlook", ("Outlook",))]
    ['KB-1', '邮件', '邮件/Outlook', 'Outlook']
    """
    parts = [part for part in category.split("/") if part]
    above = ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
    return [
        (SubscriptionKind.ARTICLE, article_id),
        *((SubscriptionKind.CATEGORY, path) for path in above),
        *((SubscriptionKind.PRODUCT, product) for product in products),
    ]
