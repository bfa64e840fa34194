"""`kb serve` as a process: it answers, says when it cannot start, and stops cleanly."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kbserver.articles import markdown, write

ROOT = Path(__file__).parents[3]


def start(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    environ = os.environ | {
        "KB_DATA_DIR": str(tmp_path / "var"),
        "KB_ARTICLES_DIR": str(tmp_path / "articles"),
        "KB_EMBEDDING_MODEL": "none",
        "PYTHONPATH": str(ROOT),
        "HF_HUB_OFFLINE": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "kbserver", "serve", *arguments],
        cwd=tmp_path,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    words = process.stdout.readline().split()
    return words[1] if words else pytest.fail(process.communicate()[1])


def get(address: str) -> dict:
    with urllib.request.urlopen(address, timeout=10) as response:
        return json.load(response)


def found(address: str, text: str) -> list[str]:
    query = urllib.parse.urlencode({"q": text, "mode": "keyword"})
    return [hit["id"] for hit in get(f"{address}/api/v1/search?{query}")["hits"]]


@pytest.fixture
def address(tmp_path: Path, article_folder: Path) -> Iterator[str]:
    write(article_folder, "a.md", markdown("KB-0001", title="打印机脱机"))
    process = start(tmp_path, "--port", "0")
    yield address_of(process)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_the_first_start_imports_builds_and_answers(address: str) -> None:
    assert found(address, "打印机") == ["KB-0001"]


def test_a_saved_file_is_found_and_a_deleted_one_is_not(address: str, article_folder: Path) -> None:
    path = write(article_folder, "b.md", markdown("KB-0002", title="独角兽密钥"))
    came = _eventually(lambda: found(address, "独角兽密钥")[:1] == ["KB-0002"])
    path.unlink()

    assert came
    assert _eventually(lambda: "KB-0002" not in found(address, "独角兽密钥"))


def test_the_first_administrator_s_password_is_printed_once(tmp_path: Path, article_folder: Path) -> None:
    first, second = printed(tmp_path), printed(tmp_path)
    password = re.search(r"Administrator: admin  one-time password: (\S+)", first)

    assert password is not None
    assert "一次性密码" in first
    assert "password" not in second
    assert password[1] not in (tmp_path / "var" / "kb.sqlite3").read_bytes().decode("latin-1")


def printed(tmp_path: Path) -> str:
    """What a start prints until it answers, and then until it stops."""
    process = start(tmp_path, "--port", "0")
    address = address_of(process)
    assert _eventually(lambda: get(f"{address}/healthz") == {"status": "ok"})
    process.send_signal(signal.SIGTERM)
    assert process.stdout is not None
    # `communicate` would not see what reading the first line has already taken into the buffer.
    rest = process.stdout.read()
    process.communicate(timeout=30)
    return rest


def test_too_large_headers_are_refused(address: str) -> None:
    request = urllib.request.Request(f"{address}/healthz", headers={"X-Large": "x" * 100_000})

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)

    assert refused.value.code == 431
    refused.value.close()


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /healthz\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
    ],
    ids=["bad length", "two lengths", "foreign host", "absolute", "no version", "noise"],
)
def test_a_broken_request_does_not_harm_the_next(address: str, raw: bytes) -> None:
    host, port = urllib.parse.urlsplit(address).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(4096)

    assert b" 500 " not in answer.split(b"\r\n")[0]
    assert get(f"{address}/healthz") == {"status": "ok"}


def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path: Path, article_folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        output, errors = start(tmp_path, "--port", str(port)).communicate(timeout=60)

    assert output == ""
    assert errors.splitlines() == [
        f"Cannot listen on 127.0.0.1 port {port}: Address already in use."
        " Stop what runs there, or choose another with --port."
    ]


def test_the_server_process_never_loads_torch(tmp_path: Path, article_folder: Path) -> None:
    write(article_folder, "a.md", markdown("KB-0001"))
    code = """
import sys
from pathlib import Path
from kbserver.adapters.search_index import EmbeddedSearchIndex
from kbserver.cli import serving
from kbserver.cli.workplace import Workplace
from kbserver.app import create_app
from kbserver.config import load_settings
with Workplace.open(load_settings()) as place:
    index = place.index()
    place.folder.whole()
    place.consumer(index).catch_up()
    index.load_model()
    client = create_app(place.settings, database=place.database, index=index).test_client()
    assert client.get("/api/v1/search?q=打印机").status_code == 200
print([m for m in ("torch", "transformers", "sentence_transformers") if m in sys.modules])
"""
    environ = os.environ | {
        "KB_DATA_DIR": str(tmp_path / "var"),
        "KB_ARTICLES_DIR": str(article_folder),
        "PYTHONPATH": str(ROOT),
    }

    result = subprocess.run(
        [sys.executable, "-c", code], env=environ, cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.stdout.splitlines()[-1:] == ["[]"], result.stderr


def _eventually(is_so, seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.05)
    return False
