"""What tests of every part share: the prepared model, made once and kept."""

import os
from pathlib import Path

import pytest

from indexer.encoding import ModelUnavailable, is_prepared, prepare_model

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def model_dir():
    """A data folder with the bundled model; preparing it takes about a minute, once for a checkout."""
    folder = Path(os.environ.get("KB_TEST_MODEL_DIR", ROOT / "var"))
    if not is_prepared(folder):
        try:
            prepare_model(folder)
        except ModelUnavailable as error:
            pytest.skip(str(error))
    return folder
