"""Errands: each when it is due, by the process that holds the lease, and none holds up another."""

from __future__ import annotations

import threading

import pytest

from kbserver.worker.errands import Errand, ErrandRunner


def runner_of(done: list[str], *, is_held: bool = True, fails: str = "") -> ErrandRunner:
    def errand(name: str, every_seconds: float) -> Errand:
        def run() -> None:
            done.append(name)
            if name == fails:
                raise ZeroDivisionError

        return Errand(name, every_seconds, run)

    return ErrandRunner([errand("often", 1), errand("seldom", 60)], lambda: is_held, threading.Event())


def test_everything_is_done_at_first_and_then_when_it_is_due() -> None:
    done: list[str] = []
    runner = runner_of(done)

    for now in (0.0, 0.5, 1.0, 2.0, 60.0):
        runner.run_due(now)

    assert done == ["often", "seldom", "often", "often", "often", "seldom"]


def test_without_the_lease_nothing_is_done() -> None:
    done: list[str] = []

    runner_of(done, is_held=False).run_due(0.0)

    assert done == []


@pytest.mark.parametrize("fails", ["often", "seldom"])
def test_one_that_fails_holds_up_no_other(fails: str) -> None:
    done: list[str] = []
    runner = runner_of(done, fails=fails)

    runner.run_due(0.0)
    runner.run_due(60.0)

    assert done == ["often", "seldom"] * 2
