"""The services and limits that route handlers use; app.py fills it, handlers ask `context()` for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, current_app

from api.contract.analyze import AnalyzeTask
from api.contract.caption import CaptionTask
from api.contract.index import IndexTask
from api.contract.moderate import ModerateTask
from api.contract.segment import SegmentTask
from api.http.event_stream import EventStreams
from api.http.metrics import Metrics
from domain.ports.models import ModelStatus
from domain.ports.stores import ImageFetcher
from services.admission import Admission
from services.classify.service import ZeroShotClassifier
from services.depth import DepthService
from services.images.removal import UploadRemoval
from services.images.upload import ImageService
from services.jobs.service import JobService
from services.search.index import IndexService
from services.search.search import SearchService
from services.teaching.teach import TeachingService
from services.text.service import TextService
from services.vocabularies.library import Vocabularies

EXTENSION = "seglabel"
"""Key of the context in `app.extensions`."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """Services, tasks and limits of one app.

    Attributes:
        version: Version of the service.
        models: State of each model by its job, such as `segmenter`.
        admission: Bounds how many requests compute at once.
        metrics: Counts requests and tasks.
        event_streams: Bounds how many event streams are open at once.
    """

    version: str
    models: Mapping[str, ModelStatus]
    admission: Admission
    metrics: Metrics
    event_streams: EventStreams
    images: ImageService
    fetcher: ImageFetcher
    uploads: UploadRemoval
    vocabularies: Vocabularies
    segment: SegmentTask
    analyze: AnalyzeTask
    moderate: ModerateTask
    index: IndexTask
    caption: CaptionTask
    classifier: ZeroShotClassifier
    depth: DepthService
    text: TextService
    search: SearchService
    search_index: IndexService
    teaching: TeachingService
    jobs: JobService


def register(app: Flask, context: Context) -> None:
    """Give the handlers of `app` their context."""
    app.extensions[EXTENSION] = context


def context() -> Context:
    """Return the context of the app that handles the current request."""
    found: Context = current_app.extensions[EXTENSION]
    return found
