"""What is wrong with an article file, said in Chinese and in English, with the line it stands on."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final


class Severity(enum.StrEnum):
    """ERROR keeps the file out of the index; WARNING is only reported."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about a file: `line` counts from 1 (0: the file as a whole), `key` may be empty."""

    severity: Severity
    code: str
    line: int
    key: str
    zh: str
    en: str

    def message(self, lang: str = "zh") -> str:
        """The sentence in the reader's language; anything but English reads Chinese."""
        return self.en if lang.lower().startswith("en") else self.zh

    def __str__(self) -> str:
        return f"{self.line}: {self.en}" if self.line else self.en


_ERROR: Final = Severity.ERROR
_WARNING: Final = Severity.WARNING

MESSAGES: dict[str, tuple[Severity, str, str]] = {
    "empty": (_ERROR, "文件是空的。", "The file is empty."),
    "too_large": (
        _ERROR,
        "文件有 {size} 字节，超过上限 {cap} 字节。",
        "The file has {size} bytes, more than the cap of {cap} bytes.",
    ),
    "body_too_large": (
        _ERROR,
        "正文有 {size} 字节，超过上限 {cap} 字节，请拆成几篇文章。",
        "The body has {size} bytes, more than the cap of {cap}; split it into several articles.",
    ),
    "header_too_large": (
        _ERROR,
        "文件头超过上限 {cap} 字节。",
        "The front matter is larger than the cap of {cap} bytes.",
    ),
    "header_unclosed": (
        _ERROR,
        "文件头以 --- 开始，但没有用 --- 结束。",
        "The front matter starts with --- but is never closed with ---.",
    ),
    "header_language": (
        _ERROR,
        "文件头只能以单独一行 --- 开始，这里写的是“{text}”。",
        'Front matter starts with a line of --- alone; this one says "{text}".',
    ),
    "header_not_first": (
        _ERROR,
        "文件头必须从第 1 行开始，前面不能有空行。",
        "Front matter must start on line 1, without blank lines above it.",
    ),
    "header_twice": (
        _ERROR,
        "文件里有两个文件头，请合并成一个。",
        "The file has two front-matter blocks; merge them into one.",
    ),
    "yaml": (
        _ERROR,
        "文件头不是有效的 YAML：{detail}。",
        "The front matter is not valid YAML: {detail}.",
    ),
    "yaml_colon": (
        _ERROR,
        "“{key}”后面是全角冒号，请改成半角冒号加空格。",
        'A full-width colon follows "{key}"; use ": " instead.',
    ),
    "yaml_not_mapping": (
        _ERROR,
        "文件头应当是“键: 值”的形式。",
        "The front matter must be made of `key: value` lines.",
    ),
    "yaml_tag": (
        _ERROR,
        "文件头不允许使用 YAML 标签（{detail}）。",
        "YAML tags are not allowed in front matter ({detail}).",
    ),
    "yaml_alias": (
        _ERROR,
        "文件头不允许使用 YAML 锚点、别名和合并键（{detail}）。",
        "YAML anchors, aliases and merge keys are not allowed in front matter ({detail}).",
    ),
    "yaml_duplicate": (
        _ERROR,
        "“{key}”写了两次。",
        'The key "{key}" is given twice.',
    ),
    "yaml_depth": (
        _ERROR,
        "文件头嵌套超过 {cap} 层。",
        "The front matter is nested more than {cap} levels deep.",
    ),
    "yaml_keys": (
        _ERROR,
        "文件头的值超过 {cap} 个。",
        "The front matter has more than {cap} values.",
    ),
    "internal_title": (
        _WARNING,
        "标题带有内部标记，整篇文章按内部文章处理。",
        "The title carries the mark of internal parts, so the whole article counts as internal.",
    ),
    "internal_stray": (
        _WARNING,
        "这一行的内部标记不在标题里，不会隐藏任何内容。",
        "The internal mark on this line hides nothing, because it stands in no heading.",
    ),
    "type": (
        _ERROR,
        "“{key}”应当是{wanted_zh}。",
        'The key "{key}" must be {wanted_en}.',
    ),
    "title_missing": (
        _ERROR,
        "没有标题：请在文件头写 title，或在正文写一个标题行。",
        "There is no title: give `title` in the front matter or a heading in the body.",
    ),
    "title_cut": (
        _WARNING,
        "标题超过 {cap} 个字符，已截短。",
        "The title is longer than {cap} characters and was cut.",
    ),
    "id_missing": (
        _WARNING,
        "没有编号（id），导入时会分配一个并写回文件。",
        "There is no id; the import assigns one and writes it into the file.",
    ),
    "id_bad": (
        _ERROR,
        "编号“{value}”不可用：只能用字母、数字、点、横线和下划线，最多 {cap} 个字符，如 KB-0042。",
        'The id "{value}" cannot be used: letters, digits, dots, dashes and underscores only, at'
        " most {cap} characters, such as KB-0042.",
    ),
    "id_duplicate": (
        _ERROR,
        "编号 {value} 在两个文件里：{first} 和 {second}；只显示前一个。",
        "The id {value} stands in two files, {first} and {second}; only the first is served.",
    ),
    "unknown_value": (
        _WARNING,
        "“{key}”的值“{value}”不认识，按“{used}”处理。",
        'The value "{value}" of "{key}" is unknown; "{used}" is used.',
    ),
    "unknown_key": (
        _WARNING,
        "不认识的键“{key}”，已原样保留。",
        'The key "{key}" is unknown; it is kept as written.',
    ),
    "date_bad": (
        _WARNING,
        "“{key}”的值“{value}”不是可用的日期（应为 2026-09-01 的形式），已忽略。",
        'The value "{value}" of "{key}" is no usable date (write 2026-09-01); it is ignored.',
    ),
    "date_future": (
        _WARNING,
        "“{key}”的日期“{value}”在将来，已忽略。",
        'The date "{value}" of "{key}" lies in the future; it is ignored.',
    ),
    "number_bad": (
        _WARNING,
        "“{key}”的值“{value}”应当是 1 到 {cap} 的整数，已忽略。",
        'The value "{value}" of "{key}" must be a whole number from 1 to {cap}; it is ignored.',
    ),
    "list_cut": (
        _WARNING,
        "“{key}”超过 {cap} 项，多出的已忽略。",
        'The list "{key}" has more than {cap} items; the others are ignored.',
    ),
    "value_cut": (
        _WARNING,
        "“{key}”的值超过 {cap} 个字符，已截短。",
        'A value of "{key}" is longer than {cap} characters and was cut.',
    ),
    "category_bad": (
        _ERROR,
        "分类“{value}”不可用：不能含有“.”、“..”或反斜杠。",
        'The category "{value}" cannot be used: no ".", ".." or backslash.',
    ),
    "category_cut": (
        _WARNING,
        "分类超过 {cap} 级，多出的已忽略。",
        "The category is deeper than {cap} levels; the others are ignored.",
    ),
    "conflict": (
        _ERROR,
        "文件里有未解决的 git 冲突标记。",
        "The file holds unresolved git conflict markers.",
    ),
    "nul": (
        _WARNING,
        "文件里有空字符（NUL），已去掉。",
        "The file holds NUL characters; they were left out.",
    ),
    "not_text": (
        _ERROR,
        "文本里有不成对的代理字符，不是有效的 Unicode。",
        "The text holds lone surrogates and is not valid Unicode.",
    ),
    "encoding": (
        _ERROR,
        "文件不是 UTF-8 编码{guess_zh}，请另存为 UTF-8。",
        "The file is not UTF-8{guess_en}; save it as UTF-8.",
    ),
    "body_empty": (_WARNING, "正文是空的。", "The body is empty."),
    "symlink": (
        _ERROR,
        "这是符号链接，已跳过。",
        "This is a symbolic link; it was skipped.",
    ),
    "not_a_file": (
        _ERROR,
        "这是{kind_zh}，不是普通文件，已跳过。",
        "This is {kind_en}, not a regular file; it was skipped.",
    ),
    "outside": (
        _ERROR,
        "路径不在文章文件夹之内，已跳过。",
        "The path is not inside the article folder; it was skipped.",
    ),
    "unreadable": (
        _ERROR,
        "文件读不了（{detail}），已跳过。",
        "The file cannot be read ({detail}); it was skipped.",
    ),
    "changing": (
        _ERROR,
        "文件在读取时一直在变，稍后再读。",
        "The file kept changing while it was read; it is read again later.",
    ),
    "file_name": (
        _ERROR,
        "文件名含有控制字符或不是 UTF-8，已跳过。",
        "The file name holds control characters or is not UTF-8; the file was skipped.",
    ),
}
"""Code -> severity, Chinese sentence, English sentence; `{…}` are the details."""

MAX_QUOTED = 60
"""Characters of a bad value that a sentence repeats: enough to find it, too few to flood a log."""


def problem(code: str, line: int = 0, key: str = "", **details: object) -> Problem:
    """The problem `code` with its details filled in.

    >>> problem("yaml_duplicate", 4, "id").zh
    '“id”写了两次。'
    """
    severity, zh, en = MESSAGES[code]
    shown = {name: shown_value(value) for name, value in details.items()}
    shown["key"] = shown_value(key)
    return Problem(severity, code, line, key, zh.format(**shown), en.format(**shown))


def shown_value(value: object) -> str:
    """A value as one short line that is safe to print: no control, bidi or surrogate characters."""
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in str(value))
    return text if len(text) <= MAX_QUOTED else text[: MAX_QUOTED - 1] + "…"
