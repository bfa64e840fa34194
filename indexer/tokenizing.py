"""Text to the tokens of the three keyword lanes: words, character bigrams, identifiers.

Words carry meaning, bigrams survive a wrong segmentation, identifiers must
match exactly. Queries and passages go through the same code.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import rjieba
from whoosh.lang.porter import stem as porter_stem

from indexer import identifiers, normalizing
from indexer.normalizing import normalize
from indexer.terms import Terms

VERSION = 3
MAX_WORD_CHARS = 40
"""Longer runs of letters are encoded data; they would only fill the term dictionary."""

SYNONYM_WEIGHT = 0.5
"""A synonym counts half of the word that was typed, so the exact wording stays ahead; its words share that."""

_RUN = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff\u3005-\u3007]+|[^\W_\u3400-\u9fff\uf900-\ufaff]+(?:_[^\W_\u3400-\u9fff]+)*"
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3005-\u3007]")
_ALNUM = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_ENGLISH = re.compile(r"[a-z]{3,}", re.ASCII)

STOP_WORDS = frozenset(
    """a an and are as at be been but by can could do does for from had has have he how i if in into is it its me my no
    not of on or our she so that the their them then there these they this to was we were what when where which who
    will with would you your
    的 了 是 在 我 有 和 就 不 都 一 一个 上 也 很 到 要 去 你 会 着 没有 吗 呢 吧 啊 么 什么 怎么 这 那 把 被 与 及
    请 请问 您好 你好""".split()
)
"""Words that say nothing about what an article is about; dropped from the word lane only."""


@dataclass(frozen=True, slots=True)
class QueryTokens:
    """A query as the keyword lanes read it; each lane maps a token to its weight in the query."""

    normalized: str
    words: dict[str, float] = field(default_factory=dict)
    bigrams: dict[str, float] = field(default_factory=dict)
    identifiers: tuple[str, ...] = ()
    expansions: tuple[str, ...] = ()
    """Synonyms that were added to the word lane, as shown to the reader."""


class Tokenizer:
    """The tokens of texts under one vocabulary; safe to share between threads."""

    def __init__(self, terms: Terms | None = None) -> None:
        self.terms = terms or Terms()
        self._segmenter = rjieba.Jieba()
        for word in sorted(self.terms.words):
            if not self._segmenter.has_word(word):
                self._segmenter.add_word(word, None, None)

    @property
    def version(self) -> str:
        """Names the rules that made the stored tokens; an index of another version must be rebuilt.

        The vocabulary does not count: a new whole word is indexed beside its
        parts, and the parts still match passages that were indexed without it.
        """
        rules = f"{VERSION}.{normalizing.VERSION}.{identifiers.VERSION}"
        return hashlib.sha256(f"{rules}:{sorted(STOP_WORDS)}".encode()).hexdigest()[:12]

    def words(self, text: str) -> list[str]:
        """Words in reading order, with the parts of long ones: Han words segmented, English ones stemmed.

        Identifiers whose canonical form is no word of the text follow, so that
        `0x11b` also weighs like a word where it stands in a title.
        """
        normalized = normalize(text)
        return self._words(normalized, identifiers.identifiers_of(normalized))

    def bigrams(self, text: str) -> list[str]:
        """Overlapping pairs of Han characters, and every other word whole."""
        return _bigrams(normalize(text))

    def identifiers(self, text: str) -> list[str]:
        """Canonical identifiers, each once; see `indexer.identifiers`."""
        return identifiers.identifiers_of(normalize(text))

    def lanes(self, text: str) -> tuple[list[str], list[str], list[str]]:
        """Words, bigrams and identifiers of `text` for one normalisation."""
        normalized = normalize(text)
        codes = identifiers.identifiers_of(normalized)
        return self._words(normalized, codes), _bigrams(normalized), codes

    def query(self, text: str) -> QueryTokens:
        """The lanes of a query; a repeated token weighs more, as in BM25 with a saturated query frequency."""
        normalized = normalize(text)
        codes = identifiers.identifiers_of(normalized)
        words = _weights(self._words(normalized, codes))
        expansions = self._synonyms_in(normalized)
        for synonym in expansions:
            parts = self._words(synonym)
            for word in parts:
                words.setdefault(word, SYNONYM_WEIGHT / len(parts))
        return QueryTokens(
            normalized,
            words,
            _weights(_bigrams(normalized)),
            tuple(codes),
            expansions,
        )

    def _words(self, normalized: str, codes: Sequence[str] = ()) -> list[str]:
        found: list[str] = []
        for run in _RUN.findall(normalized):
            if _HAN.match(run):
                found += [word for word in self._segmenter.cut_for_search(run) if word not in STOP_WORDS]
            elif len(run) <= MAX_WORD_CHARS and run not in STOP_WORDS:
                found += latin_words(run)
        known = set(found)
        return found + [code for code in codes if code not in known]

    def _synonyms_in(self, normalized: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for term, others in self.terms.synonyms.items():
            if term in normalized and _stands_alone(term, normalized):
                found.update((other, None) for other in others if other not in normalized)
        return tuple(found)


def _stands_alone(term: str, text: str) -> bool:
    """Whether a Latin term occurs as a whole word; Han terms have no word borders to check."""
    if _HAN.search(term):
        return True
    # Not one expression per term: there are more of those than `re` keeps compiled.
    at = text.find(term)
    while at >= 0:
        end = at + len(term)
        if text[max(at - 1, 0) : at] not in _ALNUM and text[end : end + 1] not in _ALNUM:
            return True
        at = text.find(term, at + 1)
    return False


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    return str(porter_stem(word))


def latin_words(run: str) -> list[str]:
    """A run of letters and digits as words: `tidb_gc_life` also as its parts, English ones stemmed."""
    parts = run.split("_") if "_" in run else []
    return [_stem(word) if _ENGLISH.fullmatch(word) else word for word in (run, *parts) if word not in STOP_WORDS]


def _bigrams(normalized: str) -> list[str]:
    found: list[str] = []
    for run in _RUN.findall(normalized):
        if not _HAN.match(run):
            found += [run] if len(run) <= MAX_WORD_CHARS else []
        elif len(run) == 1:
            found.append(run)
        else:
            found += [run[at : at + 2] for at in range(len(run) - 1)]
    return found


def _weights(tokens: list[str]) -> dict[str, float]:
    """Each token with its saturated frequency: 1, 1.45, 1.71 ... towards 2.2 (BM25 with k3 = 1.2)."""
    counts: dict[str, float] = {}
    for token in tokens:
        counts[token] = counts.get(token, 0.0) + 1.0
    return {token: 2.2 * count / (count + 1.2) for token, count in counts.items()}
