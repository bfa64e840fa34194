"""Elements to HTML text, without recursion and with every character escaped that needs it."""

from __future__ import annotations

from html import escape
from xml.etree.ElementTree import Element

VOID = frozenset({"br", "hr", "img", "input", "wbr", "col"})
BREAK_AFTER = frozenset({"p", "li", "ul", "ol", "div", "tr", "table", "section", "blockquote"})
"""Elements after which a newline makes the page's source readable and changes nothing else."""


def to_html(elements: list[Element]) -> str:
    """The HTML of the elements one after another, each with its tail."""
    written: list[str] = []
    pending: list[Element | str] = list(reversed(elements))
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            written.append(item)
            continue
        attributes = "".join(f' {name}="{escape(value)}"' for name, value in item.items())
        written.append(f"<{item.tag}{attributes}>")
        tail = escape(item.tail or "", quote=False)
        if item.tag in VOID:
            written.append(tail)
            continue
        written.append(escape(item.text or "", quote=False))
        pending.append(f"</{item.tag}>{tail}" + ("\n" if item.tag in BREAK_AFTER else ""))
        pending.extend(reversed(item))
    return "".join(written)
