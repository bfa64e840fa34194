"""The typed schema of an article's front matter: strings in, `Article` fields and problems out."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from indexer.articles import ArticleType, Audience, TrustState
from indexer.problems import Problem, problem
from indexer.strict_yaml import Mapping, Node, Scalar, Sequence

MAX_ID = 64
MAX_TITLE = 200
"""Longer than any title a result list can show; the encoder reads it with every passage."""

MAX_VALUE = 200
"""Characters of one product, model, tag or owner: they are chips and facet names."""

MAX_ISSUE = 500
"""Characters of one requester's sentence; each becomes a passage of its own."""

MAX_ITEMS = 200
"""Items of one list; issue lists are append-only and may grow for years."""

MAX_CATEGORY_DEPTH = 6
MAX_VERIFY_DAYS = 3650
FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Dates outside are typing slips: nothing was verified before the first or after the last."""

ID_PATTERN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?")
LISTS = ("product", "model", "version", "platform", "tags", "issue", "source_tickets")
KNOWN_KEYS = (
    "id", "title", "type", "category", "product", "model", "version", "platform", "tags",
    "audience", "lang", "issue", "state", "owner", "verified_at", "verified_by",
    "verify_every_days", "valid_to", "source_tickets", "updated_at",
)  # fmt: skip
"""Every key of an article file, in the order in which it is written back."""

_LANG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")
_WHOLE_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
_RESERVED_NAME = re.compile(r"(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HIDDEN = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF])
"""Zero-width and direction marks: in a one-line value they only hide or reorder what is read."""


def canonical_id(text: str) -> str | None:
    """The id in its one form, or None when `text` cannot be an id.

    >>> canonical_id(" KB-0042 "), canonical_id("../../x"), canonical_id("con")
    ('KB-0042', None, None)
    """
    value = unicodedata.normalize("NFC", text).strip()
    safe = ID_PATTERN.fullmatch(value) and ".." not in value and not _RESERVED_NAME.fullmatch(value)
    return value if safe else None


def one_line(text: str) -> str:
    """Text as one line: white space collapsed, control and direction marks left out.

    >>> one_line(" a\\n b\\x07 ")
    'a b'
    """
    shown = (
        char for char in text.translate(_HIDDEN) if char.isspace() or unicodedata.category(char) not in ("Cc", "Cs")
    )
    return " ".join("".join(shown).split())


def canonical_category(text: str) -> str | None:
    """The category path in its one form (NFC, no empty parts), or None when a part is unsafe.

    >>> canonical_category("/邮件//Outlook/"), canonical_category("a/../b")
    ('邮件/Outlook', None)
    """
    parts = [one_line(part) for part in unicodedata.normalize("NFC", text).split("/")]
    parts = [part for part in parts if part]
    if any(part in (".", "..") or "\\" in part for part in parts):
        return None
    return "/".join(parts)


class HeaderReader:
    """Reads typed fields from a header; everything odd is added to `problems`."""

    def __init__(self, header: Mapping, today: date | None = None) -> None:
        self._header = header
        self._today = today
        self.problems: list[Problem] = []

    def fields(self) -> dict[str, Any]:
        """Keyword arguments for `Article`, without `body`; title may be empty."""
        fields: dict[str, Any] = {name: self._list(name) for name in LISTS}
        fields |= {
            "id": self._id(),
            "title": self._title(),
            "type": self._member("type", ArticleType, ArticleType.SOLUTION),
            "category": self._category(),
            "audience": self._member("audience", Audience, Audience.INTERNAL),
            "lang": self._lang(),
            "state": self._member("state", TrustState, TrustState.NOT_VALIDATED),
            "owner": self._text("owner"),
            "verified_at": self._day("verified_at", self._today),
            "verified_by": self._text("verified_by"),
            "verify_every_days": self._days(),
            "valid_to": self._day("valid_to"),
            "updated_at": self._updated_at(),
            "extra": dict(self._extra()),
        }
        return fields

    def line_of(self, key: str) -> int:
        return self._header.key_lines.get(key, self._header.line)

    def _report(self, code: str, key: str, **details: object) -> None:
        self.problems.append(problem(code, self.line_of(key), key, **details))

    def _scalar(self, key: str) -> str:
        node = self._header.items.get(key, Scalar("", 0))
        if isinstance(node, Scalar):
            return node.text
        self._report("type", key, wanted_zh="一个文字值", wanted_en="a single text value")
        return ""

    def _text(self, key: str, cap: int = MAX_VALUE) -> str:
        return self._capped(key, one_line(unicodedata.normalize("NFC", self._scalar(key))), cap)

    def _capped(self, key: str, text: str, cap: int) -> str:
        if len(text) <= cap:
            return text
        self._report("title_cut" if key == "title" else "value_cut", key, cap=cap)
        return text[:cap].rstrip()

    def _id(self) -> str:
        written = self._scalar("id")
        if not written.strip():
            if not self.problems or self.problems[-1].key != "id":
                self._report("id_missing", "id")
            return ""
        value = canonical_id(written)
        if value is None:
            self._report("id_bad", "id", value=written, cap=MAX_ID)
        return value or ""

    def _title(self) -> str:
        return self._capped("title", one_line(self._scalar("title")), MAX_TITLE)

    def _member(self, key: str, kind: Any, default: Any) -> Any:
        written = self._scalar(key).strip().lower()
        if not written:
            return default
        if written in list(kind):
            return kind(written)
        self._report("unknown_value", key, value=written, used=default.value)
        return default

    def _category(self) -> str:
        written = self._scalar("category")
        category = canonical_category(written)
        if category is None:
            self._report("category_bad", "category", value=written)
            return ""
        parts = category.split("/")
        if len(parts) > MAX_CATEGORY_DEPTH:
            self._report("category_cut", "category", cap=MAX_CATEGORY_DEPTH)
        return self._capped("category", "/".join(parts[:MAX_CATEGORY_DEPTH]), MAX_VALUE).strip("/")

    def _lang(self) -> str:
        written = self._scalar("lang").strip().lower()
        if not written or _LANG.fullmatch(written):
            return written
        self._report("unknown_value", "lang", value=written, used="zh")
        return "zh"

    def _list(self, key: str) -> tuple[str, ...]:
        node = self._header.items.get(key)
        if node is None or node == Scalar("", node.line):
            return ()
        nodes: Iterable[Node] = node.items if isinstance(node, Sequence) else (node,)
        if isinstance(node, Mapping) or not all(isinstance(item, Scalar) for item in nodes):
            self._report("type", key, wanted_zh="文字的列表", wanted_en="a list of texts")
            return ()
        cap = MAX_ISSUE if key == "issue" else MAX_VALUE
        written = (one_line(item.text) for item in nodes if isinstance(item, Scalar))
        values = dict.fromkeys(self._capped(key, unicodedata.normalize("NFC", text), cap) for text in written if text)
        if len(values) > MAX_ITEMS:
            self._report("list_cut", key, cap=MAX_ITEMS)
        return tuple(values)[:MAX_ITEMS]

    def _days(self) -> int | None:
        written = self._scalar("verify_every_days").strip()
        if not written:
            return None
        if _WHOLE_NUMBER.fullmatch(written) and int(written) <= MAX_VERIFY_DAYS:
            return int(written)
        self._report("number_bad", "verify_every_days", value=written, cap=MAX_VERIFY_DAYS)
        return None

    def _day(self, key: str, latest: date | None = None) -> date | None:
        moment = self._moment(key, latest)
        return moment.date() if moment else None

    def _updated_at(self) -> datetime | None:
        return self._moment("updated_at", self._today)

    def _moment(self, key: str, latest: date | None = None) -> datetime | None:
        written = self._scalar(key).strip()
        if not written:
            return None
        moment = moment_of(written)
        if moment is None:
            self._report("date_bad", key, value=written)
        elif latest and moment.date() > latest + timedelta(days=1):
            self._report("date_future", key, value=written)
            moment = None
        return moment

    def _extra(self) -> Iterator[tuple[str, str]]:
        for key, node in self._header.items.items():
            if key not in KNOWN_KEYS:
                self._report("unknown_key", key)
                yield key, node.text if isinstance(node, Scalar) else _as_json(node)


def moment_of(text: str) -> datetime | None:
    """The aware time that `text` names (a day counts as its midnight, no zone as UTC), or None.

    >>> moment_of("2026-09-01").isoformat(), moment_of("2024-02-30"), moment_of("0000-01-01")
    ('2026-09-01T00:00:00+00:00', None, None)
    """
    if not _DATE.match(text) or not text.isascii():
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        # A day keeps its own date; only a moment with a zone is moved to UTC.
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if FIRST_YEAR <= moment.year <= LAST_YEAR else None


def _as_json(node: Node) -> str:
    """A nested unknown value as one JSON string; the loader has capped its depth."""

    def plain(node: Node) -> object:
        if isinstance(node, Scalar):
            return node.text
        if isinstance(node, Sequence):
            return [plain(item) for item in node.items]
        return {key: plain(item) for key, item in node.items.items()}

    return json.dumps(plain(node), ensure_ascii=False, separators=(",", ":"))
