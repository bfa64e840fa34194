"""Colours that can be read: the contrast of every pair of tokens that meet on a page (WCAG 2.2 AA)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path("kbserver/static/app.css").read_text(encoding="utf-8")
GROUNDS = ["ground", "ground-soft", "ground-sunk"]
PAIRS = [
    *((text, ground) for text in ("text", "text-soft", "accent") for ground in [*GROUNDS, "accent-soft"]),
    *(("text-quiet", ground) for ground in GROUNDS),
    *((text, "mark") for text in ("text", "accent")),
    *((name, f"{name}-soft") for name in ("ok", "caution", "danger")),
    *(("text", f"{name}-soft") for name in ("ok", "caution", "danger")),
    *(("text", f"{name}-line") for name in ("ok", "danger")),
    ("ok", "ground"),
    *((f"code-{name}", "code-ground") for name in ("keyword", "string", "number", "name", "comment")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("danger", "ground"),
    ("ground", "text"),
]


def tokens(selector: str) -> dict[str, str]:
    block = CSS.partition(selector + " {")[2].partition("}")[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


LIGHT = tokens(":root")
DARK = {**LIGHT, **tokens(':root[data-theme="dark"]')}


def luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS, ids=[f"{text} on {ground}" for text, ground in PAIRS])
def test_text_stands_out_from_its_ground(theme: dict[str, str], text: str, ground: str) -> None:
    assert contrast(theme[text], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_focus_ring_stands_out(theme: dict[str, str]) -> None:
    assert min(contrast(theme["accent"], theme[ground]) for ground in GROUNDS) >= 3


def test_dark_is_the_same_by_choice_and_by_system() -> None:
    assert tokens(':root[data-theme="system"]') == tokens(':root[data-theme="dark"]') != {}


def test_rules_use_tokens_and_no_colours_of_their_own() -> None:
    rules = CSS.partition("/* ---- Ground ---- */")[2].partition("/* ---- Paper ---- */")[0]
    brand = {"#0b6468", "#fff", "#8fe0d3"}

    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", rules)) <= brand


def test_nothing_is_loaded_from_anywhere() -> None:
    assert not re.search(r"url\(|@import|@font-face", CSS)


def test_every_block_of_the_style_sheet_ends_before_the_next_part_begins() -> None:
    parts = re.split(r"(?m)^/\* ---- ", CSS)

    assert [part.split(" ----")[0] for part in parts if part.count("{") != part.count("}")] == []


def test_every_block_is_closed_before_the_next_section() -> None:
    for name, section in re.findall(r"/\* ---- (.+?) ---- \*/(.*?)(?=/\* ----|\Z)", CSS, re.DOTALL):
        rules = re.sub(r"/\*.*?\*/", "", section, flags=re.DOTALL)
        assert rules.count("{") == rules.count("}"), name
