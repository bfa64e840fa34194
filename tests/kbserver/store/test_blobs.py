from __future__ import annotations

import errno
import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kbserver.errors import StorageFull, TooLarge
from kbserver.store.blobs import BlobStore


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "files")


def files_below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_what_was_put_is_read_by_its_hash(blobs: BlobStore) -> None:
    sha256, size = blobs.put(io.BytesIO(b"abc"), 10)

    assert (blobs.read(sha256), size) == (b"abc", 3)


def test_the_same_content_is_kept_once(blobs: BlobStore, tmp_path: Path) -> None:
    hashes = {blobs.put(io.BytesIO(b"abc"), 10)[0] for _ in range(1000)}

    assert files_below(tmp_path) == sorted(hashes)


def test_too_much_leaves_nothing_behind(blobs: BlobStore, tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        blobs.put(io.BytesIO(b"abc"), 2)

    assert files_below(tmp_path) == []


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_is_said_and_leaves_nothing_behind(
    blobs: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, "replace")), full)

    with pytest.raises(StorageFull):
        blobs.put(io.BytesIO(b"abc"), 10)

    assert files_below(tmp_path) == []


def test_damaged_bytes_are_not_given(blobs: BlobStore) -> None:
    sha256, _ = blobs.put(io.BytesIO(b"abc"), 10)
    blobs.path(sha256).write_bytes(b"abd")

    assert blobs.read(sha256) is None


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "A" * 64, "0" * 64 + "\n"])
def test_only_a_hash_names_a_file(blobs: BlobStore, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        blobs.path(name)


def test_old_files_are_known_and_fresh_ones_left_out(blobs: BlobStore) -> None:
    sha256, _ = blobs.put(io.BytesIO(b"abc"), 10)
    now = datetime.now(UTC)

    assert blobs.older_than(now - timedelta(minutes=1)) == set()
    assert blobs.older_than(now + timedelta(minutes=1)) == {sha256}
