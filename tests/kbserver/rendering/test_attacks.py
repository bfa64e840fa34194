"""No stored text runs anything in a reader's browser, whichever way it comes in."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.frontmatter import canonical_id, parse_article, read_article_file
from kbserver.rendering import ContentTooComplex, clean_html, render

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
BATCH = 40
EVAL_DATA = Path(os.environ.get("KB_EVAL_DATA", ROOT.parent / "shared"))
VECTORS = EVAL_DATA / "vectors"

_spec = importlib.util.spec_from_file_location("live_content", HERE / "live_content.py")
assert _spec
assert _spec.loader
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
live_content = _module.live_content


def own_attacks() -> list[str]:
    lines = (ROOT / "tests/data/markdown_attacks.txt").read_text(encoding="utf-8").split("\n")
    return [_unescaped(line) for line in lines[1:] if line]


def _unescaped(line: str) -> str:
    """The line with its escapes (`\\n`, `\\t`, `\\\\`, `\\uXXXX`) as characters."""
    return line.encode("raw_unicode_escape").decode("unicode_escape").encode("utf-8", "replace").decode()


def strings_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings_in(item)


def vector_strings(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".json":
        yield from strings_in(json.loads(text))
    else:
        if path.suffix != ".txt":
            yield text
        yield from text.split("\n")


def vector_files() -> list[Path]:
    if not VECTORS.is_dir():
        return []
    names = [path for path in VECTORS.rglob("*") if path.suffix in (".json", ".txt", ".svg", ".html", ".xml")]
    return sorted(path for path in names if path.name not in ("SOURCE.txt", "commonmark_spec_examples.json"))


def article_url(path: str) -> str:
    return f"/articles/{quote(path, safe='')}"


def file_url(path: str) -> str:
    return f"/files/{quote(path, safe='')}"


def page_of(markdown: str, title: str = "") -> str:
    return render(markdown, title=title, article_url=article_url, file_url=file_url).html


def in_marks(attack: str) -> str:
    """The attack inside every mark that takes text or an address."""
    line = " ".join(attack.split())
    return (
        f"[x]({line}) ![x]({line}) [{line}](a.md) ![{line}](a.png) <{line}> *{line}* `{line}`\n\n"
        f"[r][r]\n\n[r]: {line}\n\n# {line}\n\n| {line} | b |\n|---|---|\n| a | {line} |\n\n"
        f"> [!TIP] {line}\n\n- [ ] {line}\n\n```{line}\n{attack}\n```\n\n"
    )


def assert_inert(markdown: str) -> None:
    try:
        html = page_of(markdown, title=markdown[:50])
    except ContentTooComplex:
        return
    assert live_content(html) == []
    assert clean_html(html) == html


def assert_cleaned(html: str) -> None:
    cleaned = clean_html(html[:20_000])
    assert live_content(cleaned) == []
    assert clean_html(cleaned) == cleaned


@pytest.mark.parametrize("attack", own_attacks())
def test_an_attack_is_inert_wherever_it_stands(attack):
    assert_inert(attack)
    assert_inert(in_marks(attack))
    assert_cleaned(attack)


def test_the_watcher_sees_what_it_should():
    seen = live_content('<a href="javascript:x" onclick=y><script></script><img src=//e><!--x-->')

    assert len(seen) == 5


@pytest.mark.skipif(not vector_files(), reason=f"no vectors under KB_EVAL_DATA={EVAL_DATA}")
@pytest.mark.parametrize("path", vector_files(), ids=lambda path: path.name)
def test_every_string_of_the_vectors_is_inert(path, record_property):
    tried = sorted(set(vector_strings(path)))
    for attack in tried:
        assert_cleaned(attack)
    # Text with tags is tried alone; the rest, and everything inside marks, in batches.
    for attack in tried:
        if "<" in attack:
            assert_inert(attack)
    for start in range(0, len(tried), BATCH):
        batch = tried[start : start + BATCH]
        assert_inert("\n\n".join(batch))
        assert_inert("".join(map(in_marks, batch)))

    record_property("strings", len(tried))


@pytest.mark.skipif(not vector_files(), reason=f"no vectors under KB_EVAL_DATA={EVAL_DATA}")
@pytest.mark.parametrize("path", vector_files(), ids=lambda path: path.name)
def test_no_string_of_the_vectors_leaves_the_folder_as_a_file_name_or_an_id(path, tmp_path):
    root = tmp_path / "articles"
    root.mkdir()
    (tmp_path / "passwd").write_text("canary", encoding="utf-8")
    for name in set(vector_strings(path)):
        parsed = read_article_file(name, root)
        article_id = canonical_id(name)
        assert parsed.article is None
        assert article_id is None or ("/" not in article_id and ".." not in article_id)

    assert sorted(path.name for path in tmp_path.rglob("*")) == ["articles", "passwd"]


@pytest.mark.skipif(not vector_files(), reason=f"no vectors under KB_EVAL_DATA={EVAL_DATA}")
@pytest.mark.parametrize("path", vector_files(), ids=lambda path: path.name)
def test_every_string_of_the_vectors_may_be_a_title_or_break_the_header(path):
    for attack in set(vector_strings(path)):
        quoted = json.dumps(" ".join(attack.split()))
        for header in (f"title: {quoted}", f"id: {attack}\ntitle: t"):
            parsed = parse_article(f"---\n{header}\n---\nx", "a.md")
            assert parsed.article is not None or parsed.errors
            assert parsed.article is None or "\n" not in parsed.article.title


@pytest.mark.skipif(not vector_files(), reason=f"no vectors under KB_EVAL_DATA={EVAL_DATA}")
def test_every_commonmark_example_is_rendered():
    examples = json.loads((VECTORS / "commonmark_spec_examples.json").read_text(encoding="utf-8"))
    for example in examples:
        html = page_of(example["markdown"])
        assert live_content(html) == []
        assert clean_html(html) == html


TAGGED = st.lists(
    st.sampled_from(
        ["<", ">", "</", "script", "img ", "src=", "onerror=", "svg", "math", "style", "a href=",
         '"', "'", "javascript:", "&", "#", ";", "`", "*", "[", "](", ")", "\n", "\n\n", "- ", "> ",
         "|", "|-|-|", "<!--", "-->", "x", "中", "\\", "```", "    ", "kbd", "p", "table", "td"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(TAGGED)
def test_cleaning_twice_changes_nothing(html):
    once = clean_html(html)

    assert clean_html(once) == once
    assert live_content(once) == []


@settings(max_examples=300, deadline=None)
@given(TAGGED)
def test_any_mix_of_marks_and_tags_is_inert(text):
    html = page_of(text)

    assert live_content(html) == []
    assert clean_html(html) == html
