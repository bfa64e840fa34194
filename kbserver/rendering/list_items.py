"""The last touches to a list item: a task's box, and no paragraphs inside a tight list."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from markdown.util import AtomicString

from kbserver.rendering.wording import word

_TASK = re.compile(r"\[([ xX])\][ \t]+(?=\S)")


def finish_item(parent: Element, item: Element, loose: bool, lang: str) -> None:
    """Turn a task's brackets into a box, and take the paragraphs out of a tight item."""
    first = item[0] if len(item) and item[0].tag == "p" else None
    task = _TASK.match(first.text or "") if first is not None else None
    if first is not None and task and not isinstance(first.text, AtomicString):
        first.text = (first.text or "")[task.end() :]
    if not loose:
        _unwrap_paragraphs(item)
    if task and first is not None:
        target = first if loose else item
        box = Element("input", {"type": "checkbox", "disabled": "", "class": "task-box"})
        is_done = task.group(1) != " "
        box.attrib.update({"checked": ""} if is_done else {})
        box.set("aria-label", word("done" if is_done else "open", lang))
        box.tail, target.text = f" {target.text or ''}", None
        target.insert(0, box)
        item.set("class", "task-item")
        parent.set("class", "task-list")


def _unwrap_paragraphs(item: Element) -> None:
    for position, child in reversed(list(enumerate(item))):
        if child.tag != "p" or child.get("class"):
            continue
        item.remove(child)
        if position:
            item[position - 1].tail = child.text
        else:
            item.text = child.text
