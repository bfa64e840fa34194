"""What a prepared model is on disk: files with their hashes, and what must be known to use them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from indexer.encoding.encoder import Prompts
from indexer.encoding.errors import ModelUnavailable

MANIFEST = "model.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class PreparedModel:
    """A model that the server can run, with how near it comes to the original."""

    folder: Path
    name: str
    """What was asked for: `bundled`, a hub name or a path."""
    model_hash: str
    dimensions: int
    max_tokens: int
    prompts: Prompts
    files: Mapping[str, str]
    """SHA-256 of each file, by name."""
    precision: str
    """`int8`, or `fp32` where int8 came out too different."""
    cosine: float
    """Mean cosine of its vectors to the original model's on sentences in both languages."""

    @property
    def onnx_path(self) -> Path:
        """The graph, pooling and normalisation included."""
        return self.folder / "model.onnx"

    @property
    def tokenizer_path(self) -> Path:
        """The model's own tokenizer."""
        return self.folder / "tokenizer.json"

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum((self.folder / name).stat().st_size for name in self.files)

    def verify(self) -> None:
        """Raise `ModelUnavailable` when a file is missing or not what was prepared."""
        for name, expected in self.files.items():
            try:
                with (self.folder / name).open("rb") as file:
                    found = file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise ModelUnavailable(f"The model {self.name} lacks {name}; run: kb model prepare") from error
            if found != expected:
                raise ModelUnavailable(f"The model {self.name} is damaged ({name}); run: kb model prepare")

    def as_dict(self) -> dict[str, Any]:
        """The model's facts as JSON-ready values."""
        return {
            "name": self.name,
            "model_hash": self.model_hash,
            "dimensions": self.dimensions,
            "max_tokens": self.max_tokens,
            "prompts": {"query": self.prompts.query, "passage": self.prompts.passage},
            "files": dict(self.files),
            "precision": self.precision,
            "cosine": self.cosine,
        }

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.dimensions} dimensions, {self.precision}, "
            f"cosine {self.cosine:.4f} to the original, {self.bytes / 1e6:.0f} MB, {self.model_hash}"
        )


def read_prepared(folder: Path) -> PreparedModel:
    """The prepared model in `folder`; raises `ModelUnavailable`."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if content.pop("schema") != SCHEMA:
            raise ModelUnavailable(f"The model in {folder.name} was prepared by another release; run: kb model prepare")
        return PreparedModel(folder, **{**content, "prompts": Prompts(**content["prompts"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnavailable(f"There is no usable model in {folder.name}; run: kb model prepare") from error


def write_manifest(model: PreparedModel) -> None:
    """Describe the files in the model's folder; done last, so that a folder with it is whole."""
    text = json.dumps({"schema": SCHEMA, **model.as_dict()}, ensure_ascii=False, indent=1)
    (model.folder / MANIFEST).write_text(text, encoding="utf-8")
