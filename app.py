"""Wires the service together; the gunicorn target is `app:create_app()`."""

from collections.abc import Sequence

from flask_cors import CORS

from adapters.sqlite.jobs import SqliteJobStore
from api.contract import request_id
from api.contract.analyze import analyze_task
from api.contract.caption import caption_task
from api.contract.index import index_task
from api.contract.moderate import moderate_task
from api.contract.request_id import REQUEST_ID_HEADER
from api.contract.segment import segment_task
from api.contract.tasks import TaskKind, task_executors
from api.http import errors, hooks, metrics, openapi
from api.http.event_stream import EventStreams
from api.http.openapi import OpenApiApp
from api.routes import (
    batches,
    classify,
    depth,
    extract_text,
    health,
    jobs,
    labels,
    page,
    search,
    upload,
    vocabularies,
    works,
)
from bootstrap import Services, build_services, configure_logging
from config.settings import Settings, load_settings
from domain.jobs import JobLimits
from services.admission import Admission
from services.jobs.execution import JobExecution
from services.jobs.runner import JobRunner
from services.jobs.service import JobService

VERSION = "0.1.0"

FORM_OVERHEAD_BYTES = 64 * 1024
"""Bytes a multipart form may need around its file."""


def create_app(settings: Settings | None = None, services: Services | None = None) -> OpenApiApp:
    """The Flask app; its models load in the background.

    Args:
        settings: None reads the environment.
        services: What the routes call; None builds what the settings ask for.

    Raises:
        ValueError: A setting cannot be used.
    """
    settings = settings or load_settings()
    configure_logging(settings.log_level)
    services = services or build_services(settings)
    admission = Admission(settings.max_running, settings.max_waiting)
    numbers = metrics.Metrics(admission, services.caches)
    app = openapi.new_app(VERSION)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_upload_bytes + FORM_OVERHEAD_BYTES
    for register in (hooks.register, errors.register):
        register(app)
    metrics.register(app, numbers)
    _register_routes(app, services, admission, numbers)
    _register_jobs(app, settings, services, admission, numbers)
    if settings.cors_origins:
        CORS(app, origins=settings.cors_origins.split(","), expose_headers=[REQUEST_ID_HEADER])
    for model in services.models.by_job().values():
        model.warm_up()
    return app


def _register_routes(
    app: OpenApiApp, services: Services, admission: Admission, numbers: metrics.Metrics
) -> None:
    app.register_api(upload.blueprint(services.images))
    app.register_api(extract_text.blueprint(services.images, services.text, admission, numbers))
    app.register_api(depth.blueprint(services.images, services.depth, admission, numbers))
    app.register_api(labels.blueprint(services.vocabularies))
    app.register_api(vocabularies.blueprint(services.teaching, services.vocabularies, admission, numbers))
    app.register_api(
        classify.blueprint(services.images, services.classifier, services.vocabularies, admission, numbers)
    )
    app.register_api(health.blueprint(services.models.by_job(), numbers, VERSION))
    app.register_api(search.blueprint(services.images, services.search, services.index, admission, numbers))
    openapi.describe_upload(app)
    openapi.describe_text(app)
    openapi.describe_depth(app)
    openapi.describe_classify(app)
    openapi.describe_similar(app)
    app.register_blueprint(openapi.docs_blueprint(app))
    app.register_blueprint(page.blueprint())


def _register_jobs(
    app: OpenApiApp, settings: Settings, services: Services, admission: Admission, numbers: metrics.Metrics
) -> None:
    """Work that may be done in the background; gunicorn.conf.py starts and stops what does it."""
    shared = (services.vocabularies, numbers)
    kinds = [
        segment_task(services.images, services.segment, *shared),
        analyze_task(services.images, services.scene, *shared),
        moderate_task(services.images, services.moderation, services.policies, numbers),
        index_task(services.images, services.index, *shared),
        caption_task(services.images, services.captions, *shared),
    ]
    app.extensions["jobs"] = background = _job_service(settings, kinds, admission)
    app.register_api(works.blueprint(kinds, background, admission))
    app.register_api(batches.blueprint(background, kinds))
    app.register_api(jobs.blueprint(background, EventStreams(settings.max_event_streams)))


def _job_service(settings: Settings, kinds: Sequence[TaskKind], admission: Admission) -> JobService:
    limits = JobLimits(
        settings.max_queued_jobs, settings.job_ttl_s, settings.job_store_bytes, settings.job_lease_s
    )
    store = SqliteJobStore(settings.data_dir / "jobs.sqlite", limits)
    execution = JobExecution(store, task_executors(kinds), admission)
    runner = JobRunner(store, execution, settings.job_workers, settings.job_lease_s, request_id.begin_request)
    return JobService(store, runner)
