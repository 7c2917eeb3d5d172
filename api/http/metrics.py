"""Metrics for Prometheus: counts and times of requests, stages and caches."""

import os
import threading
from collections.abc import Mapping
from typing import Protocol

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from api.http.hooks import elapsed_s
from services.admission import Admission

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
MULTIPROCESS_DIR = "PROMETHEUS_MULTIPROC_DIR"


class CacheStats(Protocol):
    """The counts of a cache."""

    @property
    def hits(self) -> int:
        """Number of calls that found a value."""

    @property
    def misses(self) -> int:
        """Number of calls that computed a value."""

    @property
    def nbytes(self) -> int:
        """Bytes of the values in the cache."""


class Metrics:
    """The metrics of one app.

    Args:
        admission: Admission whose queue is shown.
        caches: Caches that are shown, by name.
    """

    def __init__(self, admission: Admission, caches: Mapping[str, CacheStats]) -> None:
        self.registry = CollectorRegistry()
        self._admission = admission
        self._caches = caches
        self._requests = Counter(
            "seglabel_requests", "Answered requests.", ["method", "path", "status"], registry=self.registry
        )
        self._latency = Histogram(
            "seglabel_request_seconds", "Time to answer.", ["path"], buckets=BUCKETS_S, registry=self.registry
        )
        self._stages = Histogram(
            "seglabel_stage_seconds", "Time by stage.", ["stage"], buckets=BUCKETS_S, registry=self.registry
        )
        self._masks = Counter("seglabel_masks", "Regions answered.", registry=self.registry)
        self._lines = Counter("seglabel_text_lines", "Lines of text answered.", registry=self.registry)
        self._inside = self._gauge("seglabel_segmentations_inside", "Segmentations computed or waiting.")
        self._hits = self._counter("seglabel_cache_hits", "Results used again.")
        self._misses = self._counter("seglabel_cache_misses", "Results computed.")
        self._counted: dict[tuple[Counter, str], int] = {}
        self._lock = threading.Lock()
        self._held = self._gauge("seglabel_cache_bytes", "Memory of results that are kept.", "cache")

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry, multiprocess_mode="livesum")

    def _counter(self, name: str, text: str) -> Counter:
        return Counter(name, text, ["cache"], registry=self.registry)

    def observe_task(self, timings_ms: Mapping[str, float], masks: int = 0, lines: int = 0) -> None:
        """Count one answer: its stages in milliseconds, its regions and its lines of text."""
        for stage, elapsed in timings_ms.items():
            self._stages.labels(stage).observe(elapsed / 1e3)
        self._masks.inc(masks)
        self._lines.inc(lines)

    def observe_request(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one request.

        `path` is the pattern of the route and unusual methods count as one, which bounds the series.
        """
        method = method if method in KNOWN_METHODS else "other"
        self._requests.labels(method, path, str(status)).inc()
        self._latency.labels(path).observe(seconds)
        self._sample()

    def _sample(self) -> None:
        """Read the gauges and the counts of caches; other processes read only values that were set here."""
        self._inside.set(self._admission.in_flight)
        for name, cache in self._caches.items():
            self._count(self._hits, name, cache.hits)
            self._count(self._misses, name, cache.misses)
            self._held.labels(name).set(cache.nbytes)

    def _count(self, counter: Counter, name: str, now: int) -> None:
        """Raise a counter to the count of a cache."""
        with self._lock:
            before = self._counted.get((counter, name), 0)
            counter.labels(name).inc(max(0, now - before))
            self._counted[counter, name] = max(before, now)

    def page(self) -> bytes:
        """Return the metrics in Prometheus' text format, of all processes where gunicorn runs several."""
        self._sample()
        if MULTIPROCESS_DIR in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            return generate_latest(registry)
        return generate_latest(self.registry)


def register(app: Flask, metrics: Metrics) -> None:
    """Time every request of `app`."""

    def finish(response: Response) -> Response:
        path = request.url_rule.rule if request.url_rule else "unmatched"
        metrics.observe_request(request.method, path, response.status_code, elapsed_s())
        return response

    app.after_request(finish)
