"""How much one text may ask of the renderer, and why each bound is where it is.

A text beyond a bound is either shown more plainly (that part as it was typed)
or, when the whole is too much, refused with a sentence. Nothing here depends on
how busy the machine is: the time bound counts this thread's own CPU time.
"""

from __future__ import annotations

import time

from indexer.frontmatter import MAX_BODY_BYTES

MAX_SOURCE_BYTES = MAX_BODY_BYTES
"""The same as the article loader's, so that what can be stored can be shown."""

MAX_LINES = 20_000
"""Lines of one text; a pasted log is longer, but nobody reads it as an article."""

MAX_OUTPUT_CHARS = 3_000_000
"""Twelve times the longest source; a page beyond it would stall a phone."""

MAX_NESTING = 16
"""Lists, quotes and boxes inside one another; people stop at five. Each level is a recursion."""

MAX_PARAGRAPH_CHARS = 16_000
"""Longest run of text in which marks are looked for: several of them cost the square of it.
About ten pages of Chinese; longer ones are shown as typed."""

MAX_TABLE_COLUMNS = 60
MAX_TABLE_CELLS = 20_000
"""Every row is filled up to the header's width, so a few bytes a row can become a wide table."""

MAX_REFERENCES = 1000
MAX_FOOTNOTES = 200
MAX_HEADINGS = 500
"""Headings with an id and an entry in the contents; later ones are plain headings."""

MAX_RAW_BLOCK_CHARS = 20_000
MAX_RAW_TAGS = 500
"""Raw HTML is repaired by an HTML5 parser whose time grows with the square of unclosed tags
(nh3: 97 kB of `<div>` 1.7 s); a block with more is shown as text."""

MAX_RAW_CHARS = 100_000
MAX_RAW_BLOCKS = 1000
"""Raw HTML of one text, all blocks together."""

MAX_HIGHLIGHT_CHARS = 20_000
MAX_HIGHLIGHT_TOTAL_CHARS = 60_000
MAX_HIGHLIGHT_LINE = 1_000
"""Code beyond is shown in one colour: highlighting multiplies it by ten, and lexers are
sets of regular expressions written for lines that people write."""

MAX_CPU_SECONDS = 0.8
"""Own CPU time for one text; the longest real article takes a tenth of it."""

CAPS: dict[str, tuple[str, str]] = {
    "size": (
        "正文超过 {cap} 字节，请拆成几篇文章。",
        "The text is larger than {cap} bytes; split it into several articles.",
    ),
    "lines": (
        "正文超过 {cap} 行，请拆成几篇文章，或把日志作为附件。",
        "The text has more than {cap} lines; split it, or attach the log as a file.",
    ),
    "output": (
        "正文排版后超过 {cap} 个字符，请简化表格或代码。",
        "The rendered text is longer than {cap} characters; simplify its tables or code.",
    ),
    "time": (
        "正文的排版太复杂（处理到第 {line} 行），请简化嵌套和标记。",
        "The text is too complex to render (given up near line {line}); simplify its marks.",
    ),
    "nesting": (
        "第 {line} 行附近嵌套超过 {cap} 层。",
        "Near line {line} the nesting is deeper than {cap} levels.",
    ),
    "paragraph": (
        "第 {line} 行的段落超过 {cap} 个字符，按原文显示。",
        "The paragraph at line {line} has more than {cap} characters and is shown as typed.",
    ),
    "table": (
        "第 {line} 行的表格太大（最多 {cap} 列，全文最多 20000 格），按原文显示。",
        "The table at line {line} is too large (at most {cap} columns, 20000 cells in all) and is shown as typed.",
    ),
    "raw_html": (
        "第 {line} 行的 HTML 太长或标签太多（最多 {cap} 个），按原文显示。",
        "The HTML at line {line} is too long or has more than {cap} tags and is shown as typed.",
    ),
    "references": (
        "链接定义超过 {cap} 个，第 {line} 行起按原文显示。",
        "There are more than {cap} link definitions; from line {line} on they are shown as typed.",
    ),
    "footnotes": (
        "脚注超过 {cap} 个，第 {line} 行起按原文显示。",
        "There are more than {cap} footnotes; from line {line} on they are shown as typed.",
    ),
}
"""Name of a bound -> Chinese and English sentence."""


class ContentTooComplex(ValueError):
    """The text cannot be rendered within the bounds; `cap` names the one that was reached."""

    def __init__(self, cap: str, limit: float, line: int = 0) -> None:
        self.cap = cap
        self.limit = limit
        self.line = line
        self.zh, self.en = (text.format(cap=limit, line=line) for text in CAPS[cap])
        super().__init__(self.en)

    def message(self, lang: str = "zh") -> str:
        """The sentence in the reader's language; anything but English reads Chinese."""
        return self.en if lang.lower().startswith("en") else self.zh


class Budget:
    """CPU time of one rendering; `check` raises ContentTooComplex once it is spent."""

    def __init__(self, seconds: float = MAX_CPU_SECONDS) -> None:
        self._end = time.thread_time() + seconds
        self.line = 0

    def check(self, line: int = 0) -> None:
        self.line = line or self.line
        if time.thread_time() > self._end:
            raise ContentTooComplex("time", MAX_CPU_SECONDS, self.line)
