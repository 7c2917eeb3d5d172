"""Counts and times requests for Prometheus."""

import os

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from api.hooks import elapsed_s
from services.admission import Admission

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
MULTIPROCESS_DIR = "PROMETHEUS_MULTIPROC_DIR"


class Metrics:
    """The numbers of one app.

    Args:
        admission: Whose queue is shown.
    """

    def __init__(self, admission: Admission) -> None:
        self.registry = CollectorRegistry()
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
        queue = Gauge(
            "seglabel_segmentations_inside",
            "Segmentations computed or waiting.",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        queue.set_function(lambda: admission.inside)

    def segmented(self, timings_ms: dict[str, float], masks: int) -> None:
        """Note one segmentation."""
        self._note_stages(timings_ms)
        self._masks.inc(masks)

    def read(self, timings_ms: dict[str, float], lines: int) -> None:
        """Note that the text of one photograph was read."""
        self._note_stages(timings_ms)
        self._lines.inc(lines)

    def estimated(self, timings_ms: dict[str, float]) -> None:
        """Note that the depth of one photograph was estimated."""
        self._note_stages(timings_ms)

    def _note_stages(self, timings_ms: dict[str, float]) -> None:
        for stage, elapsed in timings_ms.items():
            self._stages.labels(stage).observe(elapsed / 1e3)

    def answered(self, method: str, path: str, status: int, seconds: float) -> None:
        """Note one answer; `path` is the route's pattern and odd methods count as one: bounded series."""
        method = method if method in METHODS else "other"
        self._requests.labels(method, path, str(status)).inc()
        self._latency.labels(path).observe(seconds)

    def page(self) -> bytes:
        """Prometheus text format; of all processes where gunicorn runs several."""
        if MULTIPROCESS_DIR in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            return generate_latest(registry)
        return generate_latest(self.registry)


def register(app: Flask, metrics: Metrics) -> None:
    """Time every request of `app`."""

    def finish(response: Response) -> Response:
        path = request.url_rule.rule if request.url_rule else "unmatched"
        metrics.answered(request.method, path, response.status_code, elapsed_s())
        return response

    app.after_request(finish)
