"""An article file is read strictly, and what is wrong with it is named with its line."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.articles import Article, ArticleType, Audience, TrustState
from indexer.frontmatter import ParsedFile, Severity, markdown_of, parse_article, with_id

FULL = """---
id: KB-0042
title: Outlook 无法收邮件，提示 0x8004010F
type: known-issue          # solution | howto | faq | known-issue | policy
category: 邮件/Outlook
product: [Outlook]
model: []
version: ["2016", "365"]
platform: [Windows]
tags: [邮件, 同步]
audience: customer
lang: zh
issue:                  # the requester's own words
  - 邮箱收不到新邮件
  - outlook 一直显示正在更新收件箱
state: validated
owner: zhang.wei
verified_at: 2026-09-01
verify_every_days: 180
source_tickets: []
updated_at: 2026-09-02T10:00:00+08:00
---

## 现象
收不到邮件。
"""


def codes(parsed: ParsedFile) -> list[str]:
    return [found.code for found in parsed.problems]


def with_header(*lines: str, body: str = "正文") -> ParsedFile:
    return parse_article("\n".join(["---", "id: KB-1", "title: t", *lines, "---", body]), "a.md")


def test_every_documented_field_is_read():
    parsed = parse_article(FULL, "a.md")

    assert parsed.problems == ()
    assert parsed.body_line == 24
    assert parsed.article == Article(
        id="KB-0042",
        title="Outlook 无法收邮件，提示 0x8004010F",
        body="## 现象\n收不到邮件。",
        type=ArticleType.KNOWN_ISSUE,
        category="邮件/Outlook",
        product=("Outlook",),
        version=("2016", "365"),
        platform=("Windows",),
        tags=("邮件", "同步"),
        audience=Audience.CUSTOMER,
        lang="zh",
        issue=("邮箱收不到新邮件", "outlook 一直显示正在更新收件箱"),
        state=TrustState.VALIDATED,
        owner="zhang.wei",
        verified_at=date(2026, 9, 1),
        verify_every_days=180,
        updated_at=datetime(2026, 9, 2, 2, tzinfo=UTC),
    )


def test_the_first_heading_is_the_title_where_the_header_has_none():
    article = parse_article("开头\n\n```sh\n# comment\n```\n# 重置 **密码** #\n", "a.md").article

    assert article is not None
    assert article.title == "重置 密码"
    assert article.id == ""


def test_a_heading_underlined_with_equal_signs_is_a_title_too():
    article = parse_article("重置密码\n========\n步骤", "a.md").article

    assert article is not None
    assert article.title == "重置密码"


def test_a_file_without_any_title_is_quarantined():
    assert codes(parse_article("只有正文", "a.md")) == ["id_missing", "title_missing"]
    assert parse_article("只有正文", "a.md").article is None


def test_unknown_keys_are_kept_and_named():
    parsed = with_header("role: admin", "status: published", "nested: {a: [1, no]}")

    assert codes(parsed) == ["unknown_key"] * 3
    assert parsed.article is not None
    assert parsed.article.extra == {
        "role": "admin",
        "status": "published",
        "nested": '{"a":["1","no"]}',
    }
    assert parsed.article.state is TrustState.NOT_VALIDATED


@pytest.mark.parametrize("word", ["no", "yes", "1e3", "012", "2024-02-30", "12:30:45", "1_000"])
def test_words_that_yaml_would_convert_stay_strings(word):
    article = with_header(f"tags: [{word}]", f"version: {word}").article

    assert article is not None
    assert (article.tags, article.version) == ((word,), (word,))


@pytest.mark.parametrize("word", ["", "~", "null"])
def test_an_unquoted_null_is_nothing(word):
    article = with_header(f"owner: {word}", f"tags: {word}").article

    assert article is not None
    assert (article.owner, article.tags) == ("", ())


REFUSED = {
    "only dashes": ("---", "header_unclosed", 1),
    "unclosed": ("---\ntitle: t\n# h\n", "header_unclosed", 1),
    "empty": ("", "empty", 0),
    "blank": (" \n\t\n", "empty", 0),
    "only NUL": ("\0\0", "empty", 0),
    "two headers": ("---\ntitle: t\n---\n\n---\nid: b\n---\n", "header_twice", 5),
    "header below a blank line": ("\n---\ntitle: t\n---\n", "header_not_first", 2),
    "javascript header": ("---js\ntitle: t\n---\n", "header_language", 1),
    "python object": (
        "---\ntitle: !!python/object/apply:os.system [touch /tmp/kb-owned]\n---\n",
        "yaml_tag",
        2,
    ),
    "javascript function": ("---\ntitle: !!js/function 'f'\n---\n", "yaml_tag", 2),
    "plain tag": ("---\ntitle: !!str x\n---\n", "yaml_tag", 2),
    "custom tag": ("---\ntitle: !x y\n---\n", "yaml_tag", 2),
    "tag directive": ("---\n%TAG ! tag:x,2000:\n--- \ntitle: x\n---\n", "yaml", 2),
    "billion laughs": (
        "---\na: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n---\n",
        "yaml_alias",
        2,
    ),
    "self reference": ("---\na: &a [*a]\n---\n", "yaml_alias", 2),
    "alias": ("---\ntitle: t\na: *b\n---\n", "yaml_alias", 3),
    "merge key": ("---\ntitle: t\n<<: {id: x}\n---\n", "yaml_alias", 3),
    "duplicate key": ("---\nid: a\ntitle: t\nid: b\n---\n", "yaml_duplicate", 4),
    "nested duplicate": ("---\nx: {a: 1, a: 2}\n---\n", "yaml_duplicate", 2),
    "depth": ("---\nx: " + "[" * 1000 + "]" * 1000 + "\n---\n", "yaml_depth", 2),
    "depth in blocks": (
        "---\n" + "\n".join(" " * n + "a:" for n in range(300)) + "\n---\n",
        "yaml_depth",
        12,
    ),
    "many keys": (
        "---\n" + "\n".join(f"k{n}: 1" for n in range(5000)) + "\n---\n",
        "yaml_keys",
        1001,
    ),
    "large header": ("---\ntitle: " + "x" * 70_000 + "\n---\n", "header_too_large", 1),
    "list header": ("---\n- a\n---\n", "yaml_not_mapping", 2),
    "text header": ("---\nhello\n---\n", "yaml_not_mapping", 2),
    "tab": ("---\ntitle: t\n\tid: x\n---\n", "yaml", 3),
    "unclosed quote": ('---\nid: a\ntitle: "t\n---\n', "yaml", 3),
    "full-width colon": ("---\nid: a\ntitle：打印机\n---\n", "yaml_colon", 3),
    "control character": ("---\ntitle: a\x07\n---\n", "yaml", 2),
    "list as a title": ("---\nid: a\ntitle: [a]\n---\n# x", "type", 3),
    "mapping as tags": ("---\nid: a\ntitle: t\ntags: {a: b}\n---\n# x", "type", 4),
    "nested list": ("---\nid: a\ntitle: t\ntags: [[a]]\n---\n# x", "type", 4),
    "list as an id": ("---\nid: [a]\ntitle: t\n---\n# x", "type", 2),
    "path as an id": ("---\nid: ../../x\ntitle: t\n---\n", "id_bad", 2),
    "reserved id": ("---\nid: CON\ntitle: t\n---\n", "id_bad", 2),
    "parent category": ("---\nid: a\ntitle: t\ncategory: a/../b\n---\n", "category_bad", 4),
    "conflict": ("---\ntitle: t\n---\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n", "conflict", 4),
    "conflict in the header": (
        "---\ntitle: t\n<<<<<<< HEAD\nid: a\n=======\nid: b\n>>>>>>> x\n---\n",
        "conflict",
        3,
    ),
    "lone surrogate": ("---\ntitle: \ud800\n---\n", "not_text", 2),
    "huge body": ("# t\n" + "字" * 100_000, "body_too_large", 0),
    "huge file": ("x" * 400_000, "too_large", 0),
}


@pytest.mark.parametrize(("text", "code", "line"), REFUSED.values(), ids=REFUSED)
def test_a_bad_file_is_refused_with_its_line_in_two_languages(text, code, line):
    parsed = parse_article(text, "a.md")

    assert parsed.article is None
    found = next(found for found in parsed.problems if found.severity is Severity.ERROR)
    assert (found.code, found.line) == (code, line)
    assert found.message("zh") != found.message("en")
    assert "{" not in found.zh


@pytest.mark.parametrize("text", [text for text, _, _ in REFUSED.values()], ids=REFUSED)
def test_refusing_takes_no_time(text):
    start = time.thread_time()
    parse_article(text, "a.md")

    assert time.thread_time() - start < 1


WARNED = {
    "unknown audience": ("audience: everyone", "unknown_value"),
    "unknown type": ("type: novel", "unknown_value"),
    "unknown state": ("state: approved", "unknown_value"),
    "unknown language": ("lang: 中文", "unknown_value"),
    "impossible day": ("verified_at: 2024-02-30", "date_bad"),
    "year 0": ("verified_at: 0000-01-01", "date_bad"),
    "year 9999": ("updated_at: 9999-12-31T23:59:59-10:00", "date_bad"),
    "zone +25": ("updated_at: 2026-01-01T00:00:00+25:00", "date_bad"),
    "no date": ("verified_at: yesterday", "date_bad"),
    "negative days": ("verify_every_days: -1", "number_bad"),
    "too many days": ("verify_every_days: 1000000", "number_bad"),
    "full-width digits": ("verify_every_days: １８０", "number_bad"),
    "long tag": ("tags: [" + "x" * 500 + "]", "value_cut"),
    "many tags": ("tags: [" + ",".join(map(str, range(300))) + "]", "list_cut"),
    "deep category": ("category: " + "a/b/c/" * 10, "category_cut"),
}


@pytest.mark.parametrize(("line", "code"), WARNED.values(), ids=WARNED)
def test_a_doubtful_value_is_reported_and_the_article_served(line, code):
    parsed = with_header(line)

    assert parsed.article is not None
    assert parsed.article.audience is Audience.INTERNAL
    assert [(found.code, found.line) for found in parsed.problems] == [(code, 4)]


def test_a_verification_in_the_future_does_not_count():
    text = "---\nid: a\ntitle: t\nverified_at: 2027-01-01\n---\nx"
    parsed = parse_article(text, "a.md", today=date(2026, 1, 1))

    assert codes(parsed) == ["date_future"]
    assert parsed.article is not None
    assert parsed.article.verified_at is None


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("a\\nb", "a b"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("abc\\u202Edef\\u2066x\\u200B", "abcdefx"),
    ],
)
def test_a_title_is_one_line_without_hidden_marks(written, title):
    article = parse_article(f'---\nid: a\ntitle: "{written}"\n---\nx', "a.md").article

    assert article is not None
    assert article.title == title


def test_a_long_title_is_cut():
    parsed = parse_article(f"---\nid: a\ntitle: {'长' * 900}\n---\nx", "a.md")

    assert codes(parsed) == ["title_cut"]
    assert parsed.article is not None
    assert len(parsed.article.title) == 200


@pytest.mark.parametrize("written", ["/邮件//Outlook/", "邮件 / Outlook", "邮件/Outlook"])
def test_a_category_has_one_form(written):
    article = with_header(f"category: {written}").article

    assert article is not None
    assert article.category == "邮件/Outlook"


def test_a_decomposed_category_is_the_composed_one():
    article = with_header("category: Cafe\u0301").article

    assert article is not None
    assert article.category == "Caf\u00e9"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_make_no_difference(newline, mark):
    parsed = parse_article(mark + FULL.replace("\n", newline), "a.md")

    assert parsed == parse_article(FULL, "a.md")


def test_trailing_nul_characters_are_left_out_and_named():
    parsed = parse_article(FULL + "\0\0", "a.md")

    assert codes(parsed) == ["nul"]
    assert parsed.article == parse_article(FULL, "a.md").article


def test_conflict_markers_inside_code_are_content():
    body = "```\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n```"

    assert with_header(body=body).article is not None


def test_a_dash_line_inside_the_body_is_a_rule():
    article = with_header(body="a\n\n---\n\nb").article

    assert article is not None
    assert article.body == "a\n\n---\n\nb"


def test_nothing_runs_while_a_header_is_read(tmp_path):
    target = tmp_path / "owned"
    parse_article(f"---\nt: !!python/object/apply:os.system ['touch {target}']\n---\n", "a.md")

    assert not target.exists()


NEEDING_ID = [
    "# 标题\n正文",
    "\ufeff# 标题\r\n正文\r\n",
    "---\ntitle: t\n---\n正文",
    "\ufeff---\r\ntitle: t\r\n---\r\n正文\r\n",
    "---  \rtitle: t\r---\rx",
    "---\ntitle: t\nid:\n---\nx\n",
    "---\ntitle: t\nid: ~  # later\n---\nx\n",
    '---\ntitle: t\nid: ""\nowner: a\n---\nx\n',
    "---\n---\n# t\n",
    "---\ntitle: |\n  id:\n---\nx\n",
]


@pytest.mark.parametrize("text", NEEDING_ID)
def test_an_assigned_id_is_written_without_touching_the_rest(text):
    before = parse_article(text, "a.md")
    changed = with_id(text, "KB-0007")
    after = parse_article(changed, "a.md")

    assert before.needs_id
    assert after.article is not None
    assert after.article.id == "KB-0007"
    assert after.article.body == before.article.body
    assert after.article.title == before.article.title
    if not text.removeprefix("\ufeff").startswith("---"):
        assert changed.endswith(text.removeprefix("\ufeff"))


line_text = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
lists = st.lists(line_text, max_size=4).map(tuple)
articles = st.builds(
    Article,
    id=st.just("KB-0001"),
    title=line_text.map(lambda text: f"t{text}"),
    body=st.text(st.characters(exclude_categories=("Cs",)), max_size=200),
    type=st.sampled_from(ArticleType),
    category=st.sampled_from(["", "a", "邮件/Outlook", "no/yes"]),
    product=lists,
    version=lists,
    tags=lists,
    audience=st.sampled_from(Audience),
    issue=lists,
    state=st.sampled_from(TrustState),
    owner=line_text,
    verified_at=st.none() | st.dates(date(1991, 1, 1), date(2099, 1, 1)),
    verify_every_days=st.none() | st.integers(1, 3650),
    updated_at=st.none() | st.datetimes(datetime(1991, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    extra=st.dictionaries(line_text.map(lambda text: f"x{text}"), line_text, max_size=3),
)


@settings(max_examples=100, deadline=None)
@given(articles)
def test_an_article_written_out_reads_back_as_itself(article):
    # What the first reading makes of free text (one line, no NUL) is the canonical article.
    first = parse_article(markdown_of(article), "a.md").article
    if first is None:
        return

    assert parse_article(markdown_of(first), "a.md").article == first
    assert first.extra == article.extra


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_no_text_raises(header, body):
    parsed = parse_article(f"---\n{header}\n---\n{body}", "a.md")

    assert parsed.article is not None or parsed.errors
