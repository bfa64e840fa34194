"""The bundled model as an ONNX graph in 8 bits, written down node by node.

An export spells out in twenty nodes what onnxruntime's own operators do in one
pass: attention over all heads, GELU with its bias, a product with 8-bit weights
that rounds its input itself. The graph reads one text and no mask, so nothing
is ever spent on padding; pooling and normalisation are part of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from indexer.encoding.bundled import BundledModel

WEIGHT_LIMIT = 90
"""Weights are rounded to -90..90 and not to -127..127. Without VNNI instructions two products of
an activation (0..255) and a weight are added in 16 bits; 2 x 255 x 127 does not fit there and is
cut off silently. With 90 that takes two extreme values side by side; the cosine to the original
is the same 0.9975 where nothing is cut off."""

_OPSET = 21
_IR_VERSION = 10
_FUSED = "com.microsoft"
_BLOCK = 32
"""Values of the vocabulary that share one scale, as the weights come."""

Floats = npt.NDArray[np.float32]


def write_fused(model: BundledModel, path: Path) -> None:
    """Write the graph: `input_ids` [1, tokens] in, one unit vector [1, dimensions] out."""
    onnx.save(fused_graph(model), str(path))


def fused_graph(model: BundledModel) -> onnx.ModelProto:
    """The graph that `write_fused` writes."""
    graph = _Bert(model)
    states = graph.embeddings()
    for layer in range(model.shape.layers):
        states = graph.layer(states, f"encoder.layer.{layer}.")
    mean = graph.node("ReduceMean", [states, graph.integers(1)], keepdims=0)
    graph.node("LpNormalization", [mean], name="vectors", axis=-1, p=2)
    return graph.model(model.shape.hidden)


class _Graph:
    """Collects nodes and constants; each call gives the name of the value it made."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, TensorProto] = {}

    def constant(self, name: str, values: npt.NDArray[Any]) -> str:
        return self.tensor(numpy_helper.from_array(np.ascontiguousarray(values), name))

    def tensor(self, tensor: TensorProto) -> str:
        self._constants[tensor.name] = tensor
        return str(tensor.name)

    def integers(self, *values: int) -> str:
        return self.constant("integers_" + "_".join(map(str, values)), np.array(values, np.int64))

    def node(self, operator: str, inputs: Sequence[str], *, name: str = "", domain: str = "", **how: Any) -> str:
        result = name or f"value_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [result], name=result, domain=domain, **how))
        return result

    def model(self, dimensions: int) -> onnx.ModelProto:
        ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts", "tokens"])
        vectors = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", dimensions])
        graph = helper.make_graph(self._nodes, "encoder", [ids], [vectors], list(self._constants.values()))
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)


class _Bert(_Graph):
    def __init__(self, model: BundledModel) -> None:
        super().__init__()
        self._tensors: Mapping[str, Floats] = model.tensors
        self._heads = model.shape.heads
        self._epsilon = model.shape.epsilon

    def embeddings(self) -> str:
        words = self._look_up("embeddings.word_embeddings.weight", "input_ids")
        # Every token is of type 0, so its type vector can be added to the
        # position table once instead of to every text.
        table = self._tensors["embeddings.position_embeddings.weight"]
        table = table + self._tensors["embeddings.token_type_embeddings.weight"][0]
        length = self.node("Shape", ["input_ids"], start=1, end=2)
        positions = [self.constant("positions", table), self.integers(0), length, self.integers(0)]
        total = self.node("Add", [words, self.node("Slice", positions)])
        return self._normalised(total, "embeddings.LayerNorm")

    def layer(self, states: str, prefix: str) -> str:
        attended = self._attention(states, prefix + "attention.self.")
        projected = self._product(attended, prefix + "attention.output.dense")
        middle = self._normalised(self.node("Add", [projected, states]), prefix + "attention.output.LayerNorm")
        wide = self._product(middle, prefix + "intermediate.dense", biased=False)
        # The tanh form of GELU: its distance to the exact one is far below what
        # 8-bit weights cost, and it is computed in half the time.
        active = self.node("FastGelu", [wide, self._weight(prefix + "intermediate.dense.bias")], domain=_FUSED)
        narrow = self._product(active, prefix + "output.dense")
        return self._normalised(self.node("Add", [narrow, middle]), prefix + "output.LayerNorm")

    def _attention(self, states: str, prefix: str) -> str:
        """All heads at once; query, key and value come out of one product."""
        parts = [prefix + part for part in ("query", "key", "value")]
        together = self._quantised_product(
            states, prefix + "together", np.concatenate([self._tensors[part + ".weight"] for part in parts])
        )
        biases = np.concatenate([self._tensors[part + ".bias"] for part in parts])
        width = len(biases) // len(parts)
        thirds = [
            self.node("Slice", [together, *map(self.integers, (at * width, (at + 1) * width, 2))])
            for at in range(len(parts))
        ]
        bias = self.constant(prefix + "bias", biases)
        return self.node("MultiHeadAttention", [*thirds, bias], domain=_FUSED, num_heads=self._heads)

    def _product(self, states: str, name: str, *, biased: bool = True) -> str:
        bias = [self._weight(name + ".bias")] if biased else []
        return self._quantised_product(states, name, self._tensors[name + ".weight"], *bias)

    def _quantised_product(self, states: str, name: str, weights: Floats, *bias: str) -> str:
        """The product with `weights` in 8 bits, one scale per output; the input is rounded by its own range."""
        rounded, scale = _rounded(weights)
        constants = [
            self.constant(f"{name}.rounded", rounded.T),
            self.constant(f"{name}.scale", scale),
            self.constant(f"{name}.zero", np.zeros(len(scale), np.int8)),
        ]
        return self.node("DynamicQuantizeMatMul", [states, *constants, *bias], domain=_FUSED)

    def _look_up(self, name: str, indices: str) -> str:
        """Rows of a table that is kept in the 4 bits it came in."""
        table = self._tensors[name]
        halves, scale = _four_bit_blocks(table)
        packed = helper.make_tensor(name, TensorProto.INT4, table.shape, halves.tobytes(), raw=True)
        inputs = [self.tensor(packed), indices, self.constant(name + ".scale", scale)]
        how: dict[str, Any] = {"block_size": _BLOCK, "gather_axis": 0, "quantize_axis": 1}
        return self.node("GatherBlockQuantized", inputs, domain=_FUSED, **how)

    def _normalised(self, states: str, name: str) -> str:
        inputs = [states, self._weight(name + ".weight"), self._weight(name + ".bias")]
        return self.node("LayerNormalization", inputs, axis=-1, epsilon=self._epsilon)

    def _weight(self, name: str) -> str:
        return self.constant(name, self._tensors[name])


def _rounded(matrix: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Whole numbers within the limit, and for each row the scale that gives it back."""
    scale = np.abs(matrix).max(axis=1) / np.float32(WEIGHT_LIMIT)
    scale[scale == 0] = 1
    return np.rint(matrix / scale[:, None]).astype(np.int8), scale


def _four_bit_blocks(table: Floats) -> tuple[npt.NDArray[np.uint8], Floats]:
    """Two values a byte and a scale per block; ValueError if `table` did not come from such blocks.

    The value of the largest size in a block stands for -8; that is how 4-bit
    weights are made, so its eighth is the scale that they were made with.
    """
    rows, width = table.shape
    blocks = table.reshape(rows, width // _BLOCK, _BLOCK)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(-1)[..., None], -1)
    scale = largest / np.float32(-8)
    scale[scale == 0] = 1
    whole = np.rint(blocks / scale)
    if whole.min() < -8 or whole.max() > 7 or not np.array_equal(whole * scale, blocks):
        raise ValueError("the vocabulary is not in 4-bit blocks")
    values = whole.astype(np.int8).reshape(rows, width)
    halves = (values[:, 0::2] & 15) | (values[:, 1::2] << 4)
    return halves.view(np.uint8), scale[..., 0]
