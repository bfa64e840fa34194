"""Rules that every template keeps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path("kbserver/templates").resolve()
ALL = sorted(TEMPLATES.rglob("*.html"))
PAGES = [path for path in ALL if not path.name.startswith("_") and path.name != "base.html"]
NAMES = {"CSV", "Markdown", "English", "中文", "Enter", "Esc", "Tab", "Ctrl", "Alt", "bash"}
"""Words that are the same in every language, or name a language in itself."""


def name_of(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_extends_the_base(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith('{% extends "base.html" %}')


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_has_a_title(path: Path) -> None:
    assert "{% block title %}" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_nothing_is_marked_safe(path: Path) -> None:
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_there_is_no_inline_style_or_script(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_nothing_comes_from_another_site(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/", "")

    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_what_people_read_goes_through_gettext(path: Path) -> None:
    source = re.sub(r"\{% block body_class %\}\w+", "", path.read_text(encoding="utf-8"))
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.DOTALL)
    shown = re.sub(r"<svg.*?</svg>|<[^>]*>", "\n", text, flags=re.DOTALL)
    attributes = re.findall(r"(?:aria-label|title|placeholder|alt)=\"([^\"]*)\"", text)
    words = set(re.findall(r"[^\W\d_]{2,}", "\n".join([shown, *attributes])))

    assert words <= NAMES
