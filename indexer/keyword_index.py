"""The Whoosh index of one segment: its schema, how it is written, and what its term reader answers.

Passages are tokenised once, by `indexer.tokenizing`; Whoosh takes the counted
tokens as they are. Scores come from the segment's arrays (`indexer.postings`),
which hold the same counts; Whoosh answers which terms are near a misspelt one.
No text that a user typed ever reaches a Whoosh parser.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import index as whoosh_index
from whoosh.codec.whoosh3 import W3Codec, W3PostingsWriter
from whoosh.fields import TEXT, Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.formats import Existence

from indexer.articles import Passage
from indexer.tokenizing import Tokenizer

FIELDS = ("words", "bigrams", "identifiers")

HEADING_WEIGHT = 3
"""A word of the title or of a heading says what the passage is about, one of the text only that it was
mentioned. In 1 to 4 steps nDCG@10 of English troubleshooting is 0.921, 0.925, 0.928, 0.930, that of
Chinese documentation 0.763, 0.765, 0.766, 0.764; articles without title and headings do not change."""

BLOCK = 128
"""Postings that Whoosh reads at a time."""


class CountedText(TEXT):  # type: ignore[misc]
    """A text field of finished tokens: the weight of a posting is its count, and nothing else is kept."""

    def __init__(self) -> None:
        super().__init__(phrase=False)
        self.format = Existence()
        self.scorable = False


def schema() -> Schema:
    """The fields of a passage: two lanes of counted tokens, and exact identifiers."""
    return Schema(**{field: CountedText() for field in FIELDS})


@dataclass(frozen=True, slots=True)
class SortedPostings:
    """One field's postings: those of term t lie at offsets[t]:offsets[t + 1]."""

    terms: Sequence[bytes]
    """In ascending order."""
    offsets: NDArray[np.int64]
    rows: NDArray[np.uint32]
    """Ascending within a term."""
    counts: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PassageTokens:
    """The distinct tokens of one passage with their counts, per field."""

    words: Mapping[str, int]
    bigrams: Mapping[str, int]
    identifiers: Mapping[str, int]

    @classmethod
    def of(cls, passage: Passage, tokenizer: Tokenizer) -> PassageTokens:
        """The tokens of `passage`; those of its title and headings count `HEADING_WEIGHT` times."""
        text = passage.encoded_text
        if text.endswith(passage.text):
            heading = text[: len(text) - len(passage.text)]
            text += f"\n{heading}" * (HEADING_WEIGHT - 1)
        return cls(*(Counter(lane) for lane in tokenizer.lanes(text)))


def write_keyword_index(folder: Path, passages: int, fields: Mapping[str, SortedPostings]) -> None:
    """Write a Whoosh index of one segment into the new `folder`; document numbers are rows.

    Postings that are sorted already go straight to Whoosh's codec, block by
    block: its writer would sort them again, one Python tuple each, which took
    two thirds of a build.
    """
    folder.mkdir()
    index = whoosh_index.create_in(folder, schema())
    codec = _BlockCodec()
    writer = index.writer(codec=codec)
    for _ in range(passages):
        writer.add_document()
    for field in sorted(fields):
        _write_field(writer.fieldwriter, codec, field, writer.schema[field], fields[field])
    writer.commit(merge=False)
    index.close()
    for lock in folder.glob("*_WRITELOCK"):
        lock.unlink()


def _write_field(writer: Any, codec: _BlockCodec, name: str, field: CountedText, postings: SortedPostings) -> None:
    if not postings.terms:
        return
    writer.start_field(name, field)
    bounds = postings.offsets.tolist()
    for term, start, end in zip(postings.terms, bounds, bounds[1:], strict=False):
        writer.start_term(term)
        codec.writers[-1].add_block_of(postings.rows[start:end], postings.counts[start:end])
        writer.finish_term()
    writer.finish_field()


class _BlockCodec(W3Codec):  # type: ignore[misc]
    """Whoosh's codec with a writer of postings that takes many at once; what it writes, Whoosh's own reads."""

    def __init__(self) -> None:
        super().__init__(blocklimit=BLOCK)
        self.writers: list[_BlockWriter] = []

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> _BlockWriter:
        self.writers.append(_BlockWriter(dbfile, BLOCK, byteids))
        return self.writers[-1]

    def __reduce__(self) -> tuple[type[W3Codec], tuple[()]]:
        """A segment is stored with its codec: the one that reads it."""
        return W3Codec, ()


class _BlockWriter(W3PostingsWriter):  # type: ignore[misc]
    def add_block_of(self, rows: NDArray[np.uint32], counts: NDArray[np.float32]) -> None:
        """Add the postings of one term."""
        for start in range(0, len(rows), BLOCK):
            if start:
                self._write_block()
            self._ids = array("I", rows[start : start + BLOCK].tobytes())
            self._weights = array("f", counts[start : start + BLOCK].tobytes())
            self._maxweight = max(self._weights)


class Vocabulary:
    """The terms of one segment in order, as Whoosh's term reader gives them. Not to be shared by threads."""

    def __init__(self, folder: Path) -> None:
        self._reader = FileStorage(str(folder), readonly=True).open_index().reader()

    @property
    def passages(self) -> int:
        """How many passages the index holds."""
        return int(self._reader.doc_count_all())

    def near(self, field: str, word: str, distance: int, prefix: int) -> list[str]:
        """Terms within `distance` edits of `word` that share its first `prefix` characters."""
        return list(self._reader.terms_within(field, word, distance, prefix=prefix))

    def close(self) -> None:
        """Give the files back."""
        self._reader.close()
