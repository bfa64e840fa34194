"""Marks inside a paragraph that GitHub knows and the `markdown` package reads otherwise."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from html.parser import HTMLParser
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

from kbserver.rendering.limits import MAX_PARAGRAPH_CHARS, Budget
from kbserver.rendering.raw_html import ATTRIBUTES, INLINE, KNOWN

Result = tuple[Element | str | None, int | None, int | None]

_TAG = (
    r"<(/?)([A-Za-z][A-Za-z0-9-]{0,30})((?:\s+[^\s\"'<>=/]{1,40}"
    r"(?:\s*=\s*(?:\"[^\"<]{0,2000}\"|'[^'<]{0,2000}'|[^\s\"'<>=`]{1,2000}))?)*)\s*/?>"
)
_URL = r"(?<![A-Za-z0-9_@/.])(?:https?://|www\.)[A-Za-z0-9\[][A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]{1,2000}"
_MAIL = r"(?<![A-Za-z0-9._%+/-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
_ENTITY = r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
_ANY_MARK = re.compile(r"[\\`*_\[<&~@]|https?://|www\.|  \n", re.IGNORECASE)


def marked_text(text: str) -> str:
    """The text as it should be given to the inline marks: untouchable when it is too long or plain."""
    if len(text) > MAX_PARAGRAPH_CHARS or not _ANY_MARK.search(text):
        return AtomicString(text)
    return text


class CodeSpan(InlineProcessor):
    """Text between backticks as GitHub reads it: line ends are spaces, one outer space is dropped."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(r"(?<![\\`])(`+)(?!`)", md)

    def handleMatch(self, m: re.Match[str], data: str) -> Result:
        ticks = m.group(1)
        closing = re.compile(rf"(?<!`){ticks}(?!`)").search(data, m.end())
        if not closing:
            # Shown as typed, and skipped, so that a row of unpaired ticks is read once.
            return None, m.start(), m.end()
        code = Element("code")
        text = data[m.end() : closing.start()].replace("\n", " ")
        if text.strip() and text[0] == " " == text[-1]:
            text = text[1:-1]
        code.text = AtomicString(text)
        return code, m.start(), closing.end()


class HardBreak(InlineProcessor):
    """A backslash at the end of a line."""

    def handleMatch(self, m: re.Match[str], data: str) -> Result:
        return Element("br"), m.start(), m.end()


class Entity(InlineProcessor):
    """A character reference as its character; a name that HTML does not know stays as typed."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(_ENTITY, md)

    def handleMatch(self, m: re.Match[str], data: str) -> Result:
        char = html.unescape(m.group())
        # A character that could open a mark must stay text, so it is set apart from the source.
        return AtomicString(char) if char.isprintable() or char.isspace() else "", m.start(), m.end()


class AngleLink(InlineProcessor):
    """`<https://…>` and `<name@host>`."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(r"<((?:https?://|mailto:)[^<>\s]{1,2000}|[^<>\s@:/]{1,64}@[^<>\s@:/]{1,255})>", md)

    def handleMatch(self, m: re.Match[str], data: str) -> Result:
        address = m.group(1)
        scheme = "" if address.lower().startswith(("http", "mailto:")) else "mailto:"
        return _link(scheme + address, address), m.start(), m.end()


class BareLink(InlineProcessor):
    """An address in running text. It ends where ASCII ends: Chinese goes on without a space."""

    ANCESTOR_EXCLUDES = ("a",)

    def __init__(self, md: Markdown) -> None:
        super().__init__(f"(?:{_URL})|(?:{_MAIL})", md)

    def handleMatch(self, m: re.Match[str], data: str) -> Result:
        text = _without_trailing_marks(m.group())
        scheme = "http://" if text.startswith("www.") else "" if "://" in text else "mailto:"
        return _link(scheme + text, text), m.start(), m.start() + len(text)


def _without_trailing_marks(address: str) -> str:
    """An address without the sentence marks and unopened brackets behind it.

    >>> _without_trailing_marks("http://a.b/c_(d))."), _without_trailing_marks("http://a.b/?q=1;")
    ('http://a.b/c_(d)', 'http://a.b/?q=1')
    """
    surplus = address.count(")") - address.count("(")
    end = len(address)
    while end and (address[end - 1] in "?!.,:;*_~'\"" or (address[end - 1] == ")" and surplus > 0)):
        surplus -= address[end - 1] == ")"
        end -= 1
    return address[:end]


def _link(target: str, text: str) -> Element:
    link = Element("a", {"href": target})
    link.text = AtomicString(text)
    return link


class RawTag(InlineProcessor):
    """Raw tags in a line: a plain pair becomes an element, other HTML is dropped, the rest is text."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(_TAG, md)

    def handleMatch(self, m: re.Match[str], data: str) -> Result:
        closing, name = m.group(1), m.group(2).lower()
        if name not in KNOWN:
            return AtomicString(self.unescape(m.group())), m.start(), m.end()
        if name in ("br", "wbr") and not closing:
            return Element(name), m.start(), m.end()
        if name == "img" and not closing:
            return Element("img", _attributes(name, self.unescape(m.group()))), m.start(), m.end()
        end = data.find(f"</{m.group(2)}>", m.end()) if name in INLINE and not closing else -1
        if end < 0:
            return "", m.start(), m.end()
        element = Element(name, _attributes(name, self.unescape(m.group())))
        element.text = data[m.end() : end]
        return element, m.start(), end + len(name) + 3


class RawComment(InlineProcessor):
    """A comment inside a line is not shown."""

    def __init__(self, md: Markdown) -> None:
        super().__init__("<!--", md)

    def handleMatch(self, m: re.Match[str], data: str) -> Result:
        end = data.find("-->", m.end())
        if end < 0:
            return AtomicString("<!--"), m.start(), m.end()
        return "", m.start(), end + 3


class _AttributeReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        allowed = ATTRIBUTES.get(tag, set())
        self.found = {name: value or "" for name, value in attrs if name in allowed}


def _attributes(name: str, tag: str) -> dict[str, str]:
    if name not in ATTRIBUTES:
        return {}
    reader = _AttributeReader()
    reader.feed(tag)
    return reader.found


class FootnoteReference(InlineProcessor):
    """`[^label]` as a link to the note, numbered in the order of first use."""

    def __init__(self, md: Markdown, number_of: Callable[[str], tuple[int, int] | None]) -> None:
        super().__init__(r"\[\^([^\]\s]{1,60})\]", md)
        self._number_of = number_of

    def handleMatch(self, m: re.Match[str], data: str) -> Result:
        numbers = self._number_of(m.group(1))
        if numbers is None:
            return AtomicString(self.unescape(m.group())), m.start(), m.end()
        note, use = numbers
        suffix = f"-{use}" if use > 1 else ""
        mark = Element("sup", {"id": f"fnref-{note}{suffix}", "class": "footnote-ref"})
        SubElement(mark, "a", {"href": f"#fn-{note}"}).text = AtomicString(str(note))
        return mark, m.start(), m.end()


class Clock(InlineProcessor):
    """Matches nothing; looks at the time whenever a piece of text is about to be read."""

    def __init__(self, md: Markdown, budget: Budget) -> None:
        super().__init__(r"(?!)", md)
        self._budget = budget

    def getCompiledRegExp(self) -> re.Pattern[str]:
        self._budget.check()
        return super().getCompiledRegExp()


def register(md: Markdown, budget: Budget, number_of: Callable[[str], tuple[int, int] | None]) -> None:
    """Put these marks in place of the package's own in `md`."""
    for name in ("backtick", "html", "entity", "autolink", "automail"):
        md.inlinePatterns.deregister(name)
    patterns = md.inlinePatterns
    patterns.register(Clock(md, budget), "clock", 200)
    patterns.register(CodeSpan(md), "backtick", 190)
    patterns.register(RawComment(md), "comment", 188)
    patterns.register(AngleLink(md), "autolink", 187)
    patterns.register(HardBreak(r"\\\n", md), "hard_break", 185)
    patterns.register(FootnoteReference(md, number_of), "footnote", 175)
    patterns.register(RawTag(md), "html", 90)
    patterns.register(Entity(md), "entity", 80)
    patterns.register(BareLink(md), "bare_link", 70)
