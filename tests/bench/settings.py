"""Where the benchmark finds things and where it works."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class BenchSettings:
    """Folders, and the model whose vectors are measured with."""

    scratch: Path
    data_dir: Path
    eval_data: Path
    articles: Path
    model: str

    @property
    def source(self) -> Path:
        """Folder of the real vectors."""
        return self.scratch / "source"

    def paths(self) -> dict[str, str]:
        """What a step in another process needs to find the collection."""
        return {"source": str(self.source), "eval_data": str(self.eval_data), "articles": str(self.articles)}
