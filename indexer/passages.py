"""Articles to passages: sections are cut at block borders into pieces the encoder can read whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from indexer.articles import FACETS, Article, Passage, PassageKind
from indexer.parsing import Section, sections_of

TARGET_TOKENS = 170
"""A passage is closed once it holds this many tokens: long enough for a step with its
reason, short enough that one vector still stands for one thing."""

MAX_TOKENS = 230
"""No block is longer than this in one passage; longer ones are cut at sentence ends."""

MIN_TOKENS = 40
"""A smaller section is joined to its neighbour under the same parent heading."""

MAX_PASSAGES = 2000
"""Passages taken from one article; a longer one is searchable by its beginning only."""

_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_NARROW = re.compile(r"[A-Za-z]+|\d+|[^\sA-Za-z\d\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_SENTENCE_END = re.compile(r"(?<=[。！？；\n])|(?<=[.!?;])\s")


def token_estimate(text: str) -> int:
    """About how many sentencepiece tokens `text` has, without running a tokenizer.

    >>> token_estimate("打印机脱机"), token_estimate("restart the spooler")
    (4, 4)
    """
    return round(0.7 * len(_WIDE.findall(text)) + 1.25 * len(_NARROW.findall(text)))


def passages_of(article: Article) -> list[Passage]:
    """The passages of an article: title, issue lines, facts, then its sections in reading order."""
    lines_of_kind = (
        (PassageKind.TITLE, (article.title,)),
        (PassageKind.ISSUE, article.issue),
        (PassageKind.FACTS, (_facts(article),)),
    )
    passages = [
        Passage(article.id, kind, (), line, line) for kind, lines in lines_of_kind for line in lines if line.strip()
    ]
    for heading_path, text in islice(_pieces(article), MAX_PASSAGES):
        heading = " > ".join(heading_path[-2:])
        encoded = "\n".join(part for part in (article.title, heading, text) if part)
        passages.append(Passage(article.id, PassageKind.SECTION, heading_path, text, encoded))
    return passages


def _facts(article: Article) -> str:
    """The article's facets in one line, each value once."""
    values = [value for facet in FACETS for value in article.facet_values(facet)]
    return " ".join(dict.fromkeys(part for value in values for part in value.split("/")))


def _pieces(article: Article) -> Iterator[tuple[tuple[str, ...], str]]:
    for section in _joined(_without_title(sections_of(article.body), article.title)):
        for text in _packed(section.blocks):
            yield section.heading_path, text


def _without_title(sections: list[Section], title: str) -> list[Section]:
    """Sections whose path no longer starts with the heading that only repeats the title."""
    return [
        Section(
            section.heading_path[1:] if section.heading_path[:1] == (title,) else section.heading_path, section.blocks
        )
        for section in sections
    ]


def _joined(sections: list[Section]) -> Iterator[Section]:
    """Small siblings below the top level become one section that keeps each heading as a line."""
    current: Section | None = None
    size = 0
    for section in sections:
        if not section.blocks:
            continue
        tokens = sum(map(token_estimate, section.blocks))
        small = min(size, tokens) < MIN_TOKENS and size + tokens <= TARGET_TOKENS
        if current and small and _are_siblings(current, section):
            blocks = [*current.blocks, section.heading_path[-1], *section.blocks]
            current, size = Section(current.heading_path, blocks), size + tokens
            continue
        if current:
            yield current
        current, size = Section(section.heading_path, list(section.blocks)), tokens
    if current:
        yield current


def _are_siblings(one: Section, other: Section) -> bool:
    parents = one.heading_path[:-1], other.heading_path[:-1]
    return parents[0] == parents[1] != ()


def _packed(blocks: list[str]) -> Iterator[str]:
    """Blocks joined by newlines into texts of about TARGET_TOKENS, in order."""
    pending: list[str] = []
    size = 0
    for block in (piece for whole in blocks for piece in _cut(whole)):
        tokens = token_estimate(block)
        if pending and size + tokens > TARGET_TOKENS:
            yield "\n".join(pending)
            pending, size = [], 0
        pending.append(block)
        size += tokens
    if pending:
        yield "\n".join(pending)


def _cut(block: str) -> Iterator[str]:
    """The block itself, or pieces of at most MAX_TOKENS that end at sentence ends where there are any."""
    if token_estimate(block) <= MAX_TOKENS:
        yield block
        return
    piece = ""
    for sentence in _SENTENCE_END.split(block):
        if piece and token_estimate(piece) + token_estimate(sentence) > TARGET_TOKENS:
            yield piece.strip()
            piece = ""
        while token_estimate(sentence) > MAX_TOKENS:
            cut = max(1, len(sentence) * TARGET_TOKENS // token_estimate(sentence))
            yield sentence[:cut].strip()
            sentence = sentence[cut:]
        piece += sentence if not piece or piece.endswith(("。", "！", "？", "；", "\n")) else " " + sentence
    if piece.strip():
        yield piece.strip()
