"""Wires the services with the adapters and models that the settings choose, without Flask."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from adapters.disk_images import DiskImageStore
from adapters.fetch.fetcher import HttpImageFetcher
from adapters.fetch.policy import FetchPolicy
from adapters.memory_cache import ByteBudgetCache
from adapters.sqlite.index import SqliteVectorIndex
from adapters.sqlite.indexed_files import SqliteIndexedFileStore
from adapters.sqlite.jobs import SqliteJobStore
from adapters.sqlite.text_vectors import SqliteTextVectorStore
from adapters.sqlite.vocabularies import SqliteVocabularyStore
from adapters.threads import ThreadDecoder, ThreadWorkerPool
from api.contract.analyze import AnalyzeTask
from api.contract.caption import CaptionTask
from api.contract.index import IndexTask
from api.contract.moderate import ModerateTask
from api.contract.request_id import RequestIdFilter, begin_request
from api.contract.segment import SegmentTask
from api.contract.tasks import NoMetrics, TaskMetrics, task_executors
from config.manifest import Manifest
from config.settings import Settings
from domain.jobs import JobLimits
from domain.ports.models import Captioner, DepthEstimator, DualEncoder, Segmenter, TextReader
from domain.ports.stores import (
    ImageFetcher,
    ImageStore,
    IndexedFileStore,
    JobStore,
    TextVectorStore,
    VectorIndex,
    VocabularyStore,
)
from models.exports import OnnxExportStore
from models.provider import LazyModel
from models.registry import ComputeOptions, ModelRegistry, is_captioner
from models.store.weights import WeightStore
from services.admission import Admission
from services.analyze.service import AnalyzeService
from services.caption.composed import ComposedCaptioner
from services.caption.generated import GeneratedCaptioner
from services.caption.result import CaptionWriter
from services.classify.robust import RobustEncoder
from services.classify.service import ZeroShotClassifier
from services.concepts.examples import ExampleFinder
from services.concepts.find import ConceptFinder
from services.concepts.text import TextFinder
from services.depth import DepthService
from services.images.limits import ImageLimits
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

COMPOSED_CAPTIONER = "composed"
"""Value of the setting `captioner` for captions that rules compose, without a model."""

LOG_FORMAT = "%(asctime)s %(levelname)s [%(request_id)s] %(message)s"


@dataclass(frozen=True, kw_only=True)
class Models:
    """The models of a profile. Each is loaded when it is first needed, or by its `warm_up`.

    Attributes:
        captioner: None where captions are composed from the results of the other models.
    """

    segmenter: LazyModel[Segmenter]
    labeller: LazyModel[DualEncoder]
    text: LazyModel[TextReader]
    depth: LazyModel[DepthEstimator]
    captioner: LazyModel[Captioner] | None = None

    def by_job(self) -> dict[str, LazyModel[Any]]:
        """Return the models by the names that answers use for their roles."""
        models = {field.name: getattr(self, field.name) for field in fields(self)}
        return {job: model for job, model in models.items() if model is not None}


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything behind the routes and the command line."""

    models: Models
    caches: Mapping[str, ByteBudgetCache]
    images: ImageService
    fetcher: ImageFetcher
    vocabularies: Vocabularies
    texts: VocabularyEncoder
    finder: MaskFinder
    concepts: ConceptFinder
    segment: SegmentService
    depth: DepthService
    text: TextService
    analyze: AnalyzeService
    classifier: ZeroShotClassifier
    index: IndexService
    search: SearchService
    folders: FolderIndex
    policies: Policies
    moderation: ModerationService
    captions: CaptionWriter
    teaching: TeachingService


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """The tasks that can run as jobs."""

    segment: SegmentTask
    analyze: AnalyzeTask
    moderate: ModerateTask
    index: IndexTask
    caption: CaptionTask


def build_services(settings: Settings) -> Services:
    """Return the services over the adapters and models that the settings ask for; no model is loaded yet.

    Raises:
        ValueError: The profile, the text language, the captioner or the default vocabulary does not exist, or
            the setting `fetch_urls` cannot be read.
    """
    return join_services(settings, build_models(settings))


def build_models(settings: Settings) -> Models:
    """Return the models of the profile, not loaded yet.

    Raises:
        ValueError: The profile, the text language or the captioner does not exist.
    """
    manifest = Manifest(settings.manifest, settings.text_language)
    profile = manifest.profile(settings.profile)
    registry = ModelRegistry(
        WeightStore(settings.weights_dir, settings.checkpoint_dir),
        OnnxExportStore(settings.checkpoint_dir),
        ComputeOptions(settings.model_threads, settings.runtime, settings.device),
    )
    return Models(
        segmenter=registry.segmenter(profile.segmenter),
        labeller=registry.labeller(profile.labeller),
        text=registry.text_reader(profile.text),
        depth=registry.depth_estimator(profile.depth),
        captioner=_captioner_model(settings.captioner, manifest, registry),
    )


def _captioner_model(name: str, manifest: Manifest, registry: ModelRegistry) -> LazyModel[Captioner] | None:
    """Return the captioner of that name; None where captions are composed."""
    captioners = [spec.name for spec in manifest.models.values() if is_captioner(spec)]
    if name == COMPOSED_CAPTIONER:
        return None
    if name not in captioners:
        expected = ", ".join([COMPOSED_CAPTIONER, *captioners])
        raise ValueError(f"captioner: expected one of {expected}, got {name!r}")
    return registry.captioner(manifest.models[name])


def join_services(settings: Settings, models: Models) -> Services:
    """Return the services over these models.

    Raises:
        ValueError: The default vocabulary does not exist, or the setting `fetch_urls` cannot be read.
    """
    caches = _build_caches(settings)
    pool = ThreadWorkerPool(settings.decode_workers)
    images = _image_service(settings)
    taught: VocabularyStore = SqliteVocabularyStore(
        settings.data_dir / "vocabularies.sqlite", settings.taught_bytes
    )
    vocabularies = Vocabularies(settings.vocabulary_dir, settings.default_vocabulary, taught, models.labeller)
    examples = ExampleVectors(taught)
    texts = VocabularyEncoder(
        caches["vocabularies"],
        store=_text_vector_store(settings),
        examples=examples,
        few_shot_heads=caches["heads"],
    )
    labels = LabelService(models.labeller, texts, caches["results"], pool)
    decoder = ThreadDecoder(models.segmenter, pool)
    finder = MaskFinder(models.segmenter, decoder, pool, caches["embeddings"], caches["results"])
    concepts = ConceptFinder(
        TextFinder(finder, labels, models.labeller, texts),
        ExampleFinder(finder, labels, models.labeller, vocabularies.default),
    )
    overlays = OverlayService(caches["overlays"], settings.overlay_font)
    segment = SegmentService(finder, labels, overlays, concepts)
    text = TextService(models.text, pool, caches["results"])
    depth = DepthService(models.depth, caches["depth"])
    analyze = AnalyzeService(segment=segment, labels=labels, depth=depth, text=text, pool=pool)
    space = EmbeddingSpace(models.labeller, labels, texts)
    robust_encoder = RobustEncoder(models.labeller, caches["results"], pool)
    vectors: VectorIndex = SqliteVectorIndex(settings.data_dir / "index.sqlite")
    index = IndexService(images=images, finder=finder, labels=labels, space=space, index=vectors)
    indexed_files: IndexedFileStore = SqliteIndexedFileStore(settings.data_dir / "indexed-files.sqlite")
    captions = (
        ComposedCaptioner(
            analyze=analyze,
            labels=labels,
            labeller=models.labeller,
            sentence_vectors=caches["vocabularies"],
            vocabulary=vocabularies.default,
        )
        if models.captioner is None
        else GeneratedCaptioner(models.captioner, caches["results"])
    )
    return Services(
        models=models,
        caches=caches,
        images=images,
        fetcher=HttpImageFetcher(FetchPolicy.parse(settings.fetch_urls), settings.max_upload_bytes),
        vocabularies=vocabularies,
        texts=texts,
        finder=finder,
        concepts=concepts,
        segment=segment,
        depth=depth,
        text=text,
        analyze=analyze,
        classifier=ZeroShotClassifier(labels, robust_encoder, vocabularies, settings.overlay_font),
        index=index,
        search=SearchService(images, finder, space, vectors),
        folders=FolderIndex(images, index, vectors, indexed_files),
        policies=Policies(settings.policy_dir, settings.default_policy),
        moderation=ModerationService(finder, labels),
        captions=captions,
        teaching=TeachingService(
            images=images,
            finder=finder,
            labeller=models.labeller,
            vocabulary_encoder=texts,
            vocabularies=vocabularies,
            store=taught,
            examples=examples,
        ),
    )


def build_tasks(services: Services, metrics: TaskMetrics | None = None) -> Tasks:
    """Return the tasks over the services.

    Args:
        services: Services that do the work.
        metrics: Counts finished tasks; None counts nothing.
    """
    counts, images, vocabularies = metrics or NoMetrics(), services.images, services.vocabularies
    return Tasks(
        segment=SegmentTask(images, counts, services.segment, vocabularies),
        analyze=AnalyzeTask(images, counts, services.analyze, vocabularies),
        moderate=ModerateTask(images, counts, services.moderation, services.policies),
        index=IndexTask(images, counts, services.index, vocabularies),
        caption=CaptionTask(images, counts, services.captions, vocabularies),
    )


def build_jobs(settings: Settings, tasks: Tasks, admission: Admission) -> JobService:
    """Return the jobs that run these tasks; `start` it to run jobs in this process.

    Args:
        settings: Settings.
        tasks: The tasks.
        admission: Bounds how many of them compute at once, together with waiting requests.
    """
    limits = JobLimits(
        settings.max_queued_jobs, settings.job_ttl_s, settings.job_store_bytes, settings.job_lease_s
    )
    store: JobStore = SqliteJobStore(settings.data_dir / "jobs.sqlite", limits)
    execution = JobExecution(store, task_executors(vars(tasks).values()), admission)
    runner = JobRunner(
        store=store,
        execution=execution,
        workers=settings.job_workers,
        lease_s=settings.job_lease_s,
        begin=begin_request,
    )
    return JobService(store, runner)


def _image_service(settings: Settings) -> ImageService:
    limits = ImageLimits(settings.max_upload_bytes, settings.max_image_pixels)
    store: ImageStore = DiskImageStore(settings.data_dir / "images")
    return ImageService(store, limits, settings.image_ttl_s)


def _build_caches(settings: Settings) -> dict[str, ByteBudgetCache]:
    """Return the caches by name, each with its own budget in bytes."""
    budgets = {
        "embeddings": settings.embedding_cache_bytes,
        "results": settings.result_cache_bytes,
        "overlays": settings.overlay_cache_bytes,
        "depth": settings.depth_cache_bytes,
        "vocabularies": settings.text_cache_bytes,
        "heads": settings.head_cache_bytes,
    }
    return {name: ByteBudgetCache(budget) for name, budget in budgets.items()}


def _text_vector_store(settings: Settings) -> TextVectorStore | None:
    if not settings.text_store_bytes:
        return None
    return SqliteTextVectorStore(settings.data_dir / "text-vectors.sqlite", settings.text_store_bytes)


def configure_logging(level: str) -> None:
    """Log to standard error, each line with its request id; a second call changes the level only."""
    root = logging.getLogger()
    root.setLevel(level)
    if not any(isinstance(kept, RequestIdFilter) for handler in root.handlers for kept in handler.filters):
        handler = logging.StreamHandler()
        handler.addFilter(RequestIdFilter())
        handler.setFormatter(logging.Formatter(LOG_FORMAT))
        root.addHandler(handler)
