"""An `Article` as the text of its file, such that reading it back gives the same article."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from indexer.article_schema import KNOWN_KEYS
from indexer.articles import Article

_PLAIN = re.compile(r"[^\W\d_](?:[\w ./+-]*[\w.+])?")
_PLAIN_EXACT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.+-]+)?|[0-9]{1,6}|KB-[0-9]+")
_TYPED_WORD = re.compile(r"(?i:y|n|yes|no|on|off|true|false|null|nan|inf)")
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]|[\U000e0000-\U0010ffff]')


def markdown_of(article: Article) -> str:
    """The article's file: front matter with the known keys in one order, then the body.

    Values that are the default and say nothing (no owner, empty lists) are left out.
    """
    lines = [f"{key}:{value}" for key, value in _entries(article)]
    body = f"\n{article.body}\n" if article.body else ""
    return "\n".join(["---", *lines, "---", body])


def _entries(article: Article) -> Iterator[tuple[str, str]]:
    for key in KNOWN_KEYS:
        value = getattr(article, key)
        if value not in ("", (), None):
            yield key, written_value(key, value)
    for key, text in article.extra.items():
        yield quoted(key), f" {quoted(text)}"


def written_value(key: str, value: object) -> str:
    """What stands behind the colon of a key: issue lines one below the other, other lists on its line.

    >>> written_value("tags", ("VPN", "no")), written_value("issue", ("连不上",))
    (' [VPN, "no"]', '\\n  - 连不上')
    """
    if isinstance(value, tuple):
        if key == "issue":
            return "".join(f"\n  - {quoted(item)}" for item in value)
        return f" [{', '.join(map(quoted, value))}]"
    return f" {value.isoformat()}" if isinstance(value, date) else f" {quoted(str(value))}"


def quoted(text: str) -> str:
    """`text` as a YAML scalar: bare where no reader could take it for anything but text.

    >>> quoted("Outlook"), quoted("no"), quoted('a: "b"')
    ('Outlook', '"no"', '"a: \\\\"b\\\\""')
    """
    if _PLAIN_EXACT.fullmatch(text):
        return text
    if _PLAIN.fullmatch(text) and not _TYPED_WORD.fullmatch(text):
        return text
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    char = found.group()
    return f"\\{char}" if char in '"\\' else f"\\U{ord(char):08X}"
