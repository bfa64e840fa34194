"""One immutable segment: the articles it holds, their passages, and their keyword postings.

    whoosh/          the Whoosh index, one document per passage, document number = row
    postings.arrays  BM25 arrays of every field and level, and the tables of rows
    passages.jsonl   one passage per line, found by its offset
    phrases.json     titles and issue lines, normalised, with their rows
    articles.json    what is known of each article besides its text

Rows are numbered in order; the passages of one article lie together.
"""

from __future__ import annotations

import enum
import hashlib
import json
import mmap
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.arrayfile import read_arrays, write_arrays
from indexer.articles import FACETS, Article, Audience, Passage, PassageKind
from indexer.audience_sections import for_audience
from indexer.keyword_index import FIELDS, PassageTokens, Vocabulary, write_keyword_index
from indexer.normalizing import normalize
from indexer.passages import passages_of
from indexer.postings import FieldPostings, PostingsBuilder, level_arrays
from indexer.tokenizing import Tokenizer

AUDIENCES = tuple(Audience)
"""Audiences from the most to the least restricted; the place is the stored code."""

NEAR_KEPT = 256
"""Misspelt words whose neighbours a segment remembers."""


class Edition(enum.StrEnum):
    """Which text of an article is held; one with internal parts is held twice, and no reader is shown both."""

    WHOLE = ""
    """The one text for all of its readers."""
    OUTSIDE = "outside"
    """The text for readers outside the house."""
    INSIDE = "inside"
    """The text with its internal parts."""


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """What a segment knows of an article."""

    id: str
    title: str
    lang: str
    audience: Audience
    content_hash: str
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values per facet; a category with its ancestors; facets without a value are left out."""
    edition: Edition = Edition.WHOLE

    @property
    def readers(self) -> tuple[int, int]:
        """The codes of the most and of the least trusted audience that this text is for."""
        least = AUDIENCES.index(self.audience)
        inside = AUDIENCES.index(Audience.INTERNAL)
        return {
            Edition.WHOLE: (inside, least),
            Edition.OUTSIDE: (inside + 1, least),
            Edition.INSIDE: (inside, inside),
        }[self.edition]

    @classmethod
    def of(cls, article: Article) -> ArticleRecord:
        """The record of `article`."""
        facets = {facet: tuple(dict.fromkeys(article.facet_values(facet))) for facet in FACETS}
        kept = {facet: values for facet, values in facets.items() if values}
        return cls(article.id, article.title, article.lang, article.audience, content_hash(article), kept)


IndexedArticle = tuple[ArticleRecord, Sequence[Passage]]
"""An article as a segment takes and gives it."""


def indexed(article: Article) -> tuple[IndexedArticle, ...]:
    """The editions of `article`, each cut into passages."""
    record = ArticleRecord.of(article)
    outside = for_audience(article.body, article.audience)
    if outside == article.body:
        return ((record, passages_of(article)),)
    return (
        (replace(record, edition=Edition.OUTSIDE), passages_of(replace(article, body=outside))),
        (replace(record, edition=Edition.INSIDE), passages_of(article)),
    )


def content_hash(article: Article) -> str:
    """A hash of everything about `article` that a search depends on; equal hashes need no new indexing."""
    facets = [article.facet_values(facet) for facet in FACETS]
    content = [article.title, article.body, article.lang, article.audience, article.issue, facets]
    encoded = json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hashlib.sha256(encoded).hexdigest()[:32]


def write_segment(
    folder: Path,
    articles: Iterable[IndexedArticle],
    tokenizer: Tokenizer,
    averages: Mapping[str, float],
    progress: Callable[[int], None] | None = None,
) -> dict[str, float]:
    """Fill `folder` with a segment of `articles`; the mean lengths it was weighted with.

    `averages` are the frozen ones of the index, empty for its first segment.
    `progress` is told the number of passages written so far.
    """
    writer = _SegmentWriter(folder)
    for record, passages in articles:
        for passage in passages:
            writer.add(passage, PassageTokens.of(passage, tokenizer))
            if progress:
                progress(1)
        writer.close_article(record)
    return writer.finish(averages)


class _SegmentWriter:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._texts = (folder / "passages.jsonl").open("wb")
        self._postings = {name: PostingsBuilder() for name in FIELDS}
        self._records: list[ArticleRecord] = []
        self._phrases: list[tuple[int, str]] = []
        self._starts, self._offsets, self._kinds = [0], [0], bytearray()

    def add(self, passage: Passage, tokens: PassageTokens) -> None:
        row = len(self._kinds)
        for name, builder in self._postings.items():
            builder.add(row, getattr(tokens, name))
        self._kinds.append(passage.kind)
        if passage.kind != PassageKind.SECTION:
            self._phrases.append((row, normalize(passage.text)))
        self._offsets.append(self._offsets[-1] + self._texts.write(_line_of(passage)))

    def close_article(self, record: ArticleRecord) -> None:
        self._records.append(record)
        self._starts.append(len(self._kinds))

    def finish(self, averages: Mapping[str, float]) -> dict[str, float]:
        self._texts.close()
        starts = np.array(self._starts, np.int64)
        kinds = np.frombuffer(bytes(self._kinds), np.uint8)
        owner = np.repeat(np.arange(len(self._records)), np.diff(starts))
        arrays: dict[str, NDArray[Any]] = {"starts": starts, "kinds": kinds, "text": np.array(self._offsets, np.int64)}
        means: dict[str, float] = {}
        postings = {name: builder.sorted() for name, builder in self._postings.items()}
        for name, found in postings.items():
            frozen = {level: averages[key] for level in LEVEL_KEYS if (key := f"{name}.{level}") in averages}
            own_arrays, own = level_arrays(found, owner, kinds == PassageKind.TITLE, len(self._records), frozen)
            arrays |= {f"{name}.{key}": value for key, value in own_arrays.items()}
            means |= {f"{name}.{level}": mean for level, mean in own.items()}
        write_arrays(self._folder / "postings.arrays", arrays)
        records = json.dumps([_record_fields(record) for record in self._records], ensure_ascii=False)
        (self._folder / "articles.json").write_text(records, encoding="utf-8", errors="replace")
        phrases = json.dumps(self._phrases, ensure_ascii=False)
        (self._folder / "phrases.json").write_text(phrases, encoding="utf-8", errors="replace")
        write_keyword_index(self._folder / "whoosh", len(kinds), postings)
        return means


LEVEL_KEYS = ("passages", "articles", "titles")


class Phrases:
    """Titles and issue lines in one string, so that finding a part of one is a single scan."""

    def __init__(self, phrases: list[tuple[int, str]]) -> None:
        self._rows = [row for row, _ in phrases]
        self._text = "\n".join(["", *(text for _, text in phrases), ""])
        self._starts = list(accumulate((len(text) + 1 for _, text in phrases), initial=1))

    def holding(self, part: str, limit: int, allowed: NDArray[np.bool_] | None = None) -> list[tuple[int, bool]]:
        """Allowed rows of phrases that hold `part`, and whether they start with it; at most `limit`, in row order."""
        found: list[tuple[int, bool]] = []
        place = self._text.find(part)
        while place >= 0 and len(found) < limit:
            at = bisect_right(self._starts, place) - 1
            if allowed is None or allowed[self._rows[at]]:
                found.append((self._rows[at], place == self._starts[at]))
            place = self._text.find(part, self._starts[at + 1])
        return found


class Segment:
    """An opened segment; safe to share between threads. Verify its files before opening it."""

    def __init__(self, folder: Path) -> None:
        self.id = folder.name
        self._folder = folder
        arrays = read_arrays(folder / "postings.arrays")
        self.records = _records((folder / "articles.json").read_bytes())
        self.starts: NDArray[np.int64] = arrays["starts"]
        self.kinds: NDArray[np.uint8] = arrays["kinds"]
        self.fields = {name: FieldPostings.of(arrays, name) for name in FIELDS}
        self._offsets = arrays["text"]
        self._texts = _mapped(folder / "passages.jsonl")
        self._vocabulary: Vocabulary | None = None
        self._vocabulary_lock = threading.Lock()
        self._near: OrderedDict[tuple[str, str, int], list[str]] = OrderedDict()
        self._phrases: Phrases | None = None

    @property
    def articles(self) -> int:
        """How many articles the segment holds; two editions are one article."""
        return sum(record.edition is not Edition.INSIDE for record in self.records)

    @property
    def passages(self) -> int:
        """How many passages the segment holds."""
        return len(self.kinds)

    def passage(self, row: int) -> Passage:
        """The passage of `row`."""
        line = self._texts[int(self._offsets[row]) : int(self._offsets[row + 1])]
        article = int(np.searchsorted(self.starts, row, "right")) - 1
        return _passage_of(bytes(line), self.records[article].id)

    def article_passages(self, article: int) -> list[Passage]:
        """The passages of the article with number `article`, in order."""
        return [self.passage(row) for row in range(*self.starts[article : article + 2])]

    def phrases(self) -> Phrases:
        """Titles and issue lines, read on first use."""
        if self._phrases is None:
            self._phrases = Phrases(json.loads((self._folder / "phrases.json").read_bytes()))
        return self._phrases

    def near(self, field: str, word: str, distance: int) -> list[str]:
        """Terms within `distance` edits of `word` that share as many first characters.

        Takes milliseconds, so it is remembered: who types on asks for the same word again.
        """
        key = (field, word, distance)
        with self._vocabulary_lock:
            if key not in self._near:
                self._vocabulary = self._vocabulary or Vocabulary(self._folder / "whoosh")
                self._near[key] = self._vocabulary.near(field, word, distance, distance)
            self._near.move_to_end(key)
            if len(self._near) > NEAR_KEPT:
                self._near.popitem(last=False)
            return self._near[key]


def _line_of(passage: Passage) -> bytes:
    """A passage as JSON; of the encoded text only what stands before the text, if it ends with it."""
    lead, text, encoded = None, passage.text, passage.encoded_text
    if encoded.endswith(text):
        lead = encoded[: len(encoded) - len(text)]
    row = [int(passage.kind), passage.heading_path, text, lead, None if lead is not None else encoded]
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _passage_of(line: bytes, article_id: str) -> Passage:
    kind, path, text, lead, encoded = json.loads(line)
    return Passage(article_id, PassageKind(kind), tuple(path), text, encoded if lead is None else lead + text)


def _record_fields(record: ArticleRecord) -> list[Any]:
    return [record.id, record.title, record.lang, record.audience, record.content_hash, record.facets, record.edition]


def _records(content: bytes) -> list[ArticleRecord]:
    return [
        ArticleRecord(
            id_,
            title,
            lang,
            Audience.of(audience),
            digest,
            {facet: tuple(values) for facet, values in facets.items()},
            Edition(edition),
        )
        for id_, title, lang, audience, digest, facets, edition in json.loads(content)
    ]


def _mapped(path: Path) -> memoryview:
    with path.open("rb") as file:
        if not path.stat().st_size:
            return memoryview(b"")
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
