"""GET /health, /ready and /metrics: what orchestrators and monitoring ask."""

from collections.abc import Mapping
from typing import Protocol

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from prometheus_client import CONTENT_TYPE_LATEST

from api.contract.common import ErrorAnswer, ModelEntry
from api.contract.health import StatusAnswer
from api.http.errors import error_response
from api.http.metrics import Metrics
from api.http.replies import json_response
from domain.models import ModelInfo


class ModelStatus(Protocol):
    """A model whose state can be asked without waiting."""

    @property
    def state(self) -> str:
        """`ready`, `loading`, or why it failed."""

    @property
    def info(self) -> ModelInfo:
        """Name and hash, known before it is loaded."""


def blueprint(models: Mapping[str, ModelStatus], metrics: Metrics, version: str) -> APIBlueprint:
    """The routes over the models by job."""
    routes = APIBlueprint("probes", __name__, abp_tags=[Tag(name="operation")])

    @routes.get("/health", summary="Whether the process is alive", responses={200: StatusAnswer})
    def health() -> Response:
        return json_response(StatusAnswer(status="alive", version=version))

    @routes.get(
        "/ready",
        summary="Whether all models are loaded",
        responses={200: StatusAnswer, 503: ErrorAnswer},
    )
    def ready() -> Response:
        missing = {job: model.state for job, model in models.items() if model.state != "ready"}
        if missing:
            return _not_ready_response(missing)
        entries = {job: ModelEntry.of(model.info) for job, model in models.items()}
        return json_response(StatusAnswer(status="ready", version=version, models=entries))

    @routes.get(
        "/metrics",
        summary="Numbers for Prometheus",
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    def prometheus() -> Response:
        return Response(metrics.page(), content_type=CONTENT_TYPE_LATEST)

    return routes


def _not_ready_response(missing: Mapping[str, str]) -> Response:
    reasons = "; ".join(f"{job}: {state}" for job, state in missing.items())
    response = error_response("not_ready", f"expected all models to be loaded; {reasons}", dict(missing), 503)
    response.headers["Retry-After"] = "1" if "loading" in missing.values() else "30"
    return response
