"""Promises D1 and D11: a kill at any instant loses nothing that was acknowledged."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from kbserver.store.database import Database
from kbserver.store.outbox import published_hashes

PUBLISHER = """
import hashlib, os, sys
from pathlib import Path
from kbserver.services.clock import SystemClock
from kbserver.services.importing import ArticleImporter
from kbserver.store.database import Database
from kbserver.store.schema import migrate

data, folder, start = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
database = Database.at("", data)
migrate(database)
importer = ArticleImporter(database, SystemClock(), folder, reviews_files=False)
log = os.open(data / "acknowledged", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
number = start
while True:
    number += 1
    article_id = f"KB-{number % 20:04d}"
    path = folder / f"{article_id}.md"
    text = f"---\\nid: {article_id}\\ntitle: {number}\\n---\\n\\n{number}\\n"
    path.write_text(text, encoding="utf-8")
    importer.import_paths([path])
    digest = hashlib.sha256(text.encode()).hexdigest()
    os.write(log, f"{article_id} {number} {digest}\\n".encode())
    os.fsync(log)
    print("ready", flush=True)
"""


def kill_while_publishing(data: Path, folder: Path, start: int, delay: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, str(data), str(folder), str(start)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGKILL)
    process.stdout.close()
    process.wait()


def acknowledged(data: Path) -> dict[str, tuple[int, str]]:
    """The last acknowledged text of each article."""
    lines = (data / "acknowledged").read_text().splitlines()
    return {i: (int(number), digest) for i, number, digest in map(str.split, lines)}


def assert_nothing_is_lost(data: Path, ahead_before: set[str]) -> set[str]:
    """The articles whose text is newer than the last acknowledged one; a kill adds one at most."""
    database = Database.at("", data)
    with database.read() as session:
        assert session.scalars(text("PRAGMA integrity_check")).all() == ["ok"]
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        kept = set(session.scalars(text("SELECT sha256 FROM revisions")))
        current = published_hashes(session)
        unpublished = session.scalar(
            text(
                "SELECT count(*) FROM revisions WHERE NOT EXISTS (SELECT 1 FROM outbox"
                " WHERE outbox.article_id = revisions.article_id)"
            )
        )
    database.close()
    known = acknowledged(data)
    assert {digest for _, digest in known.values()} <= kept
    ahead = {i for i, (_, digest) in known.items() if current[i] != digest}
    assert len(ahead - ahead_before) <= 1, "at most the one publish that was under way may be newer"
    assert unpublished == 0
    return ahead


def run_kills(tmp_path: Path, kills: int) -> None:
    data, folder = tmp_path / "var", tmp_path / "articles"
    folder.mkdir()
    instants = random.Random(20260901)
    ahead: set[str] = set()
    for kill in range(kills):
        kill_while_publishing(data, folder, kill * 1000, instants.uniform(0, 0.4))
        ahead = assert_nothing_is_lost(data, ahead)


def test_a_few_kills_lose_nothing(tmp_path: Path) -> None:
    run_kills(tmp_path, 3)


@pytest.mark.slow
def test_many_kills_lose_nothing(tmp_path: Path) -> None:
    run_kills(tmp_path, 100)
