"""The checks behind `kb doctor`."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import text

from indexer.encoding.catalog import is_prepared
from kbserver.adapters.late_encoder import NO_MODEL
from kbserver.cli.workplace import Workplace
from kbserver.config import SECRET_FILE, Settings, load_settings
from kbserver.errors import KBError
from kbserver.store.quarantine import quarantined
from kbserver.store.schema import HEAD, current_version

LEAST_FREE_BYTES = 200_000_000
"""Room for one more generation of a middling index."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result."""

    check: str
    ok: bool
    detail: str


def findings() -> list[Finding]:
    """All checks in order; a check that fails itself is a finding too."""
    settings = load_settings()
    found = [Finding("settings", True, f"data in {settings.data_dir}, articles in {settings.articles_dir}")]
    found += [_guarded("data folder", lambda: _data_folder(settings))]
    try:
        with Workplace.open(settings) as place:
            for name, check in (
                ("database", _database),
                ("articles", _articles),
                ("model", _model),
                ("index", _index),
            ):
                found.append(_guarded(name, lambda check=check: check(place)))  # type: ignore[misc]
    except Exception as error:
        found.append(Finding("database", False, _words(error)))
    return found


def _guarded(name: str, check: Callable[[], tuple[bool, str]]) -> Finding:
    try:
        return Finding(name, *check())
    except Exception as error:
        return Finding(name, False, _words(error))


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, KBError) else f"{type(error).__name__}: {error}"


def _data_folder(settings: Settings) -> tuple[bool, str]:
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    free = shutil.disk_usage(settings.data_dir).free
    wrong = list(_key_problems(settings))
    if not os.access(settings.data_dir, os.W_OK):
        wrong.append("it cannot be written")
    if free < LEAST_FREE_BYTES:
        wrong.append("the disk is nearly full")
    return not wrong, "; ".join(wrong) or f"{free // 1_000_000} MB free"


def _key_problems(settings: Settings) -> Iterator[str]:
    path = settings.data_dir / SECRET_FILE
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield f"{path.name} can be read by others; run: chmod 600 {path}"


def _database(place: Workplace) -> tuple[bool, str]:
    wrong = []
    with place.database.read() as session:
        if place.database.engine.dialect.name == "sqlite":
            wrong += [row for row in session.scalars(text("PRAGMA integrity_check")) if row != "ok"]
            broken = session.execute(text("PRAGMA foreign_key_check")).all()
            wrong += [f"{len(broken)} broken references"] if broken else []
    version = current_version(place.database)
    if version != HEAD:
        wrong.append(f"schema {version}, not {HEAD}")
    return not wrong, "; ".join(wrong) or f"whole, schema {version}"


def _articles(place: Workplace) -> tuple[bool, str]:
    place.folder.importer.import_folder()
    with place.database.read() as session:
        bad = quarantined(session)
    named = "; ".join(f"{file.path}:{file.line}: {file.en}" for file in bad[:20])
    return not bad, named or "every file is an article"


def _model(place: Workplace) -> tuple[bool, str]:
    name = place.settings.embedding_model
    if name == NO_MODEL:
        return True, "none is wanted"
    prepared = is_prepared(place.settings.data_dir, name)
    return prepared, f"{name} is {'' if prepared else 'not '}prepared" + ("" if prepared else "; run: kb model prepare")


def _index(place: Workplace) -> tuple[bool, str]:
    index = place.index()
    index.load_model()
    articles, _ = place.consumer(index).published()
    problems = index.check(articles)
    status = index.status()
    index.close()
    return not problems, "; ".join(problems[:20]) or (f"generation {status.generation} with {status.articles} articles")
