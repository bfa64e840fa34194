"""What the headings of an article are called, and what kind of section each opens."""

from __future__ import annotations

import re
import unicodedata

MAX_SLUG = 60
"""Characters of a heading's id; a longer heading is still told apart by its beginning."""

_NOT_IN_SLUG = re.compile(r"[^\w\u00b7-]+")

SECTION_KINDS = {
    "symptoms": "现象 症状 故障现象 问题现象 问题描述 问题 symptoms symptom problem issue",
    "environment": "环境 适用环境 适用范围 适用对象 environment applies-to scope",
    "cause": "原因 根本原因 故障原因 原因分析 cause causes root-cause",
    "steps": "解决步骤 解决方法 解决方案 解决办法 处理步骤 处理方法 操作步骤 步骤 做法 "
    "solution resolution steps fix procedure how-to",
    "verification": "验证 验证方法 确认 verification verify validation",
}
"""Kind of a section -> the headings it goes by."""

_KIND_OF = {name: kind for kind, names in SECTION_KINDS.items() for name in names.split()}


def kind_of(heading: str) -> str:
    """The kind of section that a heading opens, "other" when it is none of the five.

    >>> kind_of("解决步骤"), kind_of("3. Root cause"), kind_of("背景")
    ('steps', 'cause', 'other')
    """
    return _KIND_OF.get(re.sub(r"^[\d一二三四五六七八九十]+[-、.]*", "", slug(heading)), "other")


def slug(text: str) -> str:
    """Heading text as the readable part of an id: letters of any script, digits and dashes.

    >>> slug("1. 解决步骤（Windows 11）"), slug("C++ / C#"), slug("！")
    ('1-解决步骤-windows-11', 'c-c', 'section')
    """
    text = unicodedata.normalize("NFKC", text).lower()
    text = "".join(char for char in text if char.isprintable())
    return _NOT_IN_SLUG.sub("-", text)[:MAX_SLUG].strip("-") or "section"
