from __future__ import annotations

import time
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.articles import Audience
from indexer.audience_sections import for_audience, has_mark, hidden_parts, stray_marks, without_mark
from kbserver.rendering import render


def outside(body: str) -> str:
    return for_audience(body, Audience.PUBLIC)


@pytest.mark.parametrize("audience", [Audience.CUSTOMER, Audience.PUBLIC])
def test_a_marked_section_is_for_the_house_alone(audience: Audience) -> None:
    body = "前\n\n## 现象\n\n脱机\n\n## 处理 {internal}\n\n密\n\n### 细节\n\n密二\n\n## 验证\n\n打印"

    assert for_audience(body, audience) == "前\n\n## 现象\n\n脱机\n\n## 验证\n\n打印"
    assert for_audience(body, Audience.INTERNAL) == body


@pytest.mark.parametrize(
    "heading",
    [
        "## 处理 {internal}",
        "## 处理{Internal}",
        "## 处理【内部】",
        "## 【内部】处理",
        "## 处理（内部）",
        "## 处理(internal)",
        "## 处理 [内部可见]",
        "## 处理【仅内部】",
        "## 處理【內部】",
        "## 处理 ｛ｉｎｔｅｒｎａｌ｝",
        "## 处理 { internal only }",
        "## 处理 **{internal}**",
        "## 处理 {**internal**}",
        "## 处理 {<b>internal</b>}",
        "## 处理 < {internal} >",
        "## 处理 {inter\u200bnal}",
        "## 处理 &#123;internal&#125;",
        "## 处理 {internal} {#steps}",
        "## 处理 {internal} ##",
        "## [处理 {internal}](a.md)",
        "##处理 {internal}",
        "   ## 处理 {internal}",
        "处理 {internal}\n---",
        "处理 {internal}\n====",
        "<h2>处理 {internal}</h2>",
        "\x0b## 处理 {internal}",
        "一\u2028## 处理 {internal}",
    ],
)
def test_a_mark_counts_however_it_is_written(heading: str) -> None:
    assert "canary" not in outside(f"前\n\n{heading}\n\ncanary\n\n# 后\n\n尾")
    assert "尾" in outside(f"前\n\n{heading}\n\ncanary\n\n# 后\n\n尾")


@pytest.mark.parametrize(
    "text",
    [
        "## 内部网络",
        "## 处理 internal",
        "## 内部",
        "## 公司（内部网络）",
        r"## 写 \{internal\}",
        "段落 {internal}",
        "- 项【内部】",
    ],
)
def test_the_word_alone_hides_nothing(text: str) -> None:
    body = f"{text}\n\n文\n\n## 后"

    assert outside(body) == body


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("## 甲 {internal}\n\nx\n\n# 乙\n\n尾", "# 乙\n\n尾"),
        ("# 甲\n\n### 乙 {internal}\n\nx\n\n#### 丙\n\nx\n\n### 丁\n\n尾", "# 甲\n\n### 丁\n\n尾"),
        ("## 甲 {internal}\n\nx\n\n## 乙 {internal}\n\nx\n\n## 丙", "## 丙"),
        ("甲 {internal}\n===\n\nx\n\n乙\n---\n\nx\n\n丙\n===\n\n尾", "丙\n===\n\n尾"),
        ("甲 {internal}\n---\n\nx\n\n乙\n---\n\n尾", "乙\n---\n\n尾"),
        ("一\n二 {internal}\n---\n\nx\n\n## 乙", "## 乙"),
        ("前\n\n## 甲 {internal}\n\nx", "前"),
        ("## 甲 {internal}", ""),
    ],
)
def test_a_section_ends_at_the_next_heading_of_its_level_or_a_higher_one(body: str, left: str) -> None:
    assert outside(body) == left


def test_a_rule_right_below_a_text_ends_no_section() -> None:
    assert outside("## 甲 {internal}\n\n密码在此\n---\n\nx\n\n## 乙") == "## 乙"


@pytest.mark.parametrize(
    "code",
    [
        "```\n# 注释\n## 二\n```",
        "~~~sh\n# 注释\n~~~",
        "````\n```\n# 注释\n```\n````",
        "1. 做\n\n   ```\n   # 注释\n   ```",
        "1. 做\n   - 再\n     ```sh\n     # 注释\n     ```",
        "- ```\n  # 注释\n  ```",
        "!!! note\n    ```\n    # 注释\n    ```",
        "文：\n```\n# 注释\n```",
        "    # 注释",
        "> # 注释",
        "<!--\n# 注释\n-->",
        "<div>\n# 注释\n</div>",
        "<details>\n\n# 注释\n\n</details>",
        "- # 注释",
    ],
)
def test_what_only_looks_like_a_heading_ends_no_section(code: str) -> None:
    assert outside(f"前\n\n## 甲 {{internal}}\n\n{code}\n\ncanary\n\n## 乙\n\n尾") == "前\n\n## 乙\n\n尾"


@pytest.mark.parametrize("code", ["```\n## 例 {internal}\n```", "文：\n~~~md\n## 例 {internal}\n~~~"])
def test_a_marked_heading_in_code_is_an_example(code: str) -> None:
    body = f"前\n\n{code}\n\n尾"

    assert outside(body) == body


@pytest.mark.parametrize(
    "body",
    [
        "```\n## 甲 {internal}\n\ncanary",
        "## 甲 {internal}\n\n```\ncanary\n\n## 乙\n\ncanary",
        "1. 做\n   ```\n码\n## 甲 {internal}\n\ncanary\n\n   ```",
        "<div>\n```\n</div>\n\n## 甲 {internal}\n\ncanary\n\n```\n码\n```",
        "<!--\n```\n-->\n\n## 甲 {internal}\n\ncanary\n\n```\n码\n```",
        "> ```\n\n## 甲 {internal}\n\ncanary\n\n> ```",
        "    ```\n\n## 甲 {internal}\n\ncanary\n\n    ```",
        "| a |\n|---|\n```|\n\n## 甲 {internal}\n\ncanary\n\n```",
        "- ## 甲 {internal}\n\n  canary",
        "> ## 甲 {internal}\n>\n> canary",
        "<details>\n<summary>x</summary>\n\n## 甲 {internal}\n\ncanary\n\n</details>\n\ncanary",
    ],
)
def test_what_can_be_read_in_two_ways_is_hidden(body: str) -> None:
    assert "canary" not in outside(f"前\n\n{body}")
    assert outside(f"前\n\n{body}").startswith("前")


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ('前\n\n!!! internal "给一线"\n    canary\n\n    canary\n\n尾', "前\n\n\n尾"),
        ("前\n\n!!! internal\ncanary\n\n尾", "前\n\n\n尾"),
        ("前\n\n??? internal\n    canary\n\n尾", "前\n\n\n尾"),
        ('前\n\n!!! warning "【内部】小心"\n    canary\n\n尾', "前\n\n\n尾"),
        ("前\n\n!!! 内部\n    canary\n\n尾", "前\n\n\n尾"),
        ("前\n\n> [!INTERNAL]\n> canary\ncanary\n\n尾", "前\n\n\n尾"),
        ("1. 做\n   !!! internal\n       canary\n2. 再做", "1. 做\n2. 再做"),
        ("!!! internal\n    ```\n    # x\n    ```\n    canary\n## 后", "## 后"),
    ],
)
def test_a_box_can_be_internal(body: str, left: str) -> None:
    assert outside(body) == left


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("前\n\n<!-- canary -->\n\n尾", "前\n\n\n尾"),
        ("前 <!-- canary --> 中\n\n尾", "前  中\n\n尾"),
        ("前\n\n<!-- canary\n\n# canary\n-->尾", "前\n\n尾"),
        ("前\n\n<!-- canary\n\ncanary", "前"),
        ("写 `<!-- 例 -->`", "写 `<!-- 例 -->`"),
        ("```xml\n<!-- 例 -->\n```", "```xml\n<!-- 例 -->\n```"),
    ],
)
def test_comments_are_for_the_house_alone(body: str, left: str) -> None:
    assert outside(body) == left


def test_a_text_without_marks_is_given_as_it_is() -> None:
    body = "\n## 现象  \r\n\r\n脱机\n\n"

    assert outside(body) is body


def test_a_mark_outside_headings_is_named() -> None:
    body = "前\n\n**处理【内部】**\n\n## 甲 {internal}\n\n{internal}\n\n```\n{internal}\n```"

    assert stray_marks(body) == (2,)


@pytest.mark.parametrize(
    ("heading", "left"),
    [("处理 {internal}", "处理"), ("（内部）处理", "处理"), ("甲【内部】乙", "甲 乙"), ("内部网络", "内部网络")],
)
def test_the_mark_is_no_part_of_the_heading_s_text(heading: str, left: str) -> None:
    assert without_mark(heading) == left


@pytest.mark.parametrize(
    "body",
    [
        "```x internal\n" * 20_000,
        "## {internal}\n" * 20_000,
        "x {internal}\n---\n" * 10_000,
        "[" + " " * 200_000 + "internal",
        "# " + "[internal" * 20_000,
        "# " + "- " * 100_000 + "internal",
        "internal `" + "`a``b```<!--" * 15_000,
        "internal\n" + "      ```\n- x\n" * 15_000,
        "internal\n" + "".join(f"{'`' * (3 + n % 60)}x\n" for n in range(7_000)),
        "internal <!--" * 15_000,
        "&#x7b;internal" * 10_000,
        "<h1 internal" * 15_000,
    ],
    ids=range(12),
)
def test_no_text_takes_long(body: str) -> None:
    started = time.process_time()

    outside(body[:256_000])
    stray_marks(body[:256_000])

    assert time.process_time() - started < 2


WORD = iter(range(10**9))
BLOCKS = st.sampled_from(
    [
        "WORD", "WORD\nWORD", "# WORD", "## WORD", "### WORD", "## WORD {internal}", "### WORD【内部】",
        "# WORD (internal)", "WORD {internal}\n---", "WORD {internal}\n===", "WORD\n---", "WORD\n===",
        "```\nWORD\n```", "```", "~~~", "````sh", "   ```\n   # WORD\n   ```", "    ```", "```\n# WORD\n```",
        "- WORD\n  ```\n  ## WORD {internal}\n  ```", "- WORD", "  ## WORD {internal}", "1. WORD\n\n   WORD",
        "> WORD", "> ```", "> ## WORD {internal}", "<div>\n```\n</div>", "<div>", "</div>", "<!--", "-->",
        "<!-- WORD -->", "<details>", "</details>", "<details>\n\n## WORD", "!!! note\n    WORD", "!!! note\n    ```",
        "    WORD", "| a |\n|---|\n| WORD |", "[^1]: WORD", "***", "\tWORD", "WORD `", "`` WORD", "- ```", "  WORD",
    ]
)  # fmt: skip


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """Texts of odd blocks, each word in them another one."""
    blocks = draw(st.lists(BLOCKS, min_size=1, max_size=12))
    joints = draw(st.lists(st.sampled_from(["\n\n", "\n"]), min_size=len(blocks), max_size=len(blocks)))
    text = "".join(block + joint for block, joint in zip(blocks, joints, strict=True))
    for number in range(text.count("WORD")):
        text = text.replace("WORD", f"canary{number:03}x", 1)
    return text


@settings(max_examples=400, deadline=None)
@given(bodies())
def test_nothing_that_a_page_shows_below_a_marked_heading_gets_out(body: str) -> None:
    for word in words_below_marks(body):
        assert word not in outside(body)


def words_below_marks(body: str) -> set[str]:
    """The words of a text that the page shows in sections with a marked heading, by the renderer's own reading."""
    from kbserver.rendering.page import _Rendering, source_lines

    rendering = _Rendering("zh")
    root = Element("div")
    rendering._builder.build(root, source_lines(body))
    level, found = 9, set()
    for child in root:
        text = "".join(child.itertext())
        if child.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            if int(child.tag[1]) <= level:
                level = 9
            if has_mark(text) and level == 9:
                level = int(child.tag[1])
        if level < 9:
            found.update(part[:10] for part in text.split("canary") if part[3:4] == "x")
    return {f"canary{word[:4]}" for word in found}


@settings(max_examples=100, deadline=None)
@given(bodies())
def test_the_text_for_outside_holds_no_part_that_is_hidden_by_it(body: str) -> None:
    assert hidden_parts(outside(body)) == ()


@settings(max_examples=100, deadline=None)
@given(bodies())
def test_the_text_for_outside_can_always_be_shown(body: str) -> None:
    assert "{internal}" not in render(outside(body)).html or stray_marks(body) or "```" in body or "~~~" in body
