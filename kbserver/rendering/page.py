"""A Markdown text as the HTML of its page: parsed, resolved, and sanitised last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from pymdownx.tilde import DeleteSubExtension

from indexer.audience_sections import hidden_parts
from kbserver.domain.sections import kind_of
from kbserver.rendering import inline_marks, limits, link_marks, tree_passes
from kbserver.rendering.limits import Budget, ContentTooComplex
from kbserver.rendering.line_marks import Line
from kbserver.rendering.sanitizing import clean_html
from kbserver.rendering.serializing import to_html
from kbserver.rendering.structure import StructureBuilder
from kbserver.rendering.tree_passes import Resolver, TocEntry
from kbserver.rendering.wording import word

_LINE_END = re.compile(r"\r\n?|\n")
_UNSHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]"
)
"""Control characters, lone surrogates and non-characters, and the marks that turn the reading
direction, which could make a command read other than it is."""


@dataclass(frozen=True, slots=True)
class TextProblem:
    """A part of the text that is shown as typed because it reached a bound."""

    cap: str
    line: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class RenderedSection:
    """One section of the page; `kind` is a key of SECTION_KINDS or "other", `id` its heading's."""

    kind: str
    id: str
    heading: str
    html: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """The page of one text: safe HTML, contents, sections in order, and what was shown as typed."""

    html: str
    toc: tuple[TocEntry, ...]
    sections: tuple[RenderedSection, ...]
    problems: tuple[TextProblem, ...]

    def section(self, kind: str) -> RenderedSection | None:
        """The first section of that kind, such as "steps" for copying a solution."""
        return next((part for part in self.sections if part.kind == kind), None)


def no_address(path: str) -> None:
    """A resolver that knows no file: relative links become plain text."""


def render(
    markdown: str,
    *,
    lang: str = "zh",
    title: str = "",
    article_url: Resolver = no_address,
    file_url: Resolver = no_address,
) -> Rendered:
    """The safe HTML of a Markdown text.

    `article_url` maps the relative path of another article ("mail/a.md",
    "../b.md") to its address on the site, `file_url` that of a file beside the
    article ("a.png"); None drops the link and keeps its text. `lang` is the
    language of the words added. A first heading equal to `title` is left out.

    Raises ContentTooComplex when the text as a whole is beyond a bound.

    >>> render("**好**").html
    '<p><strong>好</strong></p>\\n'
    """
    try:
        return _Rendering(lang).run(markdown, title, article_url, file_url)
    except RecursionError:
        raise ContentTooComplex("nesting", limits.MAX_NESTING) from None


class _Rendering:
    def __init__(self, lang: str) -> None:
        self._lang = lang
        self._problems: dict[tuple[str, int], TextProblem] = {}
        self._budget = Budget()
        self._md = Markdown(extensions=[DeleteSubExtension(subscript=False)], output_format="html")
        self._md.ESCAPED_CHARS = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
        inline_marks.register(self._md, self._budget, self._note_number)
        link_marks.register(self._md, self._budget)
        self._builder = StructureBuilder(self._md, lang, self._budget, self._report)
        self._used_notes: dict[str, list[int]] = {}

    def run(self, markdown: str, title: str, article_url: Resolver, file_url: Resolver) -> Rendered:
        root = Element("div")
        self._build(root, source_lines(markdown))
        self._inline(root)
        self._add_notes(root)
        tree_passes.restore_escapes(root)
        tree_passes.resolve_addresses(root, article_url, file_url, self._lang)
        toc = tree_passes.name_headings(root, title, self._lang)
        sections = tuple(self._sections(root))
        html = "".join(part.html for part in sections)
        return Rendered(html, toc, sections, tuple(self._problems.values()))

    def _build(self, root: Element, lines: list[Line]) -> None:
        """Add the text's blocks to `root`; those of internal sections are marked, each one by itself.

        A box around them would take their headings out of the page's outline.
        """
        position = 0
        for part in hidden_parts("\n".join(line.text for line in lines)):
            if part.is_section:
                self._builder.build(root, lines[position : part.start])
                blocks = Element("div")
                self._builder.build(blocks, lines[part.start : part.end])
                for block in blocks:
                    block.set("class", f"{block.get('class', '')} internal-part".strip())
                    root.append(block)
                position = part.end
        self._builder.build(root, lines[position:])

    def _report(self, cap: str, limit: float, line: int) -> None:
        zh, en = (text.format(cap=limit, line=line) for text in limits.CAPS[cap])
        self._problems.setdefault((cap, line), TextProblem(cap, line, zh, en))

    def _inline(self, root: Element) -> None:
        self._md.treeprocessors["inline"].run(root)

    def _note_number(self, label: str) -> tuple[int, int] | None:
        """The number of a note and how often it was used so far, None when it is not defined."""
        name = label.lower()
        if name not in self._builder.footnotes:
            return None
        use = self._used_notes.setdefault(name, [len(self._used_notes) + 1, 0])
        use[1] += 1
        return use[0], use[1]

    def _add_notes(self, root: Element) -> None:
        """The notes that were used, in order; notes used by notes follow, each one once."""
        items: list[Element] = []
        while len(items) < len(self._used_notes):
            name = list(self._used_notes)[len(items)]
            item = Element("li", {"id": f"fn-{self._used_notes[name][0]}"})
            self._builder.build(item, self._builder.footnotes[name], 1)
            self._inline(item)
            items.append(item)
        if not items:
            return
        notes = SubElement(root, "section", {"class": "footnotes"})
        notes.set("aria-label", word("footnotes", self._lang))
        SubElement(notes, "ol").extend(items)
        for number, item in enumerate(items, 1):
            last = item[-1] if len(item) and item[-1].tag == "p" else SubElement(item, "p")
            back = SubElement(last, "a", {"class": "footnote-back", "href": f"#fnref-{number}"})
            back.set("aria-label", word("back", self._lang))
            back.text = "↩"

    def _sections(self, root: Element) -> Iterator[RenderedSection]:
        notes = root.find("section")
        if notes is not None:
            root.remove(notes)
        size = 0
        for heading, blocks in tree_passes.split_sections(root):
            part = _section(heading, blocks)
            size += len(part.html)
            yield part
            self._check(size)
        if notes is not None:
            yield RenderedSection("other", "", "", clean_html(to_html([notes])))

    def _check(self, size: int) -> None:
        if size > limits.MAX_OUTPUT_CHARS:
            raise ContentTooComplex("output", limits.MAX_OUTPUT_CHARS)
        self._budget.check()


def _section(heading: Element | None, blocks: list[Element]) -> RenderedSection:
    if heading is None:
        return RenderedSection("other", "", "", clean_html(to_html(blocks)))
    text = tree_passes.text_of(heading).removesuffix("#").rstrip() if heading.get("id") else ""
    kind = kind_of(text)
    wrapper = Element("section", {"class": "article-section", "data-section": kind})
    wrapper.extend([heading, *blocks])
    html = clean_html(to_html([wrapper]))
    return RenderedSection(kind, heading.get("id", ""), text, html)


def source_lines(markdown: str) -> list[Line]:
    """The numbered lines of a text without what no reader could see; refuses too large a one."""
    size = len(markdown.encode("utf-8", errors="replace"))
    if size > limits.MAX_SOURCE_BYTES:
        raise ContentTooComplex("size", limits.MAX_SOURCE_BYTES)
    text = _UNSHOWN.sub("", _LINE_END.sub("\n", markdown))
    lines = [Line(number, line) for number, line in enumerate(text.split("\n"), 1)]
    if len(lines) > limits.MAX_LINES:
        raise ContentTooComplex("lines", limits.MAX_LINES, limits.MAX_LINES)
    return lines
