"""The store and the use cases over a real PostgreSQL server, which the test starts and stops."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

FOLDERS = (
    "tests/kbserver/store",
    "tests/kbserver/services/test_archiving.py",
    "tests/kbserver/services/test_audit.py",
    "tests/kbserver/services/test_drafts.py",
)
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
ACCOUNT = "postgres" if IS_ROOT else None
"""PostgreSQL refuses to run as root; its Debian package brings this account."""


def programs() -> Path | None:
    """The folder of the newest server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("pg_ctl")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed")
    # Not below pytest's folder, which only its owner may enter.
    data = Path(tempfile.mkdtemp(prefix="kb-postgresql-"))
    if ACCOUNT:
        shutil.chown(data, ACCOUNT)
    port = free_port()

    def run(program: str, *arguments: str) -> None:
        command = [str(folder / program), "-D", str(data / "cluster"), *arguments]
        subprocess.run(command, user=ACCOUNT, cwd=data, check=True, stdout=subprocess.DEVNULL, timeout=120)

    run("initdb", "--username=kb", "--auth=trust", "--encoding=UTF8", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data} -c fsync=off"
    run("pg_ctl", "-w", "-l", str(data / "log"), "-o", options, "start")
    try:
        yield f"postgresql+psycopg://kb@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(data)


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_store_and_the_use_cases_work_on_postgresql(url: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not slow and not sqlite"]

    environment = os.environ | {"KB_TEST_DATABASE_URL": url}
    done = subprocess.run([*command, *FOLDERS], env=environment, capture_output=True, text=True, timeout=1500)

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
