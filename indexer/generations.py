"""The index folder: generations, the pointer to the current one, the writer's lock, and what is swept.

    index/CURRENT                  number and SHA-256 of the current manifest
    index/gen-000012/manifest.json
    index/segments/<id>/           immutable
    index/vectors/<id>/            immutable
    index/writer.lock

Everything is written aside and made durable first; CURRENT is replaced last
and atomically, so a crash at any instant leaves the generation before.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from indexer.manifest import FileEntry, Manifest, ManifestError

KEPT_GENERATIONS = 3
"""The current generation and two before it."""

BUILDING = ".building"
"""Suffix of a folder whose writer has not finished."""

PART_FOLDERS = ("segments", "vectors")


_POINTER = re.compile(rb"(\d{1,12}) ([0-9a-f]{64})\n")


class IndexBusyError(RuntimeError):
    """Another process is writing the index."""


class DamageError(RuntimeError):
    """A file of the index is missing or not what its manifest says."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """What CURRENT names."""

    generation: int
    digest: str


def read_pointer(root: Path) -> Pointer | None:
    """The pointer, or None where there is none or it is damaged."""
    try:
        named = _POINTER.fullmatch((root / "CURRENT").read_bytes())
    except OSError:
        return None
    return Pointer(int(named[1]), named[2].decode()) if named else None


def generation_numbers(root: Path) -> list[int]:
    """All generations on disk, newest first."""
    names = [path.name.removeprefix("gen-") for path in root.glob("gen-*")]
    return sorted((int(name) for name in names if name.isdecimal()), reverse=True)


def read_manifest(root: Path, number: int) -> Manifest:
    """The manifest of generation `number`; ManifestError when missing, damaged or swapped."""
    try:
        content = (_folder(root, number) / "manifest.json").read_bytes()
    except OSError as error:
        raise ManifestError("the manifest is missing") from error
    manifest = Manifest.from_bytes(content)
    if manifest.generation != number:
        raise ManifestError(f"the manifest belongs to generation {manifest.generation}")
    return manifest


def readable_manifests(root: Path, problems: list[str]) -> Iterator[Manifest]:
    """Manifests worth trying, best first: the current one, then older ones, newest first.

    A generation newer than CURRENT was never committed and is left out, unless
    what CURRENT names cannot be read; its parts were durable before its manifest
    was. Each reason to skip one is added to `problems`.
    """
    numbers = generation_numbers(root)
    pointer = read_pointer(root)
    named = _named_manifest(root, pointer, problems) if pointer else None
    if named is not None:
        yield named
        numbers = [number for number in numbers if number < named.generation]
    elif pointer is None and numbers:
        problems.append("CURRENT is missing or damaged")
    for number in numbers:
        try:
            yield read_manifest(root, number)
        except ManifestError as error:
            problems.append(f"generation {number}: {error}")


def _named_manifest(root: Path, pointer: Pointer, problems: list[str]) -> Manifest | None:
    """The manifest that CURRENT names; None, and a problem, when either of the two is damaged."""
    try:
        manifest = read_manifest(root, pointer.generation)
    except ManifestError as error:
        problems.append(f"CURRENT cannot be followed: {error}")
        return None
    if _digest(manifest) == pointer.digest:
        return manifest
    problems.append(f"generation {pointer.generation} is not the manifest that CURRENT names")
    return None


def current_manifest(root: Path) -> Manifest | None:
    """The newest manifest that is itself whole; its files are not looked at."""
    return next(readable_manifests(root, []), None)


def whole_manifest(root: Path, problems: list[str]) -> Manifest | None:
    """The newest generation of which every file is what it should be; why newer ones are not, in `problems`."""
    for manifest in readable_manifests(root, problems):
        try:
            for folder, files in manifest.parts():
                VERIFIER.verify(root / folder, files)
        except DamageError as error:
            problems.append(f"generation {manifest.generation}: {error}")
        else:
            return manifest
    return None


def commit(root: Path, manifest: Manifest) -> None:
    """Make `manifest` the current generation, durably, then sweep what no kept generation needs.

    The caller holds the writer's lock and has made every file of the manifest durable.
    """
    folder = _folder(root, manifest.generation)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    content = manifest.to_bytes()
    _write_durably(folder / "manifest.json", content)
    sync_folder(folder)
    sync_folder(root)
    replace_durably(root / "CURRENT", f"{manifest.generation} {_digest(manifest)}\n".encode())
    sweep(root)


def replace_durably(path: Path, content: bytes) -> None:
    """Give `path` new content: after a crash it holds the old or the new, whole."""
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}{BUILDING}")
    _write_durably(aside, content)
    aside.replace(path)
    sync_folder(path.parent)


def next_generation(root: Path) -> int:
    """A number above every generation on disk."""
    pointer = read_pointer(root)
    return max([0, *generation_numbers(root), pointer.generation if pointer else 0]) + 1


@contextlib.contextmanager
def writer_lock(root: Path, wait: float = 10.0) -> Iterator[None]:
    """Hold the only right to commit; IndexBusyError after `wait` seconds. Dies with its process."""
    with _locked(root, "writer.lock", wait):
        yield


@contextlib.contextmanager
def build_lock(root: Path, wait: float = 10.0) -> Iterator[None]:
    """Hold the only right to build or merge beside the living index; updates go on meanwhile."""
    with _locked(root, "build.lock", wait):
        yield


@contextlib.contextmanager
def _locked(root: Path, name: str, wait: float) -> Iterator[None]:
    root.mkdir(parents=True, exist_ok=True)
    with (root / name).open("ab") as file:
        deadline = time.monotonic() + wait
        while not _try_lock(file.fileno()):
            if time.monotonic() > deadline:
                raise IndexBusyError("another process is writing the index; try again later")
            time.sleep(0.02)
        yield


@contextlib.contextmanager
def building_folder(parent: Path) -> Iterator[Path]:
    """A fresh folder under `parent` for a part in the making; locked, so that no sweep takes it.

    Finish it with `finish_folder`; whatever is left unfinished is removed.
    """
    parent.mkdir(parents=True, exist_ok=True)
    folder = parent / (uuid.uuid4().hex[:12] + BUILDING)
    folder.mkdir(mode=0o700)
    handle = os.open(folder, os.O_RDONLY)
    try:
        _try_lock(handle)
        yield folder
    finally:
        os.close(handle)
        shutil.rmtree(folder, ignore_errors=True)


def finish_folder(folder: Path) -> tuple[str, dict[str, FileEntry]]:
    """Make a part durable and give it its final name: (id, files). Call it under the writer's lock."""
    files = {str(path.relative_to(folder)): _entry_synced(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    for inner in [*(path for path in folder.rglob("*") if path.is_dir()), folder]:
        sync_folder(inner)
    final = folder.with_name(folder.name.removesuffix(BUILDING))
    folder.rename(final)
    sync_folder(final.parent)
    return final.name, files


def sweep(root: Path) -> list[str]:
    """Remove generations beyond the kept ones and parts that none of the kept needs; their paths.

    The caller holds the writer's lock. Nothing is removed while a kept manifest cannot be read.
    """
    pointer = read_pointer(root)
    if pointer is None:
        return []
    numbers = generation_numbers(root)
    kept = [number for number in numbers if number <= pointer.generation][:KEPT_GENERATIONS]
    try:
        needed = {folder for n in kept for folder, _ in read_manifest(root, n).parts()}
    except ManifestError:
        return []
    stale = [_folder(root, number) for number in numbers if number not in kept]
    for name in PART_FOLDERS:
        parts = (root / name).iterdir() if (root / name).is_dir() else ()
        stale += [part for part in parts if f"{name}/{part.name}" not in needed]
    removed = [path for path in stale if not _in_the_making(path)]
    for path in [*removed, *root.glob(f".*{BUILDING}")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return [str(path.relative_to(root)) for path in removed]


class Verifier:
    """Checks files against their entries, each file once per process as long as it is untouched."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[int, int, int]] = {}
        self._lock = threading.Lock()

    def verify(self, folder: Path, files: Mapping[str, FileEntry]) -> None:
        """Return if every file is what its entry says; DamageError names the first that is not."""
        for name, entry in files.items():
            self._verify_file(folder / name, entry)

    def _verify_file(self, path: Path, entry: FileEntry) -> None:
        try:
            state = _state(path)
            if state[0] != entry.size:
                raise DamageError(f"{path.parent.name}/{path.name}: wrong size")
            with self._lock:
                if self._seen.get((str(path), entry.sha256)) == state:
                    return
            if _sha256(path) != entry.sha256:
                raise DamageError(f"{path.parent.name}/{path.name}: wrong SHA-256")
        except OSError as error:
            reason = error.strerror or "cannot be read"
            raise DamageError(f"{path.parent.name}/{path.name}: {reason}") from error
        with self._lock:
            self._seen[str(path), entry.sha256] = state


VERIFIER = Verifier()
"""The process's memory of what it has verified; the files are immutable."""


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _folder(root: Path, number: int) -> Path:
    return root / f"gen-{number:06d}"


def _digest(manifest: Manifest) -> str:
    return hashlib.sha256(manifest.to_bytes()).hexdigest()


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _in_the_making(path: Path) -> bool:
    if not path.name.endswith(BUILDING):
        return False
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return True
    try:
        return not _try_lock(handle)
    finally:
        os.close(handle)


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _entry_synced(path: Path) -> FileEntry:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        size = os.fstat(file.fileno()).st_size
    return FileEntry(size, _sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _state(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ino
