"""Evidence to an answer: order, confidence, and for one page of hits the snippet and the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from indexer.articles import Confidence, Hit, Passage, PassageKind, SearchAnswer, SearchRequest
from indexer.confidence import judge
from indexer.demotion import lowered_places
from indexer.fusion import fuse, ranked
from indexer.gathering import Gathered
from indexer.signals import Floats, Signals, signals_of
from indexer.snapshots import Mask, Snapshot
from indexer.snippets import Marker, snippet_of
from indexer.tokenizing import QueryTokens

ALWAYS_SHOWN = 20
"""Ranks that are shown even where an article holds little of the query."""

CLEAR = 0.5
"""Share of a lane's range from which the lane is named as a reason."""


def answer_of(snapshot: Snapshot, request: SearchRequest, tokens: QueryTokens, found: Gathered) -> SearchAnswer:
    """The page of hits that `request` asks for, and what to say about all of them but corrections."""
    signals = signals_of(found.evidence)
    scores = fuse(signals)
    order = ranked(signals, scores)
    judged = judge(signals, scores, order)
    scores, judged_at = lowered_places(scores, order, found.evidence.article_ids, request.lowered)
    order = order[judged_at]
    places = np.arange(len(order))
    shown = places[(places < max(ALWAYS_SHOWN, request.limit)) | found.matched[found.articles[order]]]
    maker = _HitMaker(snapshot, tokens, found, signals, request)
    hits = tuple(
        maker.hit(int(order[place]), float(scores[order[place]]), judged.confidences[judged_at[place]])
        for place in shown[request.offset : request.offset + request.limit].tolist()
    )
    return SearchAnswer(
        hits=hits,
        normalized_query=tokens.normalized,
        no_good_answer=judged.no_good_answer,
        estimated_total=max(int(np.count_nonzero(found.matched)), len(shown)),
        facets=snapshot.facets.counts(found.matched),
        generation=snapshot.generation,
    )


@dataclass(frozen=True, slots=True)
class _Reasons:
    """Which candidate has which reason; each is worked out for all of them at once."""

    title: Mask
    words: Mask
    meaning: Mask
    worth: Floats
    """Of each row: all lanes of a passage together."""
    first_rows: list[int]
    """Where the rows of each candidate begin, and where those of the last end."""

    @classmethod
    def of(cls, signals: Signals) -> _Reasons:
        evidence, lanes = signals.evidence, signals.lanes
        return cls(
            (lanes["title_words"] >= CLEAR) | (lanes["title_bigrams"] >= CLEAR),
            (evidence.article_words > 0) | (evidence.article_bigrams > 0),
            lanes["dense"] >= CLEAR,
            evidence.words + evidence.bigrams + evidence.cosine,
            np.searchsorted(evidence.owner, np.arange(len(evidence.article_ids) + 1)).tolist(),
        )


class _HitMaker:
    def __init__(
        self, snapshot: Snapshot, tokens: QueryTokens, found: Gathered, signals: Signals, request: SearchRequest
    ) -> None:
        self._snapshot = snapshot
        self._marker = Marker(tokens)
        self._found = found
        self._signals = signals
        self._request = request
        self._reasons = _Reasons.of(signals)

    def hit(self, at: int, score: float, confidence: Confidence) -> Hit:
        """The candidate with number `at`, as it is shown."""
        record = self._snapshot.records[int(self._found.articles[at])]
        passage = self._best_passage(int(self._signals.best_row[at]))
        return Hit(
            article_id=record.id,
            title=record.title,
            score=min(max(score, 0.0), 1.0),
            confidence=confidence,
            why=self._why(at),
            section=" > ".join(passage.heading_path) if passage else "",
            snippet=snippet_of(passage.text if passage else record.title, self._marker),
            signals=self._lanes(at) if self._request.debug else {},
        )

    def _best_passage(self, row: int) -> Passage | None:
        if row < 0:
            return None
        part, local = self._snapshot.locate(int(self._found.rows[row]))
        return part.segment.passage(local)

    def _why(self, at: int) -> tuple[str, ...]:
        evidence, reasons = self._found.evidence, self._reasons
        named = [f"exact:{name}" for name, held in zip(self._found.holders, evidence.holds[at], strict=True) if held]
        if reasons.title[at]:
            named.append("title")
        start, end = reasons.first_rows[at : at + 2]
        if end > start:
            best = start + int(reasons.worth[start:end].argmax())
            if evidence.kind[best] == PassageKind.ISSUE:
                named.append("issue")
        if reasons.words[at]:
            named.append("words")
        if reasons.meaning[at]:
            named.append("meaning")
        if evidence.article_ids[at] in self._request.lowered:
            named.append("overdue")
        return tuple(named)

    def _lanes(self, at: int) -> Mapping[str, float]:
        lanes = {name: float(lane[at]) for name, lane in self._signals.lanes.items()}
        return lanes | {"identifiers": float(self._signals.identifiers[at])}
