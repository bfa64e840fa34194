"""What a browser would run, load or be led to in a piece of HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

FORBIDDEN_TAGS = frozenset(
    """animate applet audio base body canvas dialog embed form frame frameset head html iframe
    link marquee math meta noembed noframes noscript object option plaintext portal script select
    set slot style svg template textarea title video xmp""".split()
)
URL_ATTRIBUTES = frozenset({"href", "src", "action", "formaction", "poster", "background", "data"})
_SAFE_URL = re.compile(r"(?:https?://|mailto:|/(?![/\\])|#)", re.IGNORECASE)
_SAFE_SOURCE = re.compile(r"/(?![/\\])")
_SAFE_ID = re.compile(r"(?:h|fn|fnref)-")


class _Watcher(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FORBIDDEN_TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if not _is_inert(tag, name, value or ""):
                self.found.append(f"<{tag} {name}={value!r}>")

    def handle_decl(self, decl: str) -> None:
        self.found.append(f"<!{decl}>")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}-->")

    def handle_pi(self, data: str) -> None:
        self.found.append(f"<?{data}>")


def _is_inert(tag: str, name: str, value: str) -> bool:
    if name.startswith("on") or name in ("style", "name", "srcset", "srcdoc", "target", "ping"):
        return False
    if name == "id":
        return bool(_SAFE_ID.match(value))
    if name == "src":
        return bool(_SAFE_SOURCE.match(value))
    if name in URL_ATTRIBUTES:
        return bool(_SAFE_URL.match(value))
    if tag == "input" and name == "type":
        return value == "checkbox"
    return ":" not in name


def live_content(html: str) -> list[str]:
    """Everything in `html` that is not inert; an empty list is what a page must have."""
    watcher = _Watcher()
    watcher.feed(html)
    watcher.close()
    return watcher.found
