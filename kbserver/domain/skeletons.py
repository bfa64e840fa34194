"""What a new article starts from: the sections of its type, in its language, still empty."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from indexer.articles import ArticleType, Audience
from indexer.frontmatter import with_body, with_fields
from kbserver.domain.sections import kind_of

VERIFY_EVERY_DAYS = 180
"""Days after which somebody should look at a new article again, unless its author says otherwise."""

SECTIONS: Mapping[ArticleType, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        ArticleType.SOLUTION: (
            ("现象", "Symptoms"),
            ("环境", "Environment"),
            ("原因", "Cause"),
            ("解决步骤", "Resolution"),
            ("验证", "Verification"),
        ),
        ArticleType.HOWTO: (
            ("目的", "Purpose"),
            ("适用范围", "Scope"),
            ("步骤", "Steps"),
            ("验证", "Verification"),
        ),
        ArticleType.FAQ: (("回答", "Answer"), ("适用范围", "Scope")),
        ArticleType.KNOWN_ISSUE: (
            ("现象", "Symptoms"),
            ("影响范围", "Affected"),
            ("原因", "Cause"),
            ("处理步骤", "Steps"),
            ("修复情况", "Fix"),
        ),
        ArticleType.POLICY: (
            ("目的", "Purpose"),
            ("适用范围", "Scope"),
            ("职责", "Responsibilities"),
            ("步骤", "Steps"),
            ("记录", "Records"),
        ),
    }
)
"""Headings of each type, Chinese and English, in reading order."""


def skeleton(kind: ArticleType, lang: str, owner: str) -> str:
    """The text of a new article, for internal readers until its author says otherwise.

    >>> skeleton(ArticleType.FAQ, "en", "li.na").partition("---\\n\\n")[2]
    '## Answer\\n\\n\\n\\n## Scope\\n'
    """
    fields: dict[str, str | tuple[str, ...]] = {
        "type": kind.value,
        "audience": Audience.INTERNAL.value,
        "lang": lang,
        "owner": owner,
        "verify_every_days": str(VERIFY_EVERY_DAYS),
    }
    headings = (english if lang == "en" else chinese for chinese, english in SECTIONS[kind])
    return with_body(with_fields("---\n---\n", fields), "\n\n".join(map(_empty_section, headings)))


def _empty_section(heading: str) -> str:
    return f"## {heading}\n\n{'1. ' if kind_of(heading) == 'steps' else ''}"
