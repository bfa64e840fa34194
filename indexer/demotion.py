"""Articles that are not to be trusted as much as others stand lower, by a bounded amount.

Applied once, after fusion and after the answer was judged: how sure a hit is says how well it
fits the question, whoever has looked at it lately. Without such articles nothing is touched, so
judged collections, which have no dates, are ranked as ever.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from indexer.signals import Floats, Ints

KEPT = 0.85
"""What is left of a lowered article's score: it yields to whatever fits nearly as well, and stays above
the rest. One that holds the identifier of the question stays above all that do not hold it."""


def lowered_places(
    scores: Floats, order: Ints, article_ids: Sequence[str], lowered: Collection[str]
) -> tuple[Floats, Ints]:
    """The scores with those of `lowered` reduced, and the places of `order` in their new sequence.

    >>> scores, order = np.array([0.8, 0.75, 0.2], np.float32), np.array([0, 1, 2])
    >>> lowered_places(scores, order, ["a", "b", "c"], {"a"})[1].tolist()
    [1, 0, 2]
    >>> lowered_places(scores, order, ["a", "b", "c"], {"b"})[1].tolist()
    [0, 1, 2]
    """
    places = np.arange(len(order))
    if not lowered:
        return scores, places
    is_lower = np.fromiter((one in lowered for one in article_ids), np.bool_, len(article_ids))
    reduced = np.where(is_lower, scores * np.float32(KEPT), scores)
    # Stable, so that equal scores keep the order that they had.
    return reduced, np.argsort(-reduced[order], kind="stable")
