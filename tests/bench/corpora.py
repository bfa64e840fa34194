"""Collections of any size: seeded variations of real articles, with vectors beside the real ones.

A variation swaps and inserts words drawn from the whole collection as often as
they stand there, so that the postings grow as those of real articles would. Its
vectors are the real ones with noise, which keeps their clusters.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import rjieba
from numpy.typing import NDArray

from indexer.articles import Article, Audience, Passage
from indexer.passages import passages_of

SEED = 20_250
SWAPPED, INSERTED = 0.15, 0.03
"""Shares of the words of a variation that are other words, and that are new."""

NOISE = 0.33
"""Length of the noise beside a vector of length 1: the cosine to the real one is about 0.95."""

_WORD = re.compile(r"[\u3400-\u9fff]+|[A-Za-z]{3,}")
_KEPT = re.compile(r"\s*(```|~~~|\||<|\[\^|!\[)")
"""Lines that stay as they are, for a changed word would change what they are."""

_CATEGORIES = ("网络/VPN", "网络/无线", "邮件/Outlook", "邮件/网关", "数据库/TiDB", "数据库/MySQL", "打印/驱动", "账号")

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Varied:
    """An article made out of a real one; passage i has the vector of row `rows[i]` of the source."""

    article: Article
    passages: Sequence[Passage]
    rows: Sequence[int]


class Variations:
    """Makes variations of `articles`; the same ones in every process."""

    def __init__(self, articles: Sequence[Article], seed: int = SEED) -> None:
        self._articles = sorted(articles, key=lambda article: article.id)
        self._seed = seed
        self._first: dict[str, tuple[int, int]] = {}
        self.texts: list[str] = []
        for article in self._articles:
            encoded = [passage.encoded_text for passage in passages_of(article)]
            self._first[article.id] = (len(self.texts), len(encoded))
            self.texts += encoded
        self._bags = _bags(self._articles)

    def of_size(self, passages: int) -> Iterator[Varied]:
        """Articles with exactly so many passages in all."""
        left, before, turn = passages, passages + 1, 0
        while left < before:
            before = left
            for article in self._order(turn):
                if self._first[article.id][1] <= left:
                    varied = self._varied(article, turn)
                    if len(varied.passages) <= left:
                        left -= len(varied.passages)
                        yield varied
            turn += 1
        yield from (self._note(number) for number in range(left))

    def question(self, text: str, turn: int) -> str:
        """A question in slightly other words."""
        return self._vary_line(text, random.Random(f"{self._seed}:{text}:{turn}"))

    def _order(self, turn: int) -> list[Article]:
        """All articles in an order of the turn's own, so that a small collection is a sample of all."""
        order = list(self._articles)
        random.Random(f"{self._seed}:{turn}").shuffle(order)
        return order

    def _varied(self, article: Article, turn: int) -> Varied:
        dice = random.Random(f"{self._seed}:{article.id}:{turn}")
        title = self._vary_line(article.title, dice) if turn else article.title
        category = dice.choice(_CATEGORIES)
        made = replace(
            article,
            id=f"{article.id}-{turn}",
            title=title,
            body=self._vary(article.body, dice) if turn else article.body,
            issue=(self._vary_line(article.title, dice),) if dice.random() < 0.5 else (),
            category=category,
            product=(f"产品{dice.randrange(40)}",),
            version=(f"{dice.randrange(1, 9)}.{dice.randrange(10)}",),
            tags=tuple(f"标签{dice.randrange(200)}" for _ in range(2)),
            audience=dice.choices(tuple(Audience), (1, 1, 8))[0],
        )
        passages = passages_of(made)
        first, count = self._first[article.id]
        return Varied(made, passages, [first + min(at, count - 1) for at in range(len(passages))])

    def _note(self, number: int) -> Varied:
        """An article of one passage."""
        article = Article(f"note-{number}", f"第 {number} 号便笺", "", audience=Audience.PUBLIC)
        return Varied(article, passages_of(article), [0])

    def _vary(self, text: str, dice: random.Random) -> str:
        lines = []
        fenced = False
        for line in text.split("\n"):
            kept = _KEPT.match(line)
            fenced ^= bool(kept) and line.lstrip().startswith(("```", "~~~"))
            lines.append(line if kept or fenced else self._vary_line(line, dice))
        return "\n".join(lines)

    def _vary_line(self, line: str, dice: random.Random) -> str:
        made = []
        for token in rjieba.cut(line):
            if _WORD.fullmatch(token):
                bag = self._bags[token.isascii()]
                chance = dice.random()
                if chance < SWAPPED:
                    token = bag[dice.randrange(len(bag))]
                elif chance < SWAPPED + INSERTED:
                    other = bag[dice.randrange(len(bag))]
                    token = f"{token} {other}" if token.isascii() else token + other
            made.append(token)
        return "".join(made)


def _bags(articles: Sequence[Article]) -> dict[bool, list[str]]:
    """Every occurrence of a Latin word (True) and of a Chinese one (False)."""
    bags: dict[bool, list[str]] = {True: ["system"], False: ["系统"]}
    for article in articles:
        for word in rjieba.cut(article.body):
            if _WORD.fullmatch(word):
                bags[word.isascii()].append(word)
    return bags


def perturbed(vectors: Floats, seed: int = SEED) -> Floats:
    """Vectors of length 1 near `vectors`."""
    noise = np.random.default_rng(seed).standard_normal(vectors.shape, np.float32)
    made = vectors + noise * np.float32(NOISE / np.sqrt(vectors.shape[1]))
    return made / np.linalg.norm(made, axis=1, keepdims=True)
