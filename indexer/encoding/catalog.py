"""The models of one data folder: prepare, list, load."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from indexer.encoding.encoder import Encoder
from indexer.encoding.errors import ModelUnavailable
from indexer.encoding.onnx_encoder import OnnxEncoder
from indexer.encoding.prepared import PreparedModel, read_prepared

BUNDLED = "bundled"
MODELS_FOLDER = "models"
STEPS = 5
"""Steps of a preparation as progress counts them."""

_MARK = "@step "
"""Begins the lines in which the preparing process tells how far it is."""

Progress = Callable[[int, int], None]


def model_folder(data_dir: Path, model: str) -> Path:
    """Where the prepared form of `model` lies: a readable name and a hash of what was asked for."""
    readable = re.sub(r"[^a-z0-9]+", "-", Path(model).name.lower()).strip("-")[:40] or "model"
    return data_dir / MODELS_FOLDER / f"{readable}-{sha256(model.encode()).hexdigest()[:8]}"


def is_prepared(data_dir: Path, model: str = BUNDLED) -> bool:
    """Whether `model` was prepared here; its files are verified only when it is loaded."""
    try:
        read_prepared(model_folder(data_dir, model))
    except ModelUnavailable:
        return False
    return True


def load_encoder(data_dir: Path, model: str = BUNDLED, *, threads: int | None = None) -> Encoder:
    """The prepared model, ready to encode; raises `ModelUnavailable` with a sentence."""
    return OnnxEncoder(read_prepared(model_folder(data_dir, model)), threads=threads)


def list_models(data_dir: Path) -> list[PreparedModel]:
    """Every prepared model, by name of its folder; folders that are none are left out."""
    found = []
    for folder in sorted((data_dir / MODELS_FOLDER).glob("*/")):
        try:
            found.append(read_prepared(folder))
        except ModelUnavailable:
            continue
    return found


def prepare_model(data_dir: Path, model: str = BUNDLED, progress: Progress | None = None) -> PreparedModel:
    """Convert `model` to ONNX int8 in a process of its own, so that this one never loads torch.

    `model` is `bundled`, a folder, or a name that sentence-transformers knows.
    `progress` is told steps done and steps in all. Raises `ModelUnavailable`
    with the reason; what was prepared before stays until the new one is whole.
    """
    folder = model_folder(data_dir, model)
    folder.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "indexer.encoding.prepare", model, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = ""
        for line in process.stdout:
            if line.startswith(_MARK) and progress:
                progress(int(line.removeprefix(_MARK)), STEPS)
            elif not line.startswith(_MARK):
                said = line
        trouble = process.stderr.read()
    if process.returncode == 0:
        return read_prepared(folder)
    reason = json.loads(said)["error"] if said.startswith('{"error"') else (trouble.strip().splitlines() or ["?"])[-1]
    raise ModelUnavailable(f"The model {model} cannot be prepared: {reason}")


def tell_step(done: int) -> None:
    """In the preparing process: say how many steps are done."""
    sys.stdout.write(f"{_MARK}{done}\n")
    sys.stdout.flush()
