"""No text keeps the renderer busy: it is shown more plainly or refused in a sentence."""

from __future__ import annotations

import time

import pytest

from kbserver.rendering import ContentTooComplex, limits, render

N = limits.MAX_SOURCE_BYTES
CPU_ALLOWED = 1.5 * limits.MAX_CPU_SECONDS + 0.3
"""CPU time, not wall time, so that a busy machine does not matter; the slack is for the step
during which the allowance runs out."""


def filled(unit: str, size: int = N) -> str:
    return (unit * (size // max(1, len(unit.encode())) + 1)).encode()[:size].decode(errors="ignore")


CMARK = {
    "nested strong emph": "*a **a " * 16_000 + "b" + " a** a*" * 16_000,
    "emph closers without openers": filled("a_ "),
    "emph openers without closers": filled("_a "),
    "link closers without openers": filled("a]"),
    "link openers without closers": filled("[a"),
    "mismatched openers and closers": filled("*a_ "),
    "commonmark.py 389": "a**b" + filled("c* ", N - 10),
    "openers and closers a multiple of 3": "a**b" + "c* " * 80_000,
    "link openers and emph closers": filled("[ a_"),
    "[ (]( repeated": filled("[ (]("),
    "![[]() repeated": filled("![[]()"),
    "hard link and emph": "**x [a*b**c*](d)",
    "nested brackets": "[" * 50_000 + "a" + "]" * 50_000,
    "nested block quotes": "> " * 50_000 + "a",
    "deeply nested lists": "".join("  " * depth + "* a\n" for depth in range(500)),
    "NUL in the text": "abc\u0000de\u0000",
    "runs of backticks": "".join("e" + "`" * length for length in range(700)),
    "unclosed links A": filled("[a](<b"),
    "unclosed links B": filled("[a](b"),
    "unclosed <!--": "</" + filled("<!--", N - 10),
    "unclosed <?": filled("<?"),
    "unclosed <!A": filled("<!A "),
    "unclosed <![CDATA[": filled("<![CDATA["),
    "empty lines in deep lists": "- " * 30_000 + "x" + "\n" * 30_000,
    "empty lines in many small lists": "- x\n\n" * 15_000,
}
"""The cases of cmark's pathological_tests.py, each as large as a text may be."""

OURS = {
    "many reference definitions": "\n".join(f"[r{n}]: /u{n}" for n in range(19_000)),
    "one definition used often": "[a]: /x\n\n" + filled("[a]", N - 10),
    "tags": filled("<div>"),
    "tags in lines": filled("<div>\n"),
    "tags in paragraphs": filled("<div>\n\n"),
    "inline tags": filled("<b>"),
    "tags and their ends": "<kbd>" * 20_000 + "</kbd>" * 20_000,
    "half tags": filled("<a b='"),
    "half links": filled('<a href="'),
    "wide table": "|" + "a|" * 5000 + "\n|" + "-|" * 5000 + "\n" + "|b|\n" * 1000,
    "long table": "|a|b|\n|-|-|\n" + "|x\n" * 19_000,
    "ticks in a table": "|a|b|\n|-|-|\n" + ("`a|" * 4000 + "\n") * 15,
    "headings": filled("# a\n"),
    "underlined headings": filled("a\n=\n"),
    "different headings": "".join(f"# a{n}\n\n" for n in range(9000)),
    "footnotes": "[^0]" + "".join(f"\n\n[^{n}]: x[^{n + 1}]" for n in range(5000)),
    "two-megabyte fence": "```\n" + "x\n" * 1_000_000,
    "full fence": filled("```python\n" + "x = (1, [2, {3: 'a'}])\n" * 50),
    "many fences": filled("```\n\n```\n"),
    "many coloured fences": filled("```json\n{}\n```\n"),
    "one line": filled("中"),
    "one line with sentences": filled("打印机脱机了。"),
    "stars": filled("*"),
    "underscores": filled("_"),
    "tildes": filled("~"),
    "tilde words": filled("~~a "),
    "ticks": filled("`"),
    "ticks apart": filled("` "),
    "less than": filled("<"),
    "backslashes": filled("\\"),
    "entities": filled("&amp;"),
    "half entities": filled("&#"),
    "addresses": filled("http://a.b/"),
    "mail addresses": filled("a.b@c.d "),
    "half mail addresses": filled("a@"),
    "pictures": filled("![a](b.png)"),
    "alerts": filled("> [!NOTE]\n"),
    "boxes in boxes": "".join("    " * depth + "!!! note\n" for depth in range(250)),
    "details without end": filled("<details>\n"),
    "details with one end": filled("<details>\n\n", N - 100) + "</details>\n",
    "comments without end": filled("<!--\n"),
    "quotes and lists": "".join("> " * (n % 50) + "- a\n" for n in range(4000)),
    "lists with blank lines": filled("- a\n\n  - b\n\n    - c\n\n"),
    "lazy lines": "> a\n" + filled("b\n", N - 10),
    "openers in paragraphs": filled("[" * 15_000 + "\n\n"),
    "half links in paragraphs": filled("[a](" * 3500 + "\n\n"),
    "pictures' openers in paragraphs": filled("![" * 7500 + "\n\n"),
    "angles in paragraphs": filled("[a](<" * 3000 + "\n\n"),
    "quotes in paragraphs": filled('[a](b "' * 2200 + "\n\n"),
    "emphasis in paragraphs": filled("*a **b _c " * 1400 + "\n\n"),
    "nested emphasis": "*_" * 3500 + "a" + "_*" * 3500,
    "links in links": "[" * 900 + "a" + "](b)" * 900,
}


@pytest.mark.parametrize("text", [*CMARK.values(), *OURS.values()], ids=[*CMARK, *OURS])
def test_a_hostile_text_ends_soon(text):
    start = time.thread_time()
    try:
        html = render(text).html
    except ContentTooComplex as refusal:
        html = refusal.message("zh")

    assert time.thread_time() - start < CPU_ALLOWED
    assert len(html) <= limits.MAX_OUTPUT_CHARS


REFUSED = {
    "10 MB": ("a" * 10_000_000, "size"),
    "a byte too many": ("a" * (N + 1), "size"),
    "too many lines": ("a\n" * 30_000, "lines"),
}


@pytest.mark.parametrize(("text", "cap"), REFUSED.values(), ids=REFUSED)
def test_a_text_that_is_too_large_is_refused_by_name(text, cap):
    with pytest.raises(ContentTooComplex) as refusal:
        render(text)

    assert refusal.value.cap == cap
    assert str(refusal.value.limit) in refusal.value.message("zh")


AS_TYPED = {
    "nesting": "> " * 20 + "**a**",
    "paragraph": "**a** " * 4000,
    "table": "|" + "a|" * 100 + "\n|" + "-|" * 100 + "\n",
    "raw_html": "<p>" * 600,
    "footnotes": "\n\n".join(f"[^{n}]: x" for n in range(250)),
    "references": "\n".join(f"[r{n}]: /u" for n in range(1100)),
}


@pytest.mark.parametrize(("cap", "text"), AS_TYPED.items())
def test_a_part_beyond_a_bound_is_shown_as_typed_and_named(cap, text):
    rendered = render(text)

    assert {found.cap for found in rendered.problems} == {cap}
    assert rendered.problems[0].line > 0


def test_what_stands_around_such_a_part_is_rendered():
    html = render("**a**\n\n" + "**b** " * 4000 + "\n\n**c**").html

    assert html.startswith("<p><strong>a</strong></p>")
    assert html.rstrip().endswith("<p><strong>c</strong></p>")
