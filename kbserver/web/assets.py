"""Addresses of static files that change with their content, so that browsers keep them until then."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import current_app, url_for

VERSION_CHARS = 10


def asset(name: str) -> str:
    """The address of a static file, with a mark of its content."""
    return url_for("static", filename=name, v=_mark(name))


def _mark(name: str) -> str:
    path = Path(current_app.static_folder or "") / name
    known: dict[tuple[str, int], str] = current_app.extensions.setdefault("kbserver.assets", {})
    key = (name, path.stat().st_mtime_ns)
    if key not in known:
        known[key] = hashlib.sha256(path.read_bytes()).hexdigest()[:VERSION_CHARS]
    return known[key]
