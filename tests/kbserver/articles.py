"""Article files for tests: name only what the test is about."""

from __future__ import annotations

from pathlib import Path


def markdown(
    article_id: str = "",
    title: str = "打印机脱机",
    body: str = "## 解决步骤\n\n1. 重启 spooler 服务。",
    **header: str,
) -> str:
    """An article file's text."""
    keys = {"id": article_id, "title": title, **header}
    lines = [f"{key}: {value}" for key, value in keys.items() if value]
    return "\n".join(["---", *lines, "---", "", body, ""])


def write(folder: Path, name: str, text: str) -> Path:
    """A file of that text in the folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
