"""Code blocks as elements: highlighted by Pygments classes, with a head for label and copy button."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, Token
from pygments.util import ClassNotFound

from kbserver.rendering import limits
from kbserver.rendering.wording import word

LEXERS = {
    "apache": "apacheconf", "apacheconf": "apacheconf", "bash": "bash", "bat": "bat",
    "batch": "bat", "c": "c", "c++": "cpp", "cmd": "bat", "conf": "ini", "console": "console",
    "cpp": "cpp", "cs": "csharp", "csharp": "csharp", "css": "css", "diff": "diff",
    "docker": "docker", "dockerfile": "docker", "go": "go", "hcl": "hcl", "html": "html",
    "http": "http", "ini": "ini", "java": "java", "javascript": "javascript",
    "js": "javascript", "json": "json", "kotlin": "kotlin", "lua": "lua", "make": "make",
    "makefile": "make", "mysql": "mysql", "nginx": "nginx", "patch": "diff", "perl": "perl",
    "php": "php", "plpgsql": "plpgsql", "postgres": "postgresql", "postgresql": "postgresql",
    "powershell": "powershell", "properties": "properties", "ps1": "powershell",
    "pwsh": "powershell", "py": "python", "python": "python", "rb": "ruby", "reg": "registry",
    "registry": "registry", "ruby": "ruby", "rust": "rust", "sh": "bash", "shell": "bash",
    "sql": "sql", "swift": "swift", "systemd": "systemd", "terraform": "terraform",
    "toml": "toml", "ts": "typescript", "typescript": "typescript", "vb": "vb.net",
    "vbs": "vbscript", "vbscript": "vbscript", "xml": "xml", "yaml": "yaml", "yml": "yaml",
    "zsh": "bash",
}  # fmt: skip
"""Languages of a support department and the lexer of each; any other is shown in one colour."""

_LABEL = re.compile(r"[\w+#.-]{1,30}")


class CodeBlocks:
    """Makes the code blocks of one text, which share an allowance of highlighting."""

    def __init__(self, lang: str, budget: limits.Budget) -> None:
        self._lang = lang
        self._budget = budget
        self._left = limits.MAX_HIGHLIGHT_TOTAL_CHARS

    def element(self, code: str, info: str) -> Element:
        """`div.code-block` around a head and `pre > code`."""
        label = _label_of(info)
        block = Element("div", {"class": "code-block"})
        head = SubElement(block, "div", {"class": "code-head"})
        SubElement(head, "span", {"class": "code-lang"}).text = AtomicString(label)
        button = SubElement(head, "button", {"type": "button", "class": "code-copy"})
        button.set("data-copy", "code")
        button.text = AtomicString(word("copy", self._lang))
        pre = SubElement(block, "pre", {"tabindex": "0"})
        target = SubElement(pre, "code")
        lexer = self._lexer(code, label)
        if lexer:
            target.set("class", "highlight")
            _add_tokens(target, lexer, code, self._budget)
        else:
            target.text = AtomicString(code)
        return block

    def _lexer(self, code: str, label: str) -> Lexer | None:
        name = LEXERS.get(label.lower())
        if not name or len(code) > min(limits.MAX_HIGHLIGHT_CHARS, self._left):
            return None
        if any(len(line) > limits.MAX_HIGHLIGHT_LINE for line in code.split("\n")):
            return None
        self._left -= len(code)
        return _lexer_called(name)


@cache
def _lexer_called(name: str) -> Lexer | None:
    try:
        return get_lexer_by_name(name, stripnl=False)
    except ClassNotFound:
        return None


def _label_of(info: str) -> str:
    """The language in a fence's info string: ```` ```bash title="x" ````, ```` ```{.bash} ````.

    >>> _label_of("bash title=x"), _label_of("{.python #id}"), _label_of('"><b>')
    ('bash', 'python', '')
    """
    word_ = info.strip().removeprefix("{").strip().removeprefix(".").split(" ")[0].rstrip("}")
    return word_ if _LABEL.fullmatch(word_) else ""


def _add_tokens(target: Element, lexer: Lexer, code: str, budget: limits.Budget) -> None:
    for css, text in _runs(lexer, code, budget):
        if css:
            SubElement(target, "span", {"class": css}).text = AtomicString(text)
        elif len(target):
            target[-1].tail = AtomicString((target[-1].tail or "") + text)
        else:
            target.text = AtomicString((target.text or "") + text)


def _runs(lexer: Lexer, code: str, budget: limits.Budget) -> Iterator[tuple[str, str]]:
    """Neighbouring tokens of one class as one run; text without a class has the class ""."""
    pending_css, pending = "", ""
    for kind, text in lexer.get_tokens(code):
        budget.check()
        css = _class_of(kind)
        if css == pending_css or not text.strip():
            pending += text
            continue
        if pending:
            yield pending_css, pending
        pending_css, pending = css, text
    # The lexer works on whole lines and adds the last line's end.
    if pending.removesuffix("\n"):
        yield pending_css, pending.removesuffix("\n")


@cache
def _class_of(kind: object) -> str:
    while kind not in STANDARD_TYPES:
        kind = kind.parent  # type: ignore[attr-defined]
    return "" if kind in (Token.Text, Token.Name, Token.Punctuation) else STANDARD_TYPES[kind]
