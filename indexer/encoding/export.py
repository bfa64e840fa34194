"""A sentence-transformers model as one ONNX file, pooling and normalisation inside, then in int8.

Runs at preparation time only: this module loads torch.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer

from indexer.encoding.errors import ModelUnavailable

OPSET = 17


class PooledEncoder(torch.nn.Module):  # type: ignore[misc]
    """Transformer, pooling and L2 normalisation as one graph."""

    def __init__(self, transformer: Any, pooling: str) -> None:
        super().__init__()
        self.transformer = transformer
        self.pooling = pooling

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Unit vectors [texts, dimensions]."""
        hidden = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        if self.pooling == "cls":
            pooled = hidden[:, 0]
        else:
            mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
            pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(pooled, dim=-1)


def pooling_of(model: SentenceTransformer) -> str:
    """`mean` or `cls`; raises `ModelUnavailable` for a pooling that has no ONNX form here."""
    modules = list(model.children())
    if len(modules) < 2 or len(modules) > 3:
        raise ModelUnavailable("it has more than a transformer, a pooling and a normalisation")
    mode = str(modules[1].get_config_dict().get("pooling_mode", ""))
    for name in ("cls", "mean"):
        if mode == name or modules[1].get_config_dict().get(
            f"pooling_mode_{name}_token{'s' if name == 'mean' else ''}"
        ):
            return name
    raise ModelUnavailable(f"its pooling {mode or 'of an unknown kind'} has no ONNX form")


def export_fp32(model: SentenceTransformer, path: Path) -> None:
    """Write the model as ONNX in full precision."""
    transformer = model[0].auto_model
    transformer.set_attn_implementation("eager")
    graph = PooledEncoder(transformer, pooling_of(model)).eval()
    example = model.tokenizer(["打印机脱机", "printer is offline today"], padding=True, return_tensors="pt")
    dynamic = {name: {0: "texts", 1: "tokens"} for name in ("input_ids", "attention_mask")}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph,
            (example["input_ids"], example["attention_mask"]),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={**dynamic, "vectors": {0: "texts"}},
            opset_version=OPSET,
            dynamo=False,
        )


def quantise(source: Path, target: Path) -> None:
    """Dynamic int8, a scale per channel, for the matrices and the word embeddings."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        str(source),
        str(target),
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["MatMul", "Gather"],
    )
