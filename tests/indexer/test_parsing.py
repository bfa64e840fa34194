from indexer.parsing import plain_text, sections_of

MARKDOWN = """\
开头一段。

## 现象

- 第一条 **重点**
- 第二条 [链接](http://a/b)

## 解决步骤

1. 运行

    ```powershell
    # not a heading
    net stop spooler
    ```

### 验证

| 列一 | 列二 |
|---|---|
| 甲 | 乙 |

标题二
------
> [!NOTE]
> 引用
"""


def test_sections_follow_the_headings():
    paths = [section.heading_path for section in sections_of(MARKDOWN)]

    assert paths == [(), ("现象",), ("解决步骤",), ("解决步骤", "验证"), ("标题二",)]


def test_a_comment_in_a_code_fence_is_no_heading():
    steps = sections_of(MARKDOWN)[2]

    assert "# not a heading" in steps.blocks[1]


def test_marks_are_gone_and_words_stay():
    symptoms = sections_of(MARKDOWN)[1]

    assert symptoms.blocks == ["第一条 重点", "第二条 链接"]


def test_a_table_keeps_its_cells():
    assert sections_of(MARKDOWN)[3].blocks == ["列一 列二\n甲 乙"]


def test_an_alert_mark_is_no_text():
    assert sections_of(MARKDOWN)[4].blocks == ["引用"]


def test_an_admonition_gives_its_title_and_its_text():
    found = sections_of('1. 重启\n\n    !!! warning "会断开连接"\n        先通知客户。\n\n!!! note\n    备注。\n')

    assert found[0].blocks == ["重启", "会断开连接", "先通知客户。", "备注。"]


def test_an_unclosed_fence_ends_with_the_text():
    assert sections_of("```\n代码")[0].blocks == ["代码"]


def test_inline_html_and_entities_become_text():
    assert plain_text("a <b>重</b> &amp; `c`") == "a 重 & c"


def test_pathological_marks_end_quickly():
    for bomb in ("[a](" * 5000, "*" * 20000, "`" * 20000, "<a" * 20000, "![" * 10000):
        assert isinstance(plain_text(bomb), str)
