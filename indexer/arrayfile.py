"""Named numpy arrays in one file that is mapped, not loaded: opening costs the same at any size."""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"KBARRAY1"
ALIGNMENT = 64
"""Arrays start on cache lines, as FAISS and numpy read them fastest."""

Arrays = Mapping[str, NDArray[Any]]


class ArrayFileError(ValueError):
    """The file is not a whole array file."""


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Store `arrays` under their names; the caller makes the file durable."""
    places: dict[str, tuple[str, list[int], int]] = {}
    offset = 0
    for name, array in arrays.items():
        places[name] = (array.dtype.str, list(array.shape), offset)
        offset += _padded(array.nbytes)
    header = json.dumps({"arrays": places, "bytes": offset}).encode()
    with path.open("wb") as file:
        file.write(MAGIC + len(header).to_bytes(8, "little") + header)
        file.write(b"\0" * (_padded(file.tell()) - file.tell()))
        for array in arrays.values():
            file.write(np.ascontiguousarray(array).data)
            file.write(b"\0" * (_padded(array.nbytes) - array.nbytes))


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read-only views into the mapped file; they stay valid after the file is unlinked."""
    content = _mapped(path)
    if content[: len(MAGIC)] != MAGIC:
        raise ArrayFileError(f"{path.name} is not an array file")
    start = len(MAGIC) + 8
    length = int.from_bytes(content[len(MAGIC) : start], "little")
    header = json.loads(bytes(content[start : start + length]))
    base = _padded(start + length)
    if base + header["bytes"] != len(content):
        raise ArrayFileError(f"{path.name} is cut off")
    return {
        name: _view(content, base + offset, dtype, shape) for name, (dtype, shape, offset) in header["arrays"].items()
    }


def _mapped(path: Path) -> memoryview:
    with path.open("rb") as file:
        if not path.stat().st_size:
            raise ArrayFileError(f"{path.name} is empty")
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _view(content: memoryview, offset: int, dtype: str, shape: list[int]) -> NDArray[Any]:
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(content, np.dtype(dtype), count, offset).reshape(shape)


def _padded(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
