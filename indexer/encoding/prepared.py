"""A prepared model on disk: its files, and a manifest that says what they must be.

    models/<name>-<hash>/
        manifest.json    read first; a file that does not match it is never opened
        model.onnx       tokens in, unit vectors out
        tokenizer.json   text in, tokens out
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from indexer.encoding.encoder import MAX_PASSAGE_TOKENS, MAX_QUERY_TOKENS, Prompts
from indexer.encoding.errors import ModelUnavailable

FORMAT = 1
MANIFEST = "manifest.json"
MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"


class Engine(enum.StrEnum):
    """What runs the model."""

    ONNX = "onnx"
    PROCESS = "process"
    """sentence-transformers in a process of its own, for a model that has no ONNX form."""


class Precision(enum.StrEnum):
    """How the weights are stored."""

    INT8 = "int8"
    FP32 = "fp32"


@dataclass(frozen=True, slots=True)
class PreparedModel:
    """What the manifest says. `model_hash` names the vector space: files, prompts and limits."""

    name: str
    source: str
    """What was asked for: `bundled`, a name on a hub or a folder."""
    engine: Engine
    precision: Precision
    dimensions: int
    prompts: Prompts
    cosine_mean: float
    cosine_min: float
    """Between the vectors of this model and of the original, over fixed sentences."""
    files: dict[str, str]
    """Name -> SHA-256."""
    max_query_tokens: int = MAX_QUERY_TOKENS
    max_passage_tokens: int = MAX_PASSAGE_TOKENS
    pieces: dict[str, str] = field(default_factory=dict)
    """Versions of the packages that made it."""

    @property
    def model_hash(self) -> str:
        space = {
            "files": self.files,
            "prompts": asdict(self.prompts),
            "limits": [self.max_query_tokens, self.max_passage_tokens],
            # Without files the vectors are the original's, which its place names.
            "source": self.source if self.engine is Engine.PROCESS else "",
        }
        text = json.dumps(space, sort_keys=True, ensure_ascii=False)
        return sha256(text.encode()).hexdigest()[:16]

    @property
    def folder_name(self) -> str:
        return f"{slug_of(self.name)}-{self.model_hash}"


def slug_of(name: str) -> str:
    """A model's name as a part of a folder's name.

    >>> slug_of("intfloat/multilingual-e5-small"), slug_of("../..")
    ('intfloat-multilingual-e5-small', 'model')
    """
    return re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-.")[:80] or "model"


def models_folder(data_dir: Path) -> Path:
    return data_dir / "models"


def write_manifest(folder: Path, model: PreparedModel) -> None:
    content = {"format": FORMAT, "model_hash": model.model_hash, **asdict(model)}
    text = json.dumps(content, indent=2, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", "utf-8")


def read_manifest(folder: Path) -> PreparedModel:
    """What `folder` says about itself; ModelUnavailable when that cannot be understood."""
    try:
        content = json.loads((folder / MANIFEST).read_text("utf-8"))
        return _checked(content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelUnavailable(
            f"The model in {folder} has no readable manifest ({error}): prepare it again."
        ) from error


def _checked(content: dict[str, Any]) -> PreparedModel:
    if content.pop("format") != FORMAT:
        raise ValueError("it is of another format")
    model_hash = content.pop("model_hash")
    content["engine"] = Engine(content["engine"])
    content["precision"] = Precision(content["precision"])
    content["prompts"] = Prompts(**content["prompts"])
    model = PreparedModel(**content)
    if model.model_hash != model_hash:
        raise ValueError("its hash does not fit what it says")
    return model


def verify_files(folder: Path, model: PreparedModel) -> None:
    """ModelUnavailable unless every file is there with the content it was written with.

    onnxruntime opens some damaged files without a word, and their vectors would
    be stored beside good ones.
    """
    for name, expected in model.files.items():
        path = folder / name
        if not path.is_file():
            raise ModelUnavailable(f"The file {path} of the model is missing: prepare it again.")
        if sha256_of(path) != expected:
            raise ModelUnavailable(f"The file {path} of the model is damaged: prepare it again.")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def prepared_folders(data_dir: Path) -> Iterator[Path]:
    """Folders that hold a finished model, newest first."""
    found = list(models_folder(data_dir).glob(f"*/{MANIFEST}"))
    found = [path for path in found if not path.parent.name.startswith(".")]
    yield from (path.parent for path in sorted(found, key=_age_key, reverse=True))


def _age_key(manifest: Path) -> tuple[float, str]:
    return manifest.stat().st_mtime, manifest.parent.name
