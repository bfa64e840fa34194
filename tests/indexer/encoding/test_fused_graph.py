"""The parts of the fused graph; the whole is tested with the prepared model."""

import numpy as np
import onnxruntime
import pytest

from indexer.encoding.bundled import BundledModel, BundledShape, BundledVocabulary
from indexer.encoding.fused_graph import fused_graph

SHAPE = BundledShape(64, 2, 4, 128, 50, 40, 1, 1e-12)
PARTS = {
    "attention.self.query": (64, 64), "attention.self.key": (64, 64), "attention.self.value": (64, 64),
    "attention.output.dense": (64, 64), "attention.output.LayerNorm": (64,), "intermediate.dense": (128, 64),
    "output.dense": (64, 128), "output.LayerNorm": (64,),
}  # fmt: skip


@pytest.fixture(scope="module")
def model():
    """A small transformer with seeded weights, its vocabulary out of 4-bit blocks."""
    dice = np.random.default_rng(7)
    blocks = dice.integers(-8, 8, (50, 2, 32)).astype(np.float32)
    blocks[..., 0] = -8
    tensors = {
        "embeddings.word_embeddings.weight": (blocks * np.float32(0.01)).reshape(50, 64),
        "embeddings.position_embeddings.weight": dice.normal(0, 0.05, (40, 64)).astype(np.float32),
        "embeddings.token_type_embeddings.weight": dice.normal(0, 0.05, (1, 64)).astype(np.float32),
        "embeddings.LayerNorm.weight": np.ones(64, np.float32),
        "embeddings.LayerNorm.bias": np.zeros(64, np.float32),
    }
    for layer in range(SHAPE.layers):
        for name, size in PARTS.items():
            made = dice.normal(0, 0.1, size) + (1.0 if name.endswith("Norm") else 0.0)
            tensors[f"encoder.layer.{layer}.{name}.weight"] = made.astype(np.float32)
            tensors[f"encoder.layer.{layer}.{name}.bias"] = dice.normal(0, 0.1, size[0]).astype(np.float32)
    return BundledModel(SHAPE, BundledVocabulary((), 0, 2, 1, 3, {}), tensors)


def by_hand(model, ids):
    """What the model says, in full precision and with nothing fused."""
    found = model.tensors

    def dense(states, name):
        return states @ found[name + ".weight"].T + found[name + ".bias"]

    def normalised(states, name):
        centred = states - states.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + SHAPE.epsilon)
        return scaled * found[name + ".weight"] + found[name + ".bias"]

    states = found["embeddings.word_embeddings.weight"][ids] + found["embeddings.token_type_embeddings.weight"][0]
    states = normalised(states + found["embeddings.position_embeddings.weight"][: len(ids)], "embeddings.LayerNorm")
    for layer in range(SHAPE.layers):
        name = f"encoder.layer.{layer}."
        parts = (dense(states, f"{name}attention.self.{part}") for part in ("query", "key", "value"))
        query, key, value = (part.reshape(len(ids), SHAPE.heads, -1).swapaxes(0, 1) for part in parts)
        weights = np.exp(query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1]))
        weights /= weights.sum(-1, keepdims=True)
        attended = dense((weights @ value).swapaxes(0, 1).reshape(len(ids), -1), name + "attention.output.dense")
        states = normalised(states + attended, name + "attention.output.LayerNorm")
        wide = dense(states, name + "intermediate.dense")
        active = wide * 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (wide + 0.044715 * wide**3)))
        states = normalised(states + dense(active, name + "output.dense"), name + "output.LayerNorm")
    mean = states.mean(0)
    return mean / np.linalg.norm(mean)


@pytest.mark.parametrize("ids", [[0], [0, 4, 2], list(range(40))], ids=["one", "three", "as many as fit"])
def test_the_graph_computes_the_transformer(model, ids):
    session = onnxruntime.InferenceSession(fused_graph(model).SerializeToString(), providers=["CPUExecutionProvider"])

    (vectors,) = session.run(None, {"input_ids": np.array([ids], np.int64)})

    assert vectors[0] @ by_hand(model, ids) > 0.999


def test_a_vocabulary_of_another_precision_is_refused(model):
    name = "embeddings.word_embeddings.weight"
    tensors = {**model.tensors, name: model.tensors[name] + np.float32(1e-4)}

    with pytest.raises(ValueError, match="4-bit"):
        fused_graph(BundledModel(model.shape, model.vocabulary, tensors))
