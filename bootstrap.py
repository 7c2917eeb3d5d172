"""Wires the services over the adapters and models that the settings ask for; knows no Flask."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from adapters.disk_images import DiskImageStore
from adapters.memory_cache import ByteBudgetCache
from adapters.sqlite.index import SqliteVectorIndex
from adapters.sqlite.indexed_files import SqliteIndexedFileStore
from adapters.sqlite.text_vectors import SqliteTextVectorStore
from adapters.sqlite.vocabularies import SqliteVocabularyStore
from adapters.threads import ThreadWorkerPool
from api.contract.request_id import RequestIdFilter
from config.manifest import Manifest
from config.settings import Settings
from domain.ports.models import Captioner, DepthEstimator, DualEncoder, Segmenter, TextReader
from domain.ports.stores import Cache
from models.exports import OnnxExportStore
from models.provider import LazyModel
from models.registry import CAPTIONERS, ComputeOptions, ModelRegistry
from models.store.weights import WeightStore
from services.analyze.service import AnalyzeService
from services.caption.composed import ComposedCaptioner
from services.caption.generated import GeneratedCaptioner
from services.caption.result import CaptionWriter
from services.classify.service import ZeroShotClassifier
from services.depth import DepthService
from services.images.decode import ImageLimits
from services.images.upload import ImageService
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
    writers = [spec.name for spec in manifest.models.values() if spec.adapter in CAPTIONERS]
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
    finder = MaskFinder(models.segmenter, pool, caches["embeddings"], results)
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


def configure_logging(level: str) -> None:
    """Log to standard error, each line with its request id; once for each process."""
    root = logging.getLogger()
    root.setLevel(level)
    if not any(isinstance(kept, RequestIdFilter) for handler in root.handlers for kept in handler.filters):
        handler = logging.StreamHandler()
        handler.addFilter(RequestIdFilter())
        handler.setFormatter(logging.Formatter(LOG_FORMAT))
        root.addHandler(handler)
