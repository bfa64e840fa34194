"""An encoder that is loaded beside the first requests, which are answered from keywords meanwhile."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.encoding import Encoder, ModelUnavailable, Vectors

if TYPE_CHECKING:
    from indexer.encoding.queue import EncoderQueue, Reading

NO_MODEL = "none"
"""Name that stands for searching by words only."""

log = logging.getLogger(__name__)


def prepared_encoder(data_dir: Path, model: str) -> Callable[[], Encoder]:
    """What loads the prepared model of that name from the data folder."""

    def load() -> Encoder:
        if model == NO_MODEL:
            raise ModelUnavailable("No model is wanted, so search is by words only.")
        from indexer.encoding.catalog import load_encoder

        return load_encoder(data_dir, model)

    return load


class LateEncoder:
    """Loads the model on a thread of its own; until then every question for a vector is refused.

    Until then it also passes for the model that made the index, so that the
    index's vectors are opened once, and not again when the model is there.
    """

    def __init__(self, load: Callable[[], Encoder], expected_hash: str = "") -> None:
        self._load = load
        self._expected_hash = expected_hash
        self._lock = threading.Lock()
        self._is_serving = False
        self._encoder: Encoder | None = None
        self._queue: EncoderQueue | None = None
        self.problem = "The model is being loaded."

    def load(self) -> bool:
        """Load the model now; gives whether there is one. The reason for none stands in `problem`."""
        from indexer.encoding.queue import EncoderQueue

        with self._lock:
            if self._queue is not None:
                return True
            try:
                self._encoder = self._load()
            except ModelUnavailable as error:
                self.problem = str(error)
                log.warning("searching without meaning: %s", error)
                return False
            self._queue = EncoderQueue(self._encoder)
            self.problem = ""
            return True

    def load_in_background(self, loaded: Callable[[], object]) -> None:
        """Load the model on another thread, and call `loaded` there when it is ready."""

        self._is_serving = True

        def work() -> None:
            try:
                if self.load():
                    loaded()
            except Exception:
                self.problem = "The model cannot be loaded."
                log.exception("the model cannot be loaded")

        threading.Thread(target=work, name="kb-model", daemon=True).start()

    @property
    def encoder(self) -> Encoder | None:
        """What encodes passages, None until it is loaded.

        While a site is served that is the queue, where questions go first;
        a command that asks nothing takes the encoder itself and is faster.
        """
        return self._queue if self._is_serving else self._encoder

    @property
    def model_hash(self) -> str:
        """Names the vector space, before the model is loaded that of the index."""
        return self._queue.model_hash if self._queue else self._expected_hash

    def encode_query(self, text: str) -> Vectors:
        """The vector of a question, through the queue."""
        return self._loaded().encode_query(text)

    def begin_query(self, text: str) -> Reading:
        """Have a question read by the queue, and do something else meanwhile."""
        return self._loaded().begin_query(text)

    def close(self) -> None:
        """Give back the model's memory and threads."""
        with self._lock:
            if self._queue is not None:
                self._queue.close()
            self._queue = self._encoder = None
            self.problem = "The model was unloaded."

    def _loaded(self) -> EncoderQueue:
        if self._queue is None:
            raise ModelUnavailable(self.problem)
        return self._queue
