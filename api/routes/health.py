"""GET /health, /ready and /metrics: probes for orchestrators and monitoring."""

from collections.abc import Mapping

from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.contract.common import ErrorAnswer, ModelEntry
from api.contract.health import StatusAnswer
from api.http.context import context
from api.http.errors import error_response
from api.http.openapi import new_blueprint
from api.http.replies import json_response

routes = new_blueprint("health", "operation", "Probes and metrics.")


@routes.get("/health", summary="Check that the process is alive", responses={200: StatusAnswer})
def health() -> Response:
    """Answer as long as the process runs."""
    return json_response(StatusAnswer(status="alive", version=context().version))


@routes.get(
    "/ready",
    summary="Check that all models are loaded",
    responses={200: StatusAnswer, 503: ErrorAnswer},
)
def ready() -> Response:
    """Answer 200 once all models are loaded, else 503 with the state of the models that are not."""
    models = context().models
    missing = {job: model.state for job, model in models.items() if model.state != "ready"}
    if missing:
        return _not_ready_response(missing)
    entries = {job: ModelEntry.of(model.info) for job, model in models.items()}
    return json_response(StatusAnswer(status="ready", version=context().version, models=entries))


@routes.get(
    "/metrics",
    summary="Get metrics in Prometheus' text format",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics() -> Response:
    """Answer with the metrics of all processes."""
    return Response(context().metrics.page(), content_type=CONTENT_TYPE_LATEST)


def _not_ready_response(missing: Mapping[str, str]) -> Response:
    reasons = "; ".join(f"{job}: {state}" for job, state in missing.items())
    response = error_response(
        "not_ready", f"expected all models to be loaded, got {reasons}", dict(missing), 503
    )
    response.headers["Retry-After"] = "1" if "loading" in missing.values() else "30"
    return response
