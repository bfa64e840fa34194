"""What is done to the finished tree: addresses checked, headings named, notes set at the end."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString

from kbserver.domain.sections import slug
from kbserver.rendering import limits
from kbserver.rendering.sanitizing import is_safe_url
from kbserver.rendering.wording import word

Resolver = Callable[[str], str | None]

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_STASHED_ESCAPE = re.compile("\u0002(\\d+)\u0003")
_LEFTOVER = re.compile("[\u0002\u0003]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class TocEntry:
    """A heading in the contents: its level on the page (2 to 6), its id and its text."""

    level: int
    id: str
    text: str


def restore_escapes(root: Element) -> None:
    """Put back the characters that the inline marks had set aside behind a backslash."""
    for element in root.iter():
        for name in ("text", "tail"):
            text = getattr(element, name)
            if text and ("\u0002" in text or "\u0003" in text):
                kind = AtomicString if isinstance(text, AtomicString) else str
                setattr(element, name, kind(_restored(text)))
        for name, value in element.items():
            if "\u0002" in value or "\u0003" in value:
                element.set(name, _restored(value))


def _restored(text: str) -> str:
    return _LEFTOVER.sub("", _STASHED_ESCAPE.sub(lambda found: chr(int(found.group(1))), text))


def text_of(element: Element) -> str:
    """The text that a reader sees, images by their description, on one line; without the badge of what is internal."""
    parts: list[str] = []
    for part in element.iter():
        if part.tag == "img":
            parts.append(part.get("alt", ""))
        parts.append("" if part.get("class") == "internal-mark" else part.text or "")
        parts.append(part.tail or "" if part is not element else "")
    return " ".join("".join(parts).split())


def resolve_addresses(root: Element, article_url: Resolver, file_url: Resolver, lang: str) -> None:
    """Make every link and picture point to a safe place, or make it plain text."""
    parents = {child: parent for parent in root.iter() for child in parent}
    for image in list(root.iter("img")):
        _resolve_image(image, parents, file_url, lang)
    for link in list(root.iter("a")):
        _resolve_link(link, article_url, file_url)


def _resolve_link(link: Element, article_url: Resolver, file_url: Resolver) -> None:
    target = resolved_link(link.attrib.pop("href", ""), article_url, file_url)
    if target is None:
        link.tag = "span"
        link.attrib.pop("title", None)
        return
    link.set("href", target)
    if target.lower().startswith(("http:", "https:")):
        link.set("class", f"{link.get('class', '')} external".strip())
        link.set("rel", "noopener noreferrer")


def resolved_link(href: str, article_url: Resolver, file_url: Resolver) -> str | None:
    """Where a written address leads on the site, None when it may lead nowhere."""
    href = _tidy(href)
    if not href or href == "#":
        return None
    if href.startswith("#"):
        fragment = unquote(href[1:])
        return f"#{fragment if fragment.startswith(('h-', 'fn')) else 'h-' + slug(fragment)}"
    if _SCHEME.match(href) or href.startswith("/"):
        return href if is_safe_url(href) else None
    path, fragment = _relative_path(href)
    if path is None:
        return None
    is_article = path.lower().endswith((".md", ".markdown"))
    target = (article_url if is_article else file_url)(path)
    if not target or not target.startswith("/") or not is_safe_url(target):
        return None
    return f"{target}#h-{slug(fragment)}" if fragment else target


def _tidy(address: str) -> str:
    """The address without white space and control characters around it; "" when some stay inside."""
    address = "".join(
        char for char in address if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    ).strip()
    return "" if any(char.isspace() for char in address) else address.replace('"', "%22")


def _relative_path(address: str) -> tuple[str | None, str]:
    """A relative address as a normal path and its fragment; None for a path that is no file's."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None, ""
    path = unquote(parts.path, errors="replace")
    if parts.netloc or parts.scheme or not path or "\\" in path or ":" in path or path[0] == "/":
        return None, ""
    if not all(char.isprintable() for char in path):
        return None, ""
    return posixpath.normpath(path), unquote(parts.fragment, errors="replace")


def _resolve_image(image: Element, parents: dict[Element, Element], file_url: Resolver, lang: str) -> None:
    source = _tidy(image.get("src", ""))
    alt = " ".join(image.get("alt", "").split())
    target = None
    if source and not _SCHEME.match(source) and not source.startswith(("/", "#")):
        path, _ = _relative_path(source)
        target = file_url(path) if path else None
    elif source.startswith("/") and is_safe_url(source):
        target = source
    if target and target.startswith("/") and is_safe_url(target):
        image.set("src", target)
        image.set("alt", alt)
        return
    _replace_by_text(image, parents, source, alt, lang)


def _replace_by_text(image: Element, parents: dict[Element, Element], source: str, alt: str, lang: str) -> None:
    """A picture from elsewhere is not loaded: it would tell its host who reads what."""
    image.attrib.clear()
    label = f"[{word('image', lang)}] {alt}".strip() if alt else f"[{word('image', lang)}]"
    inside_link, parent = False, parents.get(image)
    while parent is not None and not inside_link:
        inside_link, parent = parent.tag == "a", parents.get(parent)
    is_link = source.lower().startswith(("http://", "https://")) and is_safe_url(source)
    if is_link and not inside_link:
        image.tag = "a"
        image.attrib.update({"href": source, "class": "image-link"})
    else:
        image.tag = "span"
    image.text = AtomicString(label)


def name_headings(root: Element, title: str, lang: str) -> tuple[TocEntry, ...]:
    """Give headings their page level, id and link; the contents, in reading order.

    The page's own `h1` is the article's title: a first heading that repeats it
    is dropped, and where the text uses level 1 all levels move down by one.
    """
    _drop_title(root, title)
    headings = [element for element in root.iter() if element.tag in _HEADINGS]
    shift = 1 if any(heading.tag == "h1" for heading in headings) else 0
    seen: dict[str, int] = {}
    entries = []
    for count, heading in enumerate(headings):
        level = min(6, int(heading.tag[1]) + shift)
        heading.tag = f"h{level}"
        text = text_of(heading)
        if "internal-heading" in heading.get("class", ""):
            badge = SubElement(heading, "span", {"class": "internal-mark"})
            badge.text = AtomicString(word("internal", lang))
        if count >= limits.MAX_HEADINGS or not text:
            continue
        name = _unique(f"h-{slug(text)}", seen)
        heading.set("id", name)
        entries.append(TocEntry(level, name, text))
        link = SubElement(heading, "a", {"class": "heading-link", "href": f"#{name}"})
        link.set("aria-label", word("link", lang))
        link.text = "#"
    return tuple(entries)


def _drop_title(root: Element, title: str) -> None:
    first = root[0] if len(root) else None
    wanted = " ".join(title.split())
    if wanted and first is not None and first.tag == "h1" and text_of(first) == wanted:
        root.remove(first)


def _unique(name: str, seen: dict[str, int]) -> str:
    seen[name] = seen.get(name, 0) + 1
    if seen[name] == 1:
        return name
    return _unique(f"{name}-{seen[name]}", seen)


def split_sections(root: Element) -> Iterator[tuple[Element | None, list[Element]]]:
    """The page's top-level blocks, split at its headings of the highest level: (heading, blocks)."""
    levels = [int(child.tag[1]) for child in root if child.tag in _HEADINGS]
    top = f"h{min(levels)}" if levels else ""
    heading: Element | None = None
    blocks: list[Element] = []
    for child in root:
        if child.tag == top:
            if heading is not None or blocks:
                yield heading, blocks
            heading, blocks = child, []
        else:
            blocks.append(child)
    if heading is not None or blocks:
        yield heading, blocks
