"""The department's vocabulary: words the segmenter must keep whole, and words that mean the same.

`articles/terms.yml` holds two lists, both optional:

    words: [工单系统, 堡垒机]
    synonyms:
      - [打印机, printer]
      - [VPN, 虚拟专用网, 远程接入]

Every member of a synonym group stands for every other one, in queries only, so
that a change of the file needs no new index.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from indexer.articles import Article
from indexer.normalizing import normalize

MAX_FILE_BYTES = 256 * 1024
MAX_TERM_CHARS = 40
_HAN_WORD = re.compile(r"[\u3400-\u9fff]{2,12}")


class TermsError(ValueError):
    """The vocabulary file cannot be used; the message names the place and the reason."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Words and synonym groups, normalised."""

    words: frozenset[str] = frozenset()
    """Han words that segmentation keeps whole, beside their parts."""
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Each term with the other members of its groups, in file order."""

    @classmethod
    def load(cls, path: Path | None, articles: Iterable[Article] = ()) -> Terms:
        """Terms of a vocabulary file and of the products, models and tags of `articles`.

        A missing file counts as empty. Raises TermsError for one that is too
        large, not YAML, or not of the documented shape.
        """
        words, groups = _read(path) if path and path.is_file() else ([], [])
        named = (name for article in articles for name in (*article.product, *article.tags))
        known = {
            word
            for term in (*words, *named, *(t for group in groups for t in group))
            for word in _HAN_WORD.findall(normalize(term))
        }
        return cls(frozenset(known), _by_member(groups))


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise TermsError(f"{path.name}: larger than {MAX_FILE_BYTES // 1024} kB")
    try:
        content = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader) or {}
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise TermsError(f"{path.name}: {str(error).splitlines()[0]}") from error
    if not isinstance(content, dict) or set(content) - {"words", "synonyms"}:
        raise TermsError(f"{path.name}: only the keys words and synonyms are known")
    words, groups = content.get("words") or [], content.get("synonyms") or []
    if not _is_list_of_terms(words) or not isinstance(groups, list) or not all(map(_is_list_of_terms, groups)):
        raise TermsError(f"{path.name}: words is a list of words, synonyms a list of lists of words")
    return words, groups


def _is_list_of_terms(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(term, str) and 0 < len(term) <= MAX_TERM_CHARS for term in value)


def _by_member(groups: Iterable[Iterable[str]]) -> dict[str, tuple[str, ...]]:
    others: dict[str, dict[str, None]] = {}
    for group in groups:
        members = list(dict.fromkeys(normalize(term) for term in group))
        for member in members:
            others.setdefault(member, {}).update((other, None) for other in members if other != member)
    return {member: tuple(found) for member, found in others.items()}
