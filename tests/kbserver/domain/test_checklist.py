from __future__ import annotations

import time
from dataclasses import replace

import pytest

from indexer.articles import Article, ArticleType
from kbserver.domain.checklist import Check, Finding, Surroundings, checklist
from kbserver.domain.outline import Link, links_of, sections_of

BODY = """## 现象

收不到邮件。

## 解决步骤

### 方法一

1. 重启 Outlook。
2. 打开文件：

    ```
    a
    ```

## 验证

收到一封测试邮件。
"""
ALONE = Surroundings()
GOOD = Article(
    "KB-1",
    "Outlook 无法收邮件，提示 0x8004010F",
    BODY,
    category="邮件",
    product=("Outlook",),
    issue=("收不到邮件",),
    owner="li.na",
    verify_every_days=180,
)


def findings(article: Article, check: Check, around: Surroundings = ALONE) -> list[Finding]:
    return [found for item in checklist(article, around) if item.check is check for found in item.findings]


def test_a_good_article_lacks_nothing() -> None:
    items = checklist(GOOD, Surroundings())

    assert [item.check for item in items] == list(Check)
    assert all(item.is_ok for item in items)


@pytest.mark.parametrize(
    ("title", "is_ok"),
    [
        ("", False),
        ("收不到", False),
        ("收不到新邮件也发不出去", False),
        ("Outlook 收不到新邮件", True),
        ("outlook收不到新邮件", True),
        ("No new mail in OUTLOOK", True),
        ("No new mail since noon", False),
    ],
)
def test_a_title_says_what_is_wrong_and_where(title: str, is_ok: bool) -> None:
    assert (findings(replace(GOOD, title=title), Check.TITLE) == []) == is_ok


def test_a_procedures_title_needs_no_product() -> None:
    policy = replace(GOOD, title="客户投诉的登记与处理", type=ArticleType.POLICY)

    assert findings(policy, Check.TITLE) == []


def test_every_empty_section_is_named_with_its_line() -> None:
    article = replace(GOOD, body=BODY.replace("收不到邮件。", "") + "\n## 备注\n\n```\n# no heading\n```\n\n## 原因\n")

    assert [(f.values["heading"], f.line) for f in findings(article, Check.SECTIONS)] == [("现象", 1), ("原因", 26)]


@pytest.mark.parametrize(
    ("steps", "messages"),
    [
        ("1. 重启。\n2. \n3. 登录。", ["Step %(number)s is empty."]),
        ("1. \n", ["“%(heading)s” has no steps yet."]),
        ("", ["“%(heading)s” has no steps yet."]),
        ("重启。", ["The steps are not numbered."]),
        ("1.\n    重启。", []),
        ("1) 重启。", []),
    ],
)
def test_steps_are_numbered_and_none_is_empty(steps: str, messages: list[str]) -> None:
    body = f"## 现象\n\nx\n\n## 解决步骤\n\n{steps}\n\n## 验证\n\nx\n"

    assert [found.message for found in findings(replace(GOOD, body=body), Check.STEPS)] == messages


def test_an_answer_needs_neither_steps_nor_a_verification() -> None:
    faq = replace(GOOD, type=ArticleType.FAQ, body="## 回答\n\n可以。\n")

    assert {Check.STEPS, Check.VERIFICATION}.isdisjoint(item.check for item in checklist(faq, Surroundings()))


def test_a_missing_verification_is_named() -> None:
    assert findings(replace(GOOD, body=BODY.partition("## 验证")[0]), Check.VERIFICATION)
    assert findings(replace(GOOD, body=BODY.partition("收到一封")[0]), Check.VERIFICATION)[0].line == 16


@pytest.mark.parametrize(
    ("name", "value"),
    [("category", ""), ("product", ()), ("issue", ()), ("owner", ""), ("verify_every_days", None)],
)
def test_missing_front_matter_is_named_by_its_field(name: str, value: object) -> None:
    assert [found.field for found in findings(replace(GOOD, **{name: value}), Check.METADATA)] == [name]


def test_personal_data_is_named_with_its_place() -> None:
    article = replace(GOOD, body=BODY + "\n联系 13812345678", issue=("我是 zhang@corp.cn",))

    assert [(f.field, f.line) for f in findings(article, Check.PERSONAL_DATA)] == [("issue", 0), ("", 20)]


def test_what_is_around_the_text_is_reported() -> None:
    around = Surroundings((("KB-2", "Outlook 收不到邮件", "/articles/KB-2"),), (Link("weg.md", 3), Link("", 5)))

    assert findings(GOOD, Check.DUPLICATE, around)[0].url == "/articles/KB-2"
    assert [found.line for found in findings(GOOD, Check.LINKS, around)] == [3, 5]


def test_links_in_code_are_no_links() -> None:
    body = "[a](b.md)\n\n```\n[c](d.md)\n```\n\n`[e](f.md)` ![g](files/%E5%9B%BE.png)\n\n[h]: i.md\n"

    assert links_of(body) == (Link("b.md", 1), Link("files/图.png", 7), Link("i.md", 9))


@pytest.mark.parametrize("piece", ["[", "](", "`", "# a\n", "1. \n", "```\n", "|", "a\n1.", "[a]: b\n"])
def test_a_long_text_is_checked_in_a_moment(piece: str) -> None:
    body = "## 步骤\n" + piece * (256_000 // len(piece))
    started = time.perf_counter()

    links_of(body)
    checklist(replace(GOOD, body=body), Surroundings())

    assert time.perf_counter() - started < 2
    assert sections_of("") == ()
