"""BERT with mean pooling as an ONNX graph, written down node by node.

torch could export the same model, but takes most of a minute and 2 GB for it.
The operators of onnxruntime's own domain (attention, skip + normalise, bias +
GELU) do in one pass what an export spells out in twenty nodes.

The graph reads `input_ids` of shape [batch, tokens] and no mask: texts in one
batch must have the same number of tokens. The encoder runs one text at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from indexer.encoding.bundled import BundledModel

INPUT = "input_ids"
OUTPUT = "sentence_embedding"

_STANDARD_OPSET = 21
_IR_VERSION = 10
_FUSED = "com.microsoft"


class GraphWriter:
    """Collects nodes and constants; each call returns the name of the value it made."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, values: npt.NDArray[Any]) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def integers(self, *values: int) -> str:
        name = "integers_" + "_".join(map(str, values))
        return self.constant(name, np.array(values, np.int64))

    def node(
        self, operator: str, inputs: Sequence[str], *, name: str = "", domain: str = "", **how: Any
    ) -> str:
        result = name or f"value_{len(self.nodes)}"
        node = helper.make_node(operator, inputs, [result], name=result, domain=domain, **how)
        self.nodes.append(node)
        return result

    def model(self, dimensions: int) -> onnx.ModelProto:
        ids = helper.make_tensor_value_info(INPUT, onnx.TensorProto.INT64, ["batch", "tokens"])
        vector = helper.make_tensor_value_info(
            OUTPUT, onnx.TensorProto.FLOAT, ["batch", dimensions]
        )
        constants = list(self.constants.values())
        return helper.make_model(
            helper.make_graph(self.nodes, "encoder", [ids], [vector], constants),
            opset_imports=[
                helper.make_opsetid("", _STANDARD_OPSET),
                helper.make_opsetid(_FUSED, 1),
            ],
            ir_version=_IR_VERSION,
        )


def bert_graph(model: BundledModel) -> onnx.ModelProto:
    """Tokens in, mean-pooled unit vectors out, in single precision."""
    writer = _BertWriter(model)
    states = writer.embeddings()
    for layer in range(model.shape.layers):
        states = writer.layer(states, f"encoder.layer.{layer}.")
    mean = writer.node("ReduceMean", [states, writer.integers(1)], keepdims=0)
    writer.node("LpNormalization", [mean], name=OUTPUT, axis=-1, p=2)
    return writer.model(model.shape.hidden)


class _BertWriter(GraphWriter):
    def __init__(self, model: BundledModel) -> None:
        super().__init__()
        self.tensors: Mapping[str, npt.NDArray[np.float32]] = model.tensors
        self.heads = model.shape.heads
        self.epsilon = model.shape.epsilon

    def embeddings(self) -> str:
        word = self.node("Gather", [self._weight("embeddings.word_embeddings.weight"), INPUT])
        # Every token is of type 0, so its type vector can be added to the
        # position table once instead of to every text.
        table = self.tensors["embeddings.position_embeddings.weight"]
        table = table + self.tensors["embeddings.token_type_embeddings.weight"][0]
        length = self.node("Shape", [INPUT], start=1, end=2)
        positions = self.constant("positions", table)
        rows = self.node("Slice", [positions, self.integers(0), length, self.integers(0)])
        total = self.node("Add", [word, rows])
        scale, shift = self._normalisation("embeddings.LayerNorm")
        return self.node(
            "LayerNormalization", [total, scale, shift], axis=-1, epsilon=self.epsilon
        )

    def layer(self, states: str, prefix: str) -> str:
        attended = self._attention(states, prefix + "attention.")
        middle = self._add_and_normalise(attended, states, prefix + "attention.output.")
        wide = self._product(middle, prefix + "intermediate.dense.weight")
        bias = self._weight(prefix + "intermediate.dense.bias")
        # The tanh form of GELU: its distance to the exact one is far below what
        # 8-bit weights cost, and it is computed in half the time.
        active = self.node("FastGelu", [wide, bias], domain=_FUSED)
        return self._add_and_normalise(active, middle, prefix + "output.")

    def _attention(self, states: str, prefix: str) -> str:
        parts = [prefix + f"self.{part}." for part in ("query", "key", "value")]
        weights = np.concatenate([self.tensors[part + "weight"] for part in parts])
        biases = np.concatenate([self.tensors[part + "bias"] for part in parts])
        together = self.node(
            "MatMul", [states, self.constant(prefix + "self.weight", weights.T)]
        )
        width = len(biases) // 3
        thirds = [
            self.node(
                "Slice", [together, *map(self.integers, (i * width, (i + 1) * width, 2))]
            )
            for i in range(3)
        ]
        bias = self.constant(prefix + "self.bias", biases)
        return self.node(
            "MultiHeadAttention", [*thirds, bias], domain=_FUSED, num_heads=self.heads
        )

    def _add_and_normalise(self, states: str, residual: str, prefix: str) -> str:
        product = self._product(states, prefix + "dense.weight")
        biased = self.node("Add", [product, self._weight(prefix + "dense.bias")])
        total = self.node("Add", [biased, residual])
        scale, shift = self._normalisation(prefix + "LayerNorm")
        return self.node(
            "LayerNormalization", [total, scale, shift], axis=-1, epsilon=self.epsilon
        )

    def _product(self, states: str, name: str) -> str:
        return self.node("MatMul", [states, self.constant(name, self.tensors[name].T)])

    def _normalisation(self, prefix: str) -> tuple[str, str]:
        return self._weight(prefix + ".weight"), self._weight(prefix + ".bias")

    def _weight(self, name: str) -> str:
        return self.constant(name, self.tensors[name])
