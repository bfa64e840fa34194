from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.articles import Article
from indexer.frontmatter import HeaderRefused, markdown_of, parse_article, with_body, with_fields

FILE = """---
# who: 二线
title: "旧标题"   # to be bettered
x-team: {lead: 李, phone: [1, 2]}
tags:
- 邮件

- 同步
# below the tags
audience: public
---

## 现象

正文
"""


def test_only_the_lines_of_the_changed_key_change() -> None:
    changed = with_fields(FILE, {"tags": ("邮件", "no")})

    assert changed == FILE.replace("tags:\n- 邮件\n\n- 同步\n", 'tags: [邮件, "no"]\n')


def test_a_new_key_gets_its_usual_place() -> None:
    lines = with_fields(FILE, {"category": "邮件/Outlook", "issue": ("收不到", "发不出")}).split("\n")

    assert lines[3] == "category: 邮件/Outlook"
    assert lines[lines.index("audience: public") + 1 :][:3] == ["issue:", "  - 收不到", "  - 发不出"]


def test_an_empty_value_takes_its_key_away_and_nothing_else() -> None:
    assert with_fields(FILE, {"tags": (), "owner": ""}) == FILE.replace("tags:\n- 邮件\n\n- 同步\n", "")


def test_the_remark_behind_a_plain_value_stays() -> None:
    text = "---\ntype: solution  # or howto\n---\n\nx\n"

    assert with_fields(text, {"type": "faq"}) == "---\ntype: faq  # or howto\n---\n\nx\n"


def test_a_text_without_front_matter_gets_one() -> None:
    assert with_fields("正文\n", {"title": "a"}) == "---\ntitle: a\n---\n\n正文\n"


@pytest.mark.parametrize(
    "header",
    ["{title: a, tags: [b]}", "? title\n: a", "title: [", "title: a\ntitle: b", "title：a", "&a title: b"],
    ids=["flow", "complex key", "broken", "twice", "full-width colon", "anchor"],
)
def test_a_header_that_cannot_be_changed_key_by_key_is_refused(header: str) -> None:
    with pytest.raises(HeaderRefused):
        with_fields(f"---\n{header}\n---\n\nx\n", {"title": "new"})


def test_an_unclosed_header_is_refused() -> None:
    with pytest.raises(HeaderRefused):
        with_fields("---\ntitle: a\n", {"title": "b"})


def test_another_body_leaves_the_header_as_it_is() -> None:
    changed = with_body(FILE, "\n新的正文  \n\n")

    assert changed == FILE.partition("## 现象")[0] + "新的正文\n"
    assert with_body("alt", "neu") == "neu\n"


def test_a_text_being_written_needs_no_title() -> None:
    parsed = parse_article("---\ntype: faq\n---\n", "", is_finished=False)

    assert parsed.article is not None
    assert (parsed.article.title, parsed.article.type, parsed.article.body) == ("", "faq", "")


@pytest.mark.parametrize(
    ("body", "title"),
    [("## 现象\n", ""), ("现象\n---\n", ""), ("## 现象\n\n# 脱机\n", "脱机"), ("脱机\n===\n", "脱机")],
)
def test_a_section_of_a_text_being_written_is_not_its_title(body: str, title: str) -> None:
    article = parse_article(body, "", is_finished=False).article

    assert article is not None
    assert article.title == title


VALUES = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), min_size=1, max_size=40)


@settings(max_examples=200, deadline=None)
@given(title=VALUES, tags=st.lists(VALUES, max_size=4).map(tuple), issue=st.lists(VALUES, max_size=4).map(tuple))
def test_what_was_set_is_read_back_and_the_rest_is_untouched(title: str, tags: tuple, issue: tuple) -> None:
    before = parse_article(FILE, "").article
    changed = with_fields(FILE, {"title": title, "tags": tags, "issue": issue})
    after = parse_article(changed, "").article
    plain = Article("", title, "x", tags=tags, issue=issue)
    expected = parse_article(markdown_of(plain), "", is_finished=False).article

    assert before is not None
    assert after is not None
    assert expected is not None
    assert (after.tags, after.issue) == (expected.tags, expected.issue)
    assert expected.title in ("", after.title)
    assert (after.extra, after.audience, after.body) == (before.extra, before.audience, before.body)
