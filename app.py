"""Wires the service together; the gunicorn target is `app:create_app()`."""

import logging
from dataclasses import dataclass

from flask_cors import CORS

from adapters.disk_store import DiskImageStore
from adapters.memory_cache import ByteBudgetCache
from adapters.thread_pool import ThreadWorkerPool
from adapters.vector_store import SqliteVectorStore
from api import errors, hooks, metrics, openapi
from api.openapi import Api
from api.request_id import HEADER, RequestIdFilter
from api.routes import labels, probes, segments, uploads
from config.manifest import Manifest
from config.settings import Settings, load_settings
from domain.ports import DualEncoder, Segmenter
from models.exports import Exports
from models.provider import LazyModel
from models.registry import Compute, Registry
from models.store import WeightStore
from services.admission import Admission
from services.decoding import ImageLimits
from services.images import ImageService
from services.mask_finder import MaskFinder
from services.segment import SegmentService
from services.text_vectors import TextVectors
from services.vocabularies import Vocabularies

VERSION = "0.1.0"
FORM_OVERHEAD = 64 * 1024
"""Bytes a multipart form may need around its file."""

LOG_FORMAT = "%(asctime)s %(levelname)s [%(request_id)s] %(message)s"


@dataclass(frozen=True)
class Services:
    """Everything behind the routes and the command line."""

    images: ImageService
    finder: MaskFinder
    texts: TextVectors
    segment: SegmentService
    vocabularies: Vocabularies
    segmenter: LazyModel[Segmenter]
    labeller: LazyModel[DualEncoder]


def build_services(settings: Settings) -> Services:
    """The services over the adapters that the settings ask for; no model is loaded yet.

    Raises:
        ValueError: The profile or the default vocabulary does not exist.
    """
    profile = Manifest(settings.manifest).profile(settings.profile)
    registry = Registry(
        WeightStore(settings.weights_dir, settings.checkpoint_dir),
        Exports(settings.checkpoint_dir),
        Compute(settings.model_threads, settings.runtime, settings.device),
    )
    segmenter, labeller = registry.segmenter(profile.segmenter), registry.labeller(profile.labeller)
    images = ImageService(
        DiskImageStore(settings.data_dir / "images"),
        ImageLimits(settings.max_upload_bytes, settings.max_image_pixels),
        settings.image_ttl_s,
    )
    finder = MaskFinder(
        segmenter,
        ThreadWorkerPool(settings.decode_workers),
        ByteBudgetCache(settings.embedding_cache_bytes),
    )
    texts = TextVectors(ByteBudgetCache(settings.text_cache_bytes), _vector_store(settings))
    return Services(
        images,
        finder,
        texts,
        SegmentService(images, finder, labeller, texts, settings.overlay_font),
        Vocabularies(settings.vocabulary_dir, settings.default_vocabulary),
        segmenter,
        labeller,
    )


def _vector_store(settings: Settings) -> SqliteVectorStore | None:
    if not settings.text_store_bytes:
        return None
    return SqliteVectorStore(settings.data_dir / "text-vectors.sqlite", settings.text_store_bytes)


def create_app(settings: Settings | None = None, services: Services | None = None) -> Api:
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
    numbers = metrics.Metrics(admission)
    app = openapi.new_app(VERSION)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_upload_bytes + FORM_OVERHEAD
    for register in (hooks.register, errors.register):
        register(app)
    metrics.register(app, numbers)
    _register_routes(app, services, admission, numbers)
    if settings.cors_origins:
        CORS(app, origins=settings.cors_origins.split(","), expose_headers=[HEADER])
    for model in (services.segmenter, services.labeller):
        model.warm_up()
    return app


def _register_routes(app: Api, services: Services, admission: Admission, numbers: metrics.Metrics) -> None:
    models: dict[str, probes.ReadyModel] = {"segmenter": services.segmenter, "labeller": services.labeller}
    app.register_api(uploads.blueprint(services.images))
    app.register_api(segments.blueprint(services.segment, services.vocabularies, admission, numbers))
    app.register_api(labels.blueprint(services.vocabularies))
    app.register_api(probes.blueprint(models, numbers, VERSION))
    openapi.describe_upload(app)
    app.register_blueprint(openapi.docs(app))


def configure_logging(level: str) -> None:
    """Log to standard error, each line with its request id; once for each process."""
    root = logging.getLogger()
    root.setLevel(level)
    if not any(isinstance(kept, RequestIdFilter) for handler in root.handlers for kept in handler.filters):
        handler = logging.StreamHandler()
        handler.addFilter(RequestIdFilter())
        handler.setFormatter(logging.Formatter(LOG_FORMAT))
        root.addHandler(handler)
