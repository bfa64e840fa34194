"""What publishing does to an article's trust: who may set it, and what takes it away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from indexer.articles import Article, TrustState


@dataclass(frozen=True, slots=True)
class Validation:
    """Whether an article counts as validated, since when, and by whom."""

    state: TrustState
    verified_at: date | None = None
    verified_by: str = ""

    @classmethod
    def of(cls, article: Article | None) -> Validation:
        """What the article says of itself; nothing is validated that was never published."""
        return cls(article.state, article.verified_at, article.verified_by) if article else NOT_VALIDATED


NOT_VALIDATED = Validation(TrustState.NOT_VALIDATED)


def validation_after(
    before: Validation, *, steps_changed: bool, is_by_reviewer: bool, said: Validation | None
) -> Validation:
    """The trust of a text once it is published.

    What the text itself says counts for nothing: somebody typed it. A reviewer who
    approves may say that the steps hold (`said`); otherwise the published
    article's trust stays, unless its steps changed by the hand of somebody who may not judge them.

    >>> validated = Validation(TrustState.VALIDATED, date(2026, 9, 1))
    >>> validation_after(validated, steps_changed=True, is_by_reviewer=False, said=None).state
    <TrustState.NOT_VALIDATED: 'not_validated'>
    >>> validation_after(validated, steps_changed=True, is_by_reviewer=True, said=None) == validated
    True
    """
    if said is not None:
        return said
    if steps_changed and not is_by_reviewer:
        return NOT_VALIDATED
    return before
