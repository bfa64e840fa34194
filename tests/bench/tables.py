"""Figures as Markdown tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Cell = str | int | float


def table(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A Markdown table.

    >>> print(table(("size", "ms"), [(1000, 0.123), ("all", 12.0)]))
    | size | ms |
    |---|---|
    | 1,000 | 0.12 |
    | all | 12 |
    """
    lines = [header, ["---"] * len(header), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"|{'|'.join(line)}|" if line[0] == "---" else f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Cell) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    digits = 0 if abs(value) >= 10 else 1 if abs(value) >= 3 else 2
    return f"{value:,.{digits}f}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` percent of `values` do not exceed.

    >>> percentile([1.0, 2.0, 3.0], 50)
    2.0
    """
    return float(np.percentile(values, share))
