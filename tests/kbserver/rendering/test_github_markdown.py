"""Articles look the way engineers know from GitHub, and a little kinder to Chinese text."""

from __future__ import annotations

import re

import pytest

from kbserver.domain.sections import kind_of
from kbserver.rendering import Rendered, render


def page(markdown: str, **options: object) -> Rendered:
    return render(
        markdown,
        article_url=lambda path: None if "missing" in path else f"/articles/{path}",
        file_url=lambda path: f"/files/{path}" if path.endswith(".png") else None,
        **options,  # type: ignore[arg-type]
    )


def body(markdown: str) -> str:
    """The page without the wrappers that only style needs, on one line."""
    html = page(markdown).html
    html = re.sub(r'<div class="code-head">.*?</div>\n?', "", html)
    html = re.sub(r'<div class="table-scroll"[^>]*>(.*?)</div>', r"\1", html, flags=re.DOTALL)
    html = re.sub(r'<a class="heading-link".*?</a>', "", html)
    return re.sub(r">\s*\n\s*<", "><", html).strip()


BLOCKS = {
    "two-space nesting": (
        "- a\n  - b\n    - c\n- d",
        "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ul>",
    ),
    "four-space nesting": (
        "- a\n    - b\n        - c",
        "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li></ul>",
    ),
    "tab nesting": ("- a\n\t- b", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
    "numbers under bullets": (
        "- a\n  1. b\n  2. c\n- d",
        "<ul><li>a<ol><li>b</li><li>c</li></ol></li><li>d</li></ul>",
    ),
    "bullets under numbers by two": (
        "1. a\n  - b\n    - c\n2. d",
        "<ol><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ol>",
    ),
    "bullets under numbers by three": (
        "1. a\n   - b\n2. d",
        "<ol><li>a<ul><li>b</li></ul></li><li>d</li></ol>",
    ),
    "list below a paragraph": ("text\n- a\n- b", "<p>text</p><ul><li>a</li><li>b</li></ul>"),
    "number in a paragraph": ("it was\n1986. good", "<p>it was\n1986. good</p>"),
    "list that starts at three": ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
    "loose list": ("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
    "two paragraphs in an item": (
        "1. a\n\n   b\n2. c",
        "<ol><li><p>a</p><p>b</p></li><li><p>c</p></li></ol>",
    ),
    "lazy line": ("- a\nb", "<ul><li>a\nb</li></ul>"),
    "other bullet, other list": ("- a\n* b", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
    "fence in an item": (
        "1. a\n   ```\n   x\n     y\n   ```\n2. b",
        '<ol><li>a<div class="code-block"><pre tabindex="0"><code>x\n  y</code></pre></div></li><li>b</li></ol>',
    ),
    "fence in an item by two": (
        "1. a\n  ```\n  x\n  ```\n2. b",
        '<ol><li>a<div class="code-block"><pre tabindex="0"><code>x</code></pre></div></li><li>b</li></ol>',
    ),
    "fence in a nested item": (
        "- a\n  - b\n    ```\n    x\n    ```",
        '<ul><li>a<ul><li>b<div class="code-block"><pre tabindex="0"><code>x</code></pre></div></li></ul></li></ul>',
    ),
    "fence below a paragraph": (
        "text\n```\nx\n```\nmore",
        '<p>text</p><div class="code-block"><pre tabindex="0"><code>x</code></pre></div><p>more</p>',
    ),
    "unclosed fence": (
        "```\n# x",
        '<div class="code-block"><pre tabindex="0"><code># x</code></pre></div>',
    ),
    "indented code": (
        "a\n\n    x\n\n    y",
        '<p>a</p><div class="code-block"><pre tabindex="0"><code>x\n\ny</code></pre></div>',
    ),
    "quote with a list": (
        "> - a\n> - b\n>\n> c",
        "<blockquote><ul><li>a</li><li>b</li></ul><p>c</p></blockquote>",
    ),
    "lazy quote": ("> a\nb\n\nc", "<blockquote><p>a\nb</p></blockquote><p>c</p>"),
    "rule": ("a\n\n***\n\nb", "<p>a</p><hr><p>b</p>"),
    "no heading without a space": ("#标签 a", "<p>#标签 a</p>"),
    "soft line end": ("one\ntwo", "<p>one\ntwo</p>"),
    "soft line end in Chinese": ("第一行，\n第二行", "<p>第一行，第二行</p>"),
    "hard line end": ("a  \nb\\\nc", "<p>a<br>b<br>c</p>"),
    "table": (
        "| a | b |\n|---|:-:|\n| `x \\| y` | **2** |\n| 3 |",
        "<table><thead><tr><th>a</th>" + '<th align="center">b</th></tr></thead><tbody>'
        '<tr><td><code>x | y</code></td><td align="center"><strong>2</strong></td></tr>'
        '<tr><td>3</td><td align="center"></td></tr></tbody></table>',
    ),
    "table below a paragraph": (
        "text\na|b\n-|-\n1|2",
        "<p>text</p><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>"
        "<tr><td>1</td><td>2</td></tr></tbody></table>",
    ),
    "table in an item": (
        "- x\n\n  | a |\n  |---|\n  | 1 |",
        "<ul><li><p>x</p><table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table></li></ul>",
    ),
    "tasks": (
        "- [ ] a\n- [x] b",
        '<ul class="task-list">'
        '<li class="task-item"><input disabled="" class="task-box" aria-label="未完成" type="checkbox">'
        ' a</li><li class="task-item"><input disabled="" class="task-box" checked="" aria-label="已完成"'
        ' type="checkbox"> b</li></ul>',
    ),
    "alert": (
        "> [!WARNING]\n> 会断网",
        '<div class="admonition kind-warning"><p class="admonition-title">警告</p><p>会断网</p></div>',
    ),
    "admonition": (
        '!!! danger "先备份"\n    - a\n    - b\n\nc',
        '<div class="admonition kind-caution"><p class="admonition-title">先备份</p>'
        "<ul><li>a</li><li>b</li></ul></div><p>c</p>",
    ),
    "details": (
        "<details>\n<summary>更多 `x`</summary>\n\n- a\n\n</details>",
        "<details><summary>更多 <code>x</code></summary><ul><li>a</li></ul></details>",
    ),
    "folded admonition": (
        '??? note "更多"\n    a',
        "<details><summary>更多</summary><p>a</p></details>",
    ),
    "comment": ("a\n\n<!-- x\n\ny -->\n\nb", "<p>a</p><p>b</p>"),
    "raw table": (
        "<table><tr><td>a</td></tr></table>",
        '<div class="raw-html"><table><tbody><tr><td>a</td></tr></tbody></table></div>',
    ),
}


@pytest.mark.parametrize(("markdown", "html"), BLOCKS.values(), ids=BLOCKS)
def test_blocks_read_as_on_github(markdown, html):
    assert body(markdown) == html


INLINE = {
    "strong with a colon": ("**注意：**先备份", "<strong>注意：</strong>先备份"),
    "strong inside words": ("按**确定**键", "按<strong>确定</strong>键"),
    "emphasis": ("*a* _b_ snake_case_name", "<em>a</em> <em>b</em> snake_case_name"),
    "strike": ("~~a~~ b~c", "<del>a</del> b~c"),
    "code": ("`` a`b `` `<b>` `&amp;`", "<code>a`b</code> <code>&lt;b&gt;</code> <code>&amp;amp;</code>"),
    "escapes": (r"\*a\* \<b\> \| \[x\](y)", "*a* &lt;b&gt; | [x](y)"),
    "entities": ("&copy; &lt;b&gt; &nosuch; AT&T", "© &lt;b&gt; &amp;nosuch; AT&amp;T"),
    "placeholder": ("ping <server> -t <端口>", "ping &lt;server&gt; -t &lt;端口&gt;"),
    "keys": ("<kbd>Ctrl</kbd>+<kbd>C</kbd>", "<kbd>Ctrl</kbd>+<kbd>C</kbd>"),
    "unclosed tag": ("<b>a", "a"),
    "windows path": (r"C:\Users\a", r"C:\Users\a"),
    "undefined reference": ("[a] and [b][c]", "[a] and [b][c]"),
}


@pytest.mark.parametrize(("markdown", "html"), INLINE.values(), ids=INLINE)
def test_marks_inside_a_line_read_as_on_github(markdown, html):
    assert body(markdown) == f"<p>{html}</p>"


LINKS = {
    "bare": ("见 https://a.example/x?y=1。", "https://a.example/x?y=1"),
    "bare before Chinese": ("访问http://oa.example/login然后登录", "http://oa.example/login"),
    "bare in brackets": ("(https://a.example/b_(c))", "https://a.example/b_(c)"),
    "www": ("www.example.com/x,", "http://www.example.com/x"),
    "mail": ("写信给 it@example.com。", "mailto:it@example.com"),
    "angle": ("<https://a.example/>", "https://a.example/"),
    "inline": ('[x](https://a.example/ "t")', "https://a.example/"),
    "reference": ("[x][1]\n\n[1]: https://a.example/", "https://a.example/"),
    "short reference": ("[x]\n\n[X]: <https://a.example/>", "https://a.example/"),
    "article": ("[x](../mail/kb-1.md)", "/articles/../mail/kb-1.md"),
    "section of an article": ("[x](kb-1.md#解决步骤)", "/articles/kb-1.md#h-解决步骤"),
    "section of this page": ("[x](#解决步骤)", "#h-解决步骤"),
    "path": ("[x](/search?q=a)", "/search?q=a"),
}


@pytest.mark.parametrize(("markdown", "href"), LINKS.values(), ids=LINKS)
def test_links_lead_where_they_say(markdown, href):
    assert re.findall('href="([^"]*)"', page(markdown).html) == [href.replace("&", "&amp;")]


@pytest.mark.parametrize(
    "target",
    ["missing.md", "tool.exe", "ftp://a.example/", "tel:110", "file:///c:/", "C:/x.md", "//a/b.md"],
)
def test_a_link_that_may_lead_nowhere_is_text(target):
    assert body(f"[x]({target})") == "<p><span>x</span></p>"


def test_a_picture_beside_the_article_is_shown():
    assert body("![屏幕](img/a.png)") == '<p><img src="/files/img/a.png" alt="屏幕"></p>'


def test_a_picture_from_elsewhere_is_a_link():
    html = body("![屏幕](https://a.example/a.png)")

    assert "<img" not in html
    assert ">[图片] 屏幕</a>" in html


def test_code_is_coloured_by_classes_and_may_be_copied():
    html = page("```powershell\nGet-Service Spooler # 打印\n```").html

    assert '<span class="code-lang">powershell</span>' in html
    assert '<button class="code-copy" data-copy="code" type="button">复制</button>' in html
    assert re.search(r'<span class="nb">Get-Service ?</span>', html)
    assert "style=" not in html


def test_the_text_of_a_code_block_is_unchanged():
    code = "if a < b && c:\n\tprint('x')  # 注释\n\n    &amp; end"
    html = page(f"```python\n{code}\n```").html
    inner = re.search(r"<code[^>]*>(.*)</code>", html, re.DOTALL)

    assert inner
    text = re.sub("<[^>]*>", "", inner.group(1))
    assert text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == code


def test_an_unknown_language_is_labelled_and_plain():
    html = page("```cisco-ios\nshow ip route\n```").html

    assert '<span class="code-lang">cisco-ios</span>' in html
    assert "<code>show ip route</code>" in html


def test_headings_have_stable_readable_ids():
    toc = page("## 解决步骤\n\n## 解决步骤\n\n### 1. C# / .NET\n\n## constructor\n").toc

    assert [(entry.level, entry.id, entry.text) for entry in toc] == [
        (2, "h-解决步骤", "解决步骤"),
        (2, "h-解决步骤-2", "解决步骤"),
        (3, "h-1-c-net", "1. C# / .NET"),
        (2, "h-constructor", "constructor"),
    ]


def test_the_first_heading_is_left_out_where_it_repeats_the_title():
    assert body_with_title("# 打印机 脱机\n\n## a", "打印机 脱机") == ["a"]


def test_a_body_with_level_one_headings_moves_down_below_the_page_title():
    assert [entry.level for entry in page("# a\n\n## b").toc] == [2, 3]


def body_with_title(markdown: str, title: str) -> list[str]:
    return [entry.text for entry in page(markdown, title=title).toc]


def test_sections_can_be_had_by_their_kind():
    rendered = page("intro\n\n## 现象\na\n\n## 解决步骤\n\n1. b\n\n### c\n\nd\n\n## 验证\ne")
    steps = rendered.section("steps")

    assert [part.kind for part in rendered.sections] == ["other", "symptoms", "steps", "verification"]
    assert steps is not None
    assert steps.heading == "解决步骤"
    assert "<li>b</li>" in steps.html
    assert "d</p>" in steps.html
    assert "".join(part.html for part in rendered.sections) == rendered.html


@pytest.mark.parametrize(
    ("heading", "kind"),
    [("Root cause", "cause"), ("二、环境", "environment"), ("Steps", "steps"), ("附录", "other")],
)
def test_section_names_are_known_in_both_languages(heading, kind):
    assert kind_of(heading) == kind


def test_footnotes_are_numbered_by_use_and_linked_both_ways():
    html = page("b[^b] a[^a] b[^b]\n\n[^a]: 甲\n[^b]: 乙\n    接着\n[^c]: 丙").html

    assert re.findall(r'<sup id="([^"]*)"', html) == ["fnref-1", "fnref-2", "fnref-1-2"]
    assert re.findall(r'<li id="(fn-\d)"><p>(\w)', html) == [("fn-1", "乙"), ("fn-2", "甲")]
    assert "丙" not in html


def test_footnotes_that_name_one_another_end():
    html = page("x[^a]\n\n[^a]: y[^b]\n\n[^b]: z[^a]").html

    assert html.count("<li id=") == 2


def test_added_words_follow_the_language():
    html = render("> [!NOTE]\n> a\n\n```sh\nx\n```", lang="en").html

    assert ">Note</p>" in html
    assert ">Copy</button>" in html


def test_marks_that_turn_the_reading_direction_are_left_out():
    assert body("a\u202eb\u2066c\x00d\ufeff") == "<p>abcd</p>"


def test_rendering_is_the_same_each_time():
    text = "# a\n\n[^1] b [x](a.md)\n\n[^1]: c\n"

    assert page(text) == page(text)


def test_an_empty_text_is_an_empty_page():
    assert page(" \n\n\t").html == ""
