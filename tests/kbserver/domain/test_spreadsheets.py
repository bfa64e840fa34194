"""No cell of an export is a formula, whatever somebody typed."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from kbserver.domain.spreadsheets import csv_text, safe_cell

VECTORS = Path(os.environ.get("KB_EVAL_DATA", "../shared")) / "vectors" / "patt_csv.json"
FORMULA_STARTS = "=+-@\t\r＝＋－＠|%"


def cells() -> list[str]:
    """Attacks of the kind that a spreadsheet once ran, and our own variants of them."""
    own = [
        f"{space}{start}SUM(1+1)*cmd|' /C calc'!A0" for start in "=+-@＝＋－＠" for space in ("", " ", "\u3000", "\t")
    ]
    if not VECTORS.exists():
        return own
    texts = [entry["payload"] for entry in json.loads(VECTORS.read_text(encoding="utf-8"))]
    return own + [line for text in texts for line in (text, *text.splitlines())]


@pytest.mark.parametrize("text", cells())
def test_what_somebody_typed_stays_text(text: str) -> None:
    ((cell,),) = csv.reader(io.StringIO(csv_text([[text]]).removeprefix("\ufeff"), newline=""))

    assert not cell.lstrip(" \u3000\u00a0").startswith(tuple(FORMULA_STARTS))


@pytest.mark.parametrize("text", ["打印机", "0x8004010F", "a=b", "KB-0042", ""])
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


def test_every_cell_is_quoted() -> None:
    assert csv_text([["a", 1], ['"', None]]) == '\ufeff"a","1"\r\n"""",""\r\n'
