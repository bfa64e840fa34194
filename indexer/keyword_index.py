"""The Whoosh index of one segment: its schema, how it is written, and what its term reader answers.

Passages are tokenised once, by `indexer.tokenizing`; Whoosh takes the tokens
as they are. Scores come from the segment's arrays (`indexer.postings`), which
are filled from the same counts; Whoosh keeps the readable, ordered vocabulary.
No text that a user typed ever reaches a Whoosh parser.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from whoosh import index as whoosh_index
from whoosh.fields import ID, STORED, TEXT, Schema
from whoosh.filedb.filestore import FileStorage

from indexer.articles import Passage
from indexer.tokenizing import Tokenizer

FIELDS = ("words", "bigrams", "identifiers")

MEMORY_MB = 256
"""Postings that Whoosh sorts in memory before it spills to disk."""


class CountedText(TEXT):
    """A text field that takes the counts of finished tokens, which spares the analysis of text."""

    def index(self, value: Mapping[str, int], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """What Whoosh stores for each distinct token."""
        for token, count in value.items():
            yield token.encode(), count, float(count), _frequency(count)


def _frequency(count: int) -> bytes:
    return count.to_bytes(4, "big")


def schema() -> Schema:
    """Fields of a passage: two lanes of counted tokens, exact identifiers, and where it belongs."""
    return Schema(
        article=ID,
        words=CountedText(phrase=False),
        bigrams=CountedText(phrase=False),
        identifiers=CountedText(phrase=False),
        row=STORED,
    )


@dataclass(frozen=True, slots=True)
class PassageTokens:
    """The distinct tokens of one passage with their counts, per field."""

    words: Mapping[str, int]
    bigrams: Mapping[str, int]
    identifiers: Mapping[str, int]

    @classmethod
    def of(cls, passage: Passage, tokenizer: Tokenizer) -> PassageTokens:
        """The tokens of `passage`; those of its title and headings count twice."""
        text = passage.encoded_text
        if text.endswith(passage.text):
            text += "\n" + text[: len(text) - len(passage.text)]
        return cls(*(Counter(lane) for lane in tokenizer.lanes(text)))


class KeywordWriter:
    """Writes one Whoosh index with a single segment; `commit` or nothing."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._index = whoosh_index.create_in(folder, schema())
        self._writer = self._index.writer(limitmb=MEMORY_MB, procs=1)
        self._rows = 0

    def add(self, article_id: str, tokens: PassageTokens) -> None:
        """Append one passage; its document number is its row."""
        lanes = {field: getattr(tokens, field) for field in FIELDS}
        self._writer.add_document(
            article=article_id, row=self._rows, **{name: lane for name, lane in lanes.items() if lane}
        )
        self._rows += 1

    def commit(self) -> None:
        """Write the index, without its lock file."""
        folder = Path(self._index.storage.folder)
        self._writer.commit(merge=False)
        self._index.close()
        for lock in folder.glob("*_WRITELOCK"):
            lock.unlink()


class Vocabulary:
    """The terms of one segment in order, as Whoosh's term reader gives them. Not to be shared by threads."""

    def __init__(self, folder: Path) -> None:
        self._reader = FileStorage(str(folder), readonly=True).open_index().reader()

    @property
    def passages(self) -> int:
        """How many passages the index holds."""
        return int(self._reader.doc_count_all())

    def starting_with(self, field: str, prefix: str, limit: int) -> list[str]:
        """The first `limit` terms that start with `prefix`, in code-point order."""
        start = prefix.encode()
        terms = (term for name, term in self._reader.terms_from(field, start) if name == field)
        matching = takewhile(lambda term: term.startswith(start), terms)
        return [term.decode("utf-8", "replace") for term in islice(matching, limit)]

    def near(self, field: str, word: str, distance: int, prefix: int) -> list[str]:
        """Terms within `distance` edits of `word` that share its first `prefix` characters."""
        return list(self._reader.terms_within(field, word, distance, prefix=prefix))

    def close(self) -> None:
        """Give the files back."""
        self._reader.close()
