"""Figures for Prometheus, one registry an application."""

from __future__ import annotations

import time
from collections.abc import Iterable

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kbserver.services.ports import SearchIndex

EXTENSION = "kbserver.metrics"
SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class IndexFigures(Collector):
    """The index's figures, read when they are asked for."""

    def __init__(self, index: SearchIndex) -> None:
        self._index = index

    def collect(self) -> Iterable[Metric]:
        """One gauge for each figure."""
        status = self._index.status()
        for name, meaning, value in (
            ("ready", "Whether the index answers", float(status.ready)),
            ("degraded", "Number of things that do not work", len(status.degraded)),
            ("generation", "Generation that answers", status.generation),
            ("sequence", "Last outbox number in the index", status.sequence),
            ("articles", "Articles in the index", status.articles),
            ("passages", "Passages in the index", status.passages),
            ("passages_pending", "Passages without a vector yet", status.pending),
        ):
            yield GaugeMetricFamily(f"kb_index_{name}", meaning, value=value)


class Metrics:
    """Counts requests and their time by route, never by address."""

    def __init__(self, index: SearchIndex) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(IndexFigures(index))
        self._requests = Counter("kb_http_requests", "Requests answered", ("route", "status"), registry=self.registry)
        self._seconds = Histogram(
            "kb_http_request_seconds",
            "Time to answer",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )

    def register(self, app: Flask) -> None:
        """Measure every request of the application."""
        app.extensions[EXTENSION] = self
        app.before_request(self._start)
        app.after_request(self._stop)

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)

    def _start(self) -> None:
        g.started = time.perf_counter()

    def _stop(self, response: Response) -> Response:
        route = request.endpoint or "none"
        self._requests.labels(route, response.status_code).inc()
        if "started" in g:
            self._seconds.labels(route).observe(time.perf_counter() - g.started)
        return response
