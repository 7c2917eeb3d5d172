"""Wires the service together; the gunicorn target is `app:create_app()`."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from flask_cors import CORS

from adapters.disk_images import DiskImageStore
from adapters.memory_cache import ByteBudgetCache
from adapters.sqlite.index import SqliteVectorIndex
from adapters.sqlite.indexed_files import SqliteIndexedFileStore
from adapters.sqlite.jobs import SqliteJobStore
from adapters.sqlite.text_vectors import SqliteTextVectorStore
from adapters.sqlite.vocabularies import SqliteVocabularyStore
from adapters.threads import ThreadDecoder, ThreadWorkerPool
from api.contract import request_id
from api.contract.analyze import analyze_task
from api.contract.caption import caption_task
from api.contract.index import index_task
from api.contract.moderate import moderate_task
from api.contract.request_id import REQUEST_ID_HEADER, RequestIdFilter
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
from config.manifest import Manifest
from config.settings import Settings, load_settings
from domain.jobs import JobLimits
from domain.ports.models import Captioner, DepthEstimator, DualEncoder, Segmenter, TextReader
from domain.ports.stores import Cache
from models.exports import OnnxExportStore
from models.provider import LazyModel
from models.registry import ComputeOptions, ModelRegistry, is_captioner
from models.store.weights import WeightStore
from services.admission import Admission
from services.analyze.service import AnalyzeService
from services.caption.composed import ComposedCaptioner
from services.caption.generated import GeneratedCaptioner
from services.caption.result import CaptionWriter
from services.classify.service import ZeroShotClassifier
from services.depth import DepthService
from services.images.decode import ImageLimits
from services.images.upload import ImageService
from services.jobs.execution import JobExecution
from services.jobs.runner import JobRunner
from services.jobs.service import JobService
from services.labels.examples import ExampleVectors
from services.labels.service import LabelService
from services.labels.vectors import VocabularyEncoder
from services.masks.find import MaskFinder
from services.moderation.policy import Policies
from services.moderation.service import ModerationService
from services.overlay.service import OverlayService
from services.search.folder import FolderIndex
from services.search.index import IndexService
from services.search.search import SearchService
from services.search.space import EmbeddingSpace
from services.segment import SegmentService
from services.teaching.teach import TeachingService
from services.text.service import TextService
from services.vocabularies.library import Vocabularies

VERSION = "0.1.0"
FORM_OVERHEAD_BYTES = 64 * 1024
"""Bytes a multipart form may need around its file."""

COMPOSED_CAPTIONER = "composed"
"""The captioner that is no model."""

LOG_FORMAT = "%(asctime)s %(levelname)s [%(request_id)s] %(message)s"


@dataclass(frozen=True)
class Models:
    """What answers; loaded when it is first needed, or by `warm_up`."""

    segmenter: LazyModel[Segmenter]
    labeller: LazyModel[DualEncoder]
    text: LazyModel[TextReader]
    depth: LazyModel[DepthEstimator]
    captioner: LazyModel[Captioner] | None = None
    """None where captions are composed from what the others find."""

    def by_job(self) -> dict[str, LazyModel[Any]]:
        """The same by the names that answers use."""
        models = {field.name: getattr(self, field.name) for field in fields(self)}
        return {job: model for job, model in models.items() if model is not None}


@dataclass(frozen=True)
class Services:
    """Everything behind the routes and the command line."""

    models: Models
    images: ImageService
    vocabularies: Vocabularies
    texts: VocabularyEncoder
    finder: MaskFinder
    segment: SegmentService
    text: TextService
    depth: DepthService
    scene: AnalyzeService
    classifier: ZeroShotClassifier
    index: IndexService
    search: SearchService
    folders: FolderIndex
    policies: Policies
    moderation: ModerationService
    captions: CaptionWriter
    teaching: TeachingService
    caches: Mapping[str, ByteBudgetCache]


def build_services(settings: Settings) -> Services:
    """The services over the adapters that the settings ask for; no model is loaded yet.

    Raises:
        ValueError: The profile, the text language, the captioner or the default vocabulary does not exist.
    """
    manifest = Manifest(settings.manifest, settings.text_language)
    profile = manifest.profile(settings.profile)
    registry = ModelRegistry(
        WeightStore(settings.weights_dir, settings.checkpoint_dir),
        OnnxExportStore(settings.checkpoint_dir),
        ComputeOptions(settings.model_threads, settings.runtime, settings.device),
    )
    models = Models(
        registry.segmenter(profile.segmenter),
        registry.labeller(profile.labeller),
        registry.text_reader(profile.text),
        registry.depth_estimator(profile.depth),
        _captioner_model(settings.captioner, manifest, registry),
    )
    return join_services(settings, models)


def _captioner_model(name: str, manifest: Manifest, registry: ModelRegistry) -> LazyModel[Captioner] | None:
    """The model of that name; None where captions shall be composed."""
    writers = [spec.name for spec in manifest.models.values() if is_captioner(spec)]
    if name == COMPOSED_CAPTIONER:
        return None
    if name not in writers:
        raise ValueError(
            f"captioner: expected one of {', '.join([COMPOSED_CAPTIONER, *writers])}, got {name!r}"
        )
    return registry.captioner(manifest.models[name])


def join_services(settings: Settings, models: Models) -> Services:
    """The services over these models.

    Raises:
        ValueError: The default vocabulary does not exist.
    """
    caches = _build_caches(settings)
    results, pool = caches["results"], ThreadWorkerPool(settings.decode_workers)
    images = ImageService(
        DiskImageStore(settings.data_dir / "images"),
        ImageLimits(settings.max_upload_bytes, settings.max_image_pixels),
        settings.image_ttl_s,
    )
    taught = SqliteVocabularyStore(settings.data_dir / "vocabularies.sqlite", settings.taught_bytes)
    vocabularies = Vocabularies(settings.vocabulary_dir, settings.default_vocabulary, taught)
    examples = ExampleVectors(taught)
    texts = VocabularyEncoder(caches["vocabularies"], _vector_store(settings), examples, caches["heads"])
    labelling = LabelService(models.labeller, texts, results, pool)
    decoder = ThreadDecoder(models.segmenter, pool)
    finder = MaskFinder(models.segmenter, decoder, pool, caches["embeddings"], results)
    segment = SegmentService(finder, labelling, OverlayService(caches["overlays"], settings.overlay_font))
    text = TextService(models.text, pool, results)
    depth = DepthService(models.depth, caches["depth"])
    scenes = AnalyzeService(segment, labelling, depth, text, pool)
    space = EmbeddingSpace(labelling)
    vectors = SqliteVectorIndex(settings.data_dir / "index.sqlite")
    index = IndexService(images, finder, labelling, space, vectors)
    files = SqliteIndexedFileStore(settings.data_dir / "indexed-files.sqlite")
    return Services(
        models,
        images,
        vocabularies,
        texts,
        finder,
        segment,
        text,
        depth,
        scenes,
        ZeroShotClassifier(labelling, vocabularies, settings.overlay_font),
        index,
        SearchService(images, finder, space, vectors),
        FolderIndex(images, index, vectors, files),
        Policies(settings.policy_dir, settings.default_policy),
        ModerationService(finder, labelling),
        _caption_writer(models, scenes, labelling, caches["vocabularies"], vocabularies),
        TeachingService(images, finder, models.labeller, texts, vocabularies, taught, examples),
        caches,
    )


def _caption_writer(
    models: Models, scenes: AnalyzeService, labelling: LabelService, sentences: Cache, names: Vocabularies
) -> CaptionWriter:
    if models.captioner is not None:
        return GeneratedCaptioner(models.captioner)
    return ComposedCaptioner(scenes, labelling, models.labeller, sentences, names.default)


def _build_caches(settings: Settings) -> dict[str, ByteBudgetCache]:
    """What stages keep for each other, each within a budget of its own."""
    budgets = {
        "embeddings": settings.embedding_cache_bytes,
        "results": settings.result_cache_bytes,
        "overlays": settings.overlay_cache_bytes,
        "depth": settings.depth_cache_bytes,
        "vocabularies": settings.text_cache_bytes,
        "heads": settings.head_cache_bytes,
    }
    return {name: ByteBudgetCache(budget) for name, budget in budgets.items()}


def _vector_store(settings: Settings) -> SqliteTextVectorStore | None:
    if not settings.text_store_bytes:
        return None
    return SqliteTextVectorStore(settings.data_dir / "text-vectors.sqlite", settings.text_store_bytes)


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


def configure_logging(level: str) -> None:
    """Log to standard error, each line with its request id; once for each process."""
    root = logging.getLogger()
    root.setLevel(level)
    if not any(isinstance(kept, RequestIdFilter) for handler in root.handlers for kept in handler.filters):
        handler = logging.StreamHandler()
        handler.addFilter(RequestIdFilter())
        handler.setFormatter(logging.Formatter(LOG_FORMAT))
        root.addHandler(handler)
