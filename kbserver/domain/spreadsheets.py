"""Tables that people open in a spreadsheet: what somebody typed must stay text there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

STARTS = frozenset("=+-@\t\r\n＝＋－＠|%")
"""With these a spreadsheet takes a cell for a formula; the full-width ones are folded by some."""


def safe_cell(value: object) -> str:
    """The value as a cell that no spreadsheet takes for a formula.

    >>> safe_cell("=1+1"), safe_cell("  @SUM(A1)"), safe_cell("打印机"), safe_cell(None), safe_cell(-3)
    ("'=1+1", "'  @SUM(A1)", '打印机', '', '-3')
    """
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    text = "".join(char for char in str(value) if char.isprintable() or char in "\t\r\n")
    trimmed = text.lstrip(" \u00a0\u3000\ufeff\u200b")
    return f"'{text}" if text[:1] in STARTS or trimmed[:1] in STARTS else text


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """The rows as CSV with every cell quoted; begins with the mark by which spreadsheets know UTF-8."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return "\ufeff" + written.getvalue()
