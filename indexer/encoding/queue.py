"""One encoder for many askers: bounded, with a deadline, and questions before passages."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

import numpy as np

from indexer.encoding.encoder import Encoder, Vectors
from indexer.encoding.errors import EncoderBusy, EncoderClosed, EncoderTimeout

CAPACITY = 64
"""Questions that may wait; behind more than these nobody would get an answer in time."""

DEADLINE_SECONDS = 1.0
"""Waiting longer than this for meaning is worse than an answer from keywords."""

PASSAGE_BATCH = 8
"""Passages encoded before waiting questions get their turn: about a quarter of a second."""

REMEMBERED = 512
"""Recent questions whose vectors are kept; paging and typing ask the same again."""


class Reading:
    """A question on its way through the queue; who asked may do something else until it is read."""

    def __init__(self, text: str, seconds: float) -> None:
        self.text = text
        self.deadline = time.monotonic() + seconds
        self.future: Future[Vectors] = Future()
        self._asked = self._read = time.perf_counter()

    @property
    def milliseconds(self) -> float:
        """How long reading took, waiting included; 0 while it goes on."""
        return (self._read - self._asked) * 1000

    def vector(self) -> Vectors:
        """The vector; `EncoderTimeout` after the deadline, `EncoderClosed` if the queue was closed."""
        try:
            return self.future.result(max(0.0, self.deadline - time.monotonic()))
        except FutureTimeout:
            self.future.cancel()
            raise EncoderTimeout("The vector of the question did not come in time.") from None

    def finish(self, vector: Vectors) -> None:
        """Give the vector to whoever waits."""
        self._read = time.perf_counter()
        self.future.set_result(vector)


class EncoderQueue:
    """The encoder on one worker thread; itself an encoder, so it may stand wherever one is wanted."""

    def __init__(
        self,
        encoder: Encoder,
        *,
        capacity: int = CAPACITY,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._encoder = encoder
        self._capacity = capacity
        self._deadline = deadline_seconds
        self._wakeup = threading.Condition()
        self._questions: deque[Reading] = deque()
        self._passages: deque[tuple[list[str], Future[Vectors]]] = deque()
        self._recent: OrderedDict[str, Vectors] = OrderedDict()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="encoder", daemon=True)
        self._thread.start()

    @property
    def model_hash(self) -> str:
        """Names the vector space."""
        return self._encoder.model_hash

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return self._encoder.dimensions

    @property
    def depth(self) -> int:
        """Questions that wait."""
        return len(self._questions)

    def encode_query(self, text: str, timeout: float | None = None) -> Vectors:
        """The vector of a question within `timeout` seconds; asked again soon, it is remembered.

        Raises `EncoderBusy` at once when too many wait, `EncoderTimeout` after
        the deadline, `EncoderClosed` after `close`.
        """
        return self.begin_query(text, timeout).vector()

    def begin_query(self, text: str, timeout: float | None = None) -> Reading:
        """Have a question read and go on at once; `EncoderBusy` when too many wait, `EncoderClosed` after `close`."""
        reading = Reading(text, self._deadline if timeout is None else timeout)
        with self._wakeup:
            known = self._recent.get(text)
            if known is not None:
                self._recent.move_to_end(text)
                reading.finish(known)
                return reading
            self._check_open()
            if len(self._questions) >= self._capacity:
                raise EncoderBusy("Too many questions wait for their vectors.")
            self._questions.append(reading)
            self._wakeup.notify()
        return reading

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """One row per text, in order; small batches, between which questions go first. Waits as long as it takes."""
        rows = [self._batch(list(texts[at : at + PASSAGE_BATCH])) for at in range(0, len(texts), PASSAGE_BATCH)]
        return np.concatenate(rows) if rows else np.zeros((0, self.dimensions), np.float32)

    def close(self) -> None:
        """Stop the worker; whoever still waits is told."""
        with self._wakeup:
            self._closed = True
            self._wakeup.notify_all()
        self._thread.join()
        self._encoder.close()

    def _batch(self, texts: list[str]) -> Vectors:
        future: Future[Vectors] = Future()
        with self._wakeup:
            self._check_open()
            self._passages.append((texts, future))
            self._wakeup.notify()
        return future.result()

    def _check_open(self) -> None:
        if self._closed:
            raise EncoderClosed("The encoder was shut down.")

    def _work(self) -> None:
        while True:
            with self._wakeup:
                self._wakeup.wait_for(lambda: self._questions or self._passages or self._closed)
                if self._closed:
                    break
                question = self._questions.popleft() if self._questions else None
                passages = None if question else self._passages.popleft()
            if question:
                self._answer(question)
            elif passages:
                self._encode(*passages)
        for waiting in [*(item.future for item in self._questions), *(item[1] for item in self._passages)]:
            if waiting.set_running_or_notify_cancel():
                waiting.set_exception(EncoderClosed("The encoder was shut down."))

    def _answer(self, question: Reading) -> None:
        if time.monotonic() > question.deadline or not question.future.set_running_or_notify_cancel():
            return
        try:
            vector = self._encoder.encode_query(question.text)
        except Exception as error:
            question.future.set_exception(error)
            return
        vector.flags.writeable = False
        with self._wakeup:
            self._recent[question.text] = vector
            while len(self._recent) > REMEMBERED:
                self._recent.popitem(last=False)
        question.finish(vector)

    def _encode(self, texts: list[str], future: Future[Vectors]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(self._encoder.encode_passages(texts))
        except Exception as error:
            future.set_exception(error)
