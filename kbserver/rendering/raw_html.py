"""Raw HTML in an article: a few plain tags become elements, every other tag is dropped.

What comes out is a tree of its own, balanced and without anything that runs, so
broken HTML in one place cannot swallow the rest of the page.
"""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree.ElementTree import Element, SubElement

import nh3
from markdown.util import AtomicString

VOID = frozenset({"br", "hr", "img", "wbr", "col"})
INLINE = frozenset(
    {"a", "abbr", "b", "cite", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "samp",
     "small", "span", "strong", "sub", "sup", "u", "var"}
)  # fmt: skip
BLOCK = frozenset(
    {"blockquote", "caption", "dd", "div", "dl", "dt", "figcaption", "figure", "h1", "h2", "h3",
     "h4", "h5", "h6", "li", "ol", "p", "pre", "table", "tbody", "td", "tfoot", "th", "thead",
     "tr", "ul"}
)  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
"""What a writer may set; no class and no id, which are the renderer's own."""

KNOWN = (
    VOID
    | INLINE
    | BLOCK
    | frozenset(
        """acronym address animate animatetransform applet area article aside audio base basefont
        bdi bdo bgsound big blink body button canvas center colgroup command data datalist details
        dialog dir embed fieldset font footer foreignobject form frame frameset head header hgroup
        html iframe image input isindex keygen label layer legend link listing main map marquee
        math menu menuitem meta meter nav nobr noembed noframes noscript object optgroup option
        output param picture plaintext portal progress rp rt ruby script search section select
        selectedcontent set slot source strike style summary svg template textarea time title
        track tt use video xmp xss""".split()
    )
)
"""Names of HTML elements. Anything else in angle brackets, such as `<server>`, is a writer's
placeholder and is shown."""

_CLEANER = nh3.Cleaner(
    tags=set(VOID | INLINE | BLOCK),
    attributes=ATTRIBUTES,
    clean_content_tags={"script", "style"},
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)


def raw_elements(source: str) -> Element | None:
    """A `div` with the elements of a block of raw HTML, None when nothing is left of it."""
    builder = _TreeBuilder()
    builder.feed(_CLEANER.clean(source))
    builder.close()
    root = builder.root
    return root if len(root) or (root.text or "").strip() else None


class _TreeBuilder(HTMLParser):
    """Builds elements from what nh3 wrote, which is balanced already."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("div", {"class": "raw-html"})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        element = SubElement(self._open[-1], tag, given)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if len(self._open) > 1 and self._open[-1].tag == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        parent = self._open[-1]
        # Atomic: the text is HTML's, so Markdown marks in it mean nothing.
        if len(parent):
            parent[-1].tail = AtomicString((parent[-1].tail or "") + data)
        else:
            parent.text = AtomicString((parent.text or "") + data)
