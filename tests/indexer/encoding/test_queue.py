import threading

import numpy as np
import pytest

from indexer.encoding import EncoderBusy, EncoderClosed, EncoderQueue, EncoderTimeout, HashEncoder


class GatedEncoder:
    """Waits before each piece of work until the test opens the gate, and keeps the order of the work."""

    def __init__(self):
        self.inner = HashEncoder()
        self.model_hash, self.dimensions = self.inner.model_hash, self.inner.dimensions
        self.gate = threading.Semaphore(0)
        self.started = threading.Semaphore(0)
        self.done = []

    def encode_query(self, text):
        self.started.release()
        self.gate.acquire()
        self.done.append(text)
        return self.inner.encode_query(text)

    def encode_passages(self, texts):
        self.started.release()
        self.gate.acquire()
        self.done.append(f"{len(texts)} passages")
        return self.inner.encode_passages(texts)

    def close(self):
        self.inner.close()


@pytest.fixture
def gated():
    encoder = GatedEncoder()
    queue = EncoderQueue(encoder, capacity=2)
    yield encoder, queue
    encoder.gate.release(100)
    queue.close()


def ask(queue, text, timeout=30.0):
    thread = threading.Thread(target=lambda: queue.encode_query(text, timeout))
    thread.start()
    return thread


def test_sixteen_threads_get_what_one_would_get():
    queue, alone = EncoderQueue(HashEncoder(), capacity=1000), HashEncoder()
    wrong = []

    def work(number):
        for turn in range(50):
            text = f"第 {number} 个线程的第 {turn} 个问题"
            if not np.array_equal(queue.encode_query(text, 30), alone.encode_query(text)):
                wrong.append(text)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue.close()

    assert wrong == []


def test_passages_come_in_the_order_given():
    queue, texts = EncoderQueue(HashEncoder()), [f"段落 {number}" for number in range(30)]

    vectors = queue.encode_passages(texts)
    queue.close()

    assert np.array_equal(vectors, HashEncoder().encode_passages(texts))


def test_no_passages_give_no_rows():
    queue = EncoderQueue(HashEncoder())

    assert queue.encode_passages([]).shape == (0, queue.dimensions)
    queue.close()


def test_a_question_asked_again_is_remembered(gated):
    encoder, queue = gated
    encoder.gate.release()
    first = queue.encode_query("打印机脱机", 30)

    again = queue.encode_query("打印机脱机", 0)

    assert again is first
    assert encoder.done == ["打印机脱机"]


def test_a_full_queue_refuses_at_once(gated):
    encoder, queue = gated
    threads = [ask(queue, "一")]
    encoder.started.acquire()
    threads += [ask(queue, "二"), ask(queue, "三")]
    while queue.depth < 2:
        threading.Event().wait(0.001)

    with pytest.raises(EncoderBusy):
        queue.encode_query("四", 30)

    encoder.gate.release(10)
    for thread in threads:
        thread.join()


def test_a_slow_encoder_is_not_waited_for(gated):
    _, queue = gated

    with pytest.raises(EncoderTimeout):
        queue.encode_query("慢", 0.01)


def test_a_question_goes_before_waiting_passages(gated):
    encoder, queue = gated
    batch = threading.Thread(target=lambda: queue.encode_passages([f"{n}" for n in range(24)]))
    batch.start()
    encoder.started.acquire()
    question = ask(queue, "急")
    while queue.depth < 1:
        threading.Event().wait(0.001)
    encoder.gate.release(10)
    question.join()
    batch.join()

    assert encoder.done == ["8 passages", "急", "8 passages", "8 passages"]


def test_an_error_of_the_encoder_reaches_the_asker():
    class Broken(HashEncoder):
        def encode_query(self, text):
            raise RuntimeError("no memory")

    queue = EncoderQueue(Broken())

    with pytest.raises(RuntimeError, match="no memory"):
        queue.encode_query("一", 30)
    queue.close()


def test_a_closed_queue_says_so():
    queue = EncoderQueue(HashEncoder())
    queue.close()

    with pytest.raises(EncoderClosed):
        queue.encode_query("一", 30)
