from __future__ import annotations

import pytest

from indexer.frontmatter import parse_article
from kbserver.domain.article_form import FIELDS, ArticleForm, NotAForm, form_of, text_with

TEXT = """---
id: KB-0007
title: 打印机脱机
version: ["10, 22H2", "11"]   # as customers say it
issue:
  - 打印机脱机了，怎么办
x-team:
  lead: 李娜
  phones: [1, 2]
verified_at: 2026-09-01
---

## 现象

脱机。
"""


def changed(text: str, **fields: str) -> str:
    form = form_of(text)
    body = fields.pop("body", form.body)
    return text_with(text, ArticleForm({**form.fields, **fields}, body))


def test_a_form_that_nobody_touched_changes_no_byte() -> None:
    assert changed(TEXT) == TEXT


def test_every_known_field_of_the_form_can_be_read() -> None:
    form = form_of(TEXT)

    assert set(form.fields) == set(FIELDS)
    assert (form.fields["issue"], form.fields["version"]) == ("打印机脱机了，怎么办", "10, 22H2, 11")
    assert (form.fields["audience"], form.fields["verify_every_days"]) == ("internal", "")


def test_what_the_form_does_not_know_survives_a_change() -> None:
    after = changed(TEXT, title="打印机显示脱机", tags="打印，共享、 USB", body="新正文")

    assert "x-team:\n  lead: 李娜\n  phones: [1, 2]\nverified_at: 2026-09-01\n" in after
    article = parse_article(after, "").article
    assert article is not None
    assert (article.title, article.tags, article.body) == ("打印机显示脱机", ("打印", "共享", "USB"), "新正文")
    assert article.version == ("10, 22H2", "11")


def test_each_issue_line_is_one_sentence_of_the_customer() -> None:
    article = parse_article(changed(TEXT, issue="打不了, 急\n\n  显示 脱机 "), "").article

    assert article is not None
    assert article.issue == ("打不了, 急", "显示 脱机")


def test_an_emptied_field_leaves_the_front_matter() -> None:
    after = changed(TEXT, version="", issue="")

    assert "version" not in after
    assert "issue" not in after
    assert "id: KB-0007\ntitle: 打印机脱机\nx-team:" in after


def test_a_title_that_stands_as_a_heading_is_shown_and_not_written_twice() -> None:
    assert form_of("# 标题\n\n正文\n").fields["title"] == "标题"
    assert changed("# 标题\n\n正文\n") == "# 标题\n\n正文\n"


def test_an_empty_text_is_an_empty_form() -> None:
    assert changed("", title="a", body="b") == "---\ntitle: a\n---\n\nb\n"


@pytest.mark.parametrize("header", ["title: [", "{title: a}", "title：a"], ids=["broken", "flow", "full-width colon"])
def test_front_matter_that_cannot_be_a_form_says_why(header: str) -> None:
    with pytest.raises(NotAForm) as raised:
        form_of(f"---\n{header}\n---\n\nx\n")

    assert raised.value.problem.zh
