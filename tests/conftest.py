"""What tests share: an app over fakes, and photographs that are free to use."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

import app as wiring
from adapters.disk_store import DiskImageStore
from adapters.memory_cache import ByteBudgetCache
from adapters.thread_pool import ThreadWorkerPool
from api.openapi import Api
from config.settings import Settings
from domain.ports import DualEncoder, Segmenter
from domain.types import Rgb
from models.provider import LazyModel
from services.decoding import ImageLimits
from services.images import ImageService
from services.mask_finder import MaskFinder
from services.segment import SegmentService
from services.text_vectors import TextVectors
from services.vocabularies import Vocabularies
from tests.fakes import ColorEncoder, DiscSegmenter

Build = Callable[..., Api]


def png_bytes(rgb: Rgb) -> bytes:
    """The image as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def red_green() -> Rgb:
    """96 x 160: the left half red, the right half green."""
    rgb = np.zeros((96, 160, 3), np.uint8)
    rgb[:, :80, 0] = 255
    rgb[:, 80:, 1] = 255
    return rgb


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that write nowhere else."""
    return Settings(data_dir=tmp_path / "data", max_upload_bytes=2_000_000, max_image_pixels=4_000_000)


@pytest.fixture
def build(settings: Settings) -> Build:
    """Makes an app over fakes; a model that is an exception fails to load with it."""

    def make(
        segmenter: Segmenter | Exception | None = None, labeller: DualEncoder | Exception | None = None
    ) -> Api:
        return wiring.create_app(settings, fake_services(settings, segmenter, labeller))

    return make


def fake_services(
    settings: Settings, segmenter: Segmenter | Exception | None, labeller: DualEncoder | Exception | None
) -> wiring.Services:
    """The services over fakes and a real store."""
    lazy_segmenter: LazyModel[Segmenter] = _lazy(DiscSegmenter(), segmenter)
    lazy_labeller: LazyModel[DualEncoder] = _lazy(ColorEncoder(), labeller)
    images = ImageService(
        DiskImageStore(settings.data_dir / "images"),
        ImageLimits(settings.max_upload_bytes, settings.max_image_pixels),
        settings.image_ttl_s,
    )
    finder = MaskFinder(lazy_segmenter, ThreadWorkerPool(4), ByteBudgetCache(1_000_000))
    texts = TextVectors(ByteBudgetCache(1_000_000))
    service = SegmentService(images, finder, lazy_labeller, texts)
    vocabularies = Vocabularies(settings.vocabulary_dir, settings.default_vocabulary)
    return wiring.Services(images, finder, texts, service, vocabularies, lazy_segmenter, lazy_labeller)


def _lazy(default, model):  # type: ignore[no-untyped-def]
    def load():  # type: ignore[no-untyped-def]
        if isinstance(model, Exception):
            raise model
        return model or default

    return LazyModel(default.info, load)


@pytest.fixture
def client(build: Build) -> FlaskClient:
    """A client of an app over fakes."""
    return build().test_client()


@pytest.fixture
def file_id(client: FlaskClient, red_green: Rgb) -> str:
    """An uploaded photograph, half red and half green."""
    answer = client.post("/upload", data={"image": (io.BytesIO(png_bytes(red_green)), "a.png")})
    assert answer.status_code == 201, answer.text
    return str(answer.json["file_id"])
