"""The few words that rendering itself adds to an article, in the article's page language."""

from __future__ import annotations

_ZH = {
    "note": "说明",
    "tip": "提示",
    "important": "重要",
    "warning": "警告",
    "caution": "小心",
    "internal": "内部",
    "copy": "复制",
    "link": "本节链接",
    "image": "图片",
    "footnotes": "脚注",
    "back": "回到正文",
    "table": "表格",
    "done": "已完成",
    "open": "未完成",
    "details": "详情",
}
_EN = {
    "note": "Note",
    "tip": "Tip",
    "important": "Important",
    "warning": "Warning",
    "caution": "Caution",
    "internal": "Internal",
    "copy": "Copy",
    "link": "Link to this section",
    "image": "Image",
    "footnotes": "Footnotes",
    "back": "Back to the text",
    "table": "Table",
    "done": "Done",
    "open": "Not done",
    "details": "Details",
}


def word(name: str, lang: str) -> str:
    """The word called `name`; anything but English reads Chinese.

    >>> word("copy", "zh"), word("copy", "en-GB")
    ('复制', 'Copy')
    """
    return (_EN if lang.lower().startswith("en") else _ZH)[name]
