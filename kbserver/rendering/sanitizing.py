"""The allow-list that everything shown has to pass, last of all steps."""

from __future__ import annotations

import re

import nh3

TAGS = frozenset(
    """a abbr aside b blockquote br button caption cite code dd del details div dl dt em
    figcaption figure h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p pre q s samp section
    small span strong sub summary sup table tbody td tfoot th thead tr u ul var wbr""".split()
)
ATTRIBUTES = {
    "*": {"class"},
    "a": {"href", "title", "rel", "aria-label", "id"},
    "aside": {"aria-label"},
    "button": {"data-copy"},
    "details": {"open"},
    "div": {"tabindex", "aria-label"},
    "h1": {"id"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "h5": {"id"},
    "h6": {"id"},
    "img": {"src", "alt", "title", "width", "height"},
    "input": {"checked", "disabled", "aria-label"},
    "li": {"id"},
    "ol": {"start"},
    "pre": {"tabindex"},
    "section": {"data-section", "aria-label"},
    "sup": {"id"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
}
CLASSES = re.compile(
    r"(?:code-(?:block|head|lang|copy)|highlight|[a-z][a-z0-9]{0,2}|admonition(?:-title)?"
    r"|kind-(?:note|tip|important|warning|caution|internal)|heading-link|table-scroll|task-(?:list|item|box)"
    r"|internal-(?:part|heading|mark)|footnote(?:s|-ref|-back)|external|image-link|article-section|raw-html|plain-source)"
)
"""The renderer's own classes, and Pygments' of up to three characters."""

MAX_READINGS = 3
_UNSETTLED = re.compile(r"\r|<pre>\n")

_SAFE_URL = re.compile(r"(?:https?://|mailto:|/(?![/\\])|#)[^\x00-\x20\x7f]*", re.IGNORECASE)
_SAFE_SOURCE = re.compile(r"/(?![/\\])[^\x00-\x20\x7f]*")
_ID = re.compile(r"(?:h|fn|fnref)-[^\s\"'<>&]{1,80}")
_NUMBER = re.compile(r"[0-9]{1,4}")
_VALUES = {
    "align": re.compile(r"left|center|right"),
    "checked": re.compile(""),
    "colspan": _NUMBER,
    "data-copy": re.compile(r"code|section"),
    "data-section": re.compile(r"symptoms|environment|cause|steps|verification|other"),
    "disabled": re.compile(""),
    "height": _NUMBER,
    "href": _SAFE_URL,
    "id": _ID,
    "open": re.compile(""),
    "rel": re.compile(r"noopener noreferrer"),
    "rowspan": _NUMBER,
    "scope": re.compile(r"col|row"),
    "src": _SAFE_SOURCE,
    "start": re.compile(r"[0-9]{1,9}"),
    "tabindex": re.compile(r"0"),
    "width": _NUMBER,
}
"""What the value of an attribute has to be from beginning to end; others are free text."""


def is_safe_url(url: str) -> bool:
    """Whether a link may go there: http, https, mailto, a path on this site or on this page.

    >>> is_safe_url("/articles/KB-1"), is_safe_url("//evil"), is_safe_url("javascript:alert(1)")
    (True, False, False)
    """
    return bool(_SAFE_URL.fullmatch(url))


def _checked(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        kept = [word for word in value.split() if CLASSES.fullmatch(word)]
        return " ".join(kept) or None
    pattern = _VALUES.get(name)
    return value if pattern is None or pattern.fullmatch(value) else None


_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags={"script", "style"},
    attributes=ATTRIBUTES,
    attribute_filter=_checked,
    # One each: with two, nh3 writes them in an order that changes from start to start.
    set_tag_attribute_values={
        "button": {"type": "button"},
        "input": {"type": "checkbox"},
    },
    url_schemes={"http", "https", "mailto"},
    strip_comments=True,
    link_rel=None,
)


def clean_html(html: str) -> str:
    """HTML with nothing but what the allow-list names; cleaning it again changes nothing."""
    cleaned = _CLEANER.clean(html)
    # HTML reads a carriage return as a line end and drops the first line end of `pre`, so text
    # with these, written as references, settles only when it is read once more.
    for _ in range(MAX_READINGS):
        if not _UNSETTLED.search(cleaned):
            break
        cleaned = _CLEANER.clean(cleaned)
    return cleaned
