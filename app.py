"""The Flask app: blueprints and hooks. The gunicorn target is `app:create_app()`."""

from flask_cors import CORS

from api.contract.request_id import REQUEST_ID_HEADER
from api.http import context, errors, hooks, metrics, strictness
from api.http.context import Context
from api.http.event_stream import EventStreams
from api.http.metrics import Metrics
from api.http.openapi import OpenApiApp, new_app
from api.routes import (
    analyze,
    caption,
    classify,
    depth,
    extract_text,
    health,
    index,
    jobs,
    labels,
    moderate,
    page,
    rank,
    search,
    segment,
    similar,
    upload,
    vocabularies,
)
from bootstrap import Services, build_jobs, build_services, build_tasks, configure_logging
from config.settings import Settings, load_settings
from services.admission import Admission

VERSION = "0.1.0"

ROUTES = (
    upload,
    segment,
    analyze,
    classify,
    caption,
    moderate,
    depth,
    extract_text,
    index,
    search,
    similar,
    rank,
    labels,
    vocabularies,
    jobs,
    health,
)
"""Modules of the API, in the order of the documents."""


def create_app(settings: Settings | None = None, services: Services | None = None) -> OpenApiApp:
    """Return the Flask app; its models load in the background.

    Args:
        settings: Settings; None reads the environment.
        services: What the routes call; None builds what the settings ask for.

    Raises:
        ValueError: A setting cannot be used.
    """
    settings = settings or load_settings()
    configure_logging(settings.log_level)
    services = services or build_services(settings)
    app = new_app(VERSION)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    shared = _context(settings, services)
    context.register(app, shared)
    hooks.register(app)
    errors.register(app)
    metrics.register(app, shared.metrics)
    for module in ROUTES:
        app.register_api(module.routes)
    strictness.register(app)
    app.register_blueprint(page.api_docs)
    app.register_blueprint(page.pages)
    app.extensions["jobs"] = shared.jobs  # gunicorn.conf.py starts and stops them
    if settings.cors_origins:
        CORS(app, origins=settings.cors_origins.split(","), expose_headers=[REQUEST_ID_HEADER])
    for model in services.models.by_job().values():
        model.warm_up()
    return app


def _context(settings: Settings, services: Services) -> Context:
    admission = Admission(settings.max_running, settings.max_waiting)
    counts = Metrics(admission, services.caches)
    tasks = build_tasks(services, counts)
    return Context(
        version=VERSION,
        models=services.models.by_job(),
        admission=admission,
        metrics=counts,
        event_streams=EventStreams(settings.max_event_streams),
        images=services.images,
        vocabularies=services.vocabularies,
        segment=tasks.segment,
        analyze=tasks.analyze,
        moderate=tasks.moderate,
        index=tasks.index,
        caption=tasks.caption,
        classifier=services.classifier,
        depth=services.depth,
        text=services.text,
        search=services.search,
        search_index=services.index,
        teaching=services.teaching,
        jobs=build_jobs(settings, tasks, admission),
    )
