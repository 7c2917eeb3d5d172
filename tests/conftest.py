"""What tests share: an app over fakes, and photographs that are free to use."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

import bootstrap
from api.http.openapi import OpenApiApp
from app import create_app
from config.settings import Settings
from domain.arrays import Rgb
from domain.ports.models import Captioner, DepthEstimator, DualEncoder, Segmenter, TextReader
from models.provider import LazyModel
from tests.fakes import ColorEncoder, DiscSegmenter, ParrotCaptioner, SlopeEstimator, StripeReader

Build = Callable[..., OpenApiApp]


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
    return Settings(
        data_dir=tmp_path / "data", max_upload_bytes=2_000_000, max_image_pixels=4_000_000, decode_workers=4
    )


@pytest.fixture
def build(settings: Settings) -> Iterator[Build]:
    """Makes an app over fakes; a model that is an exception fails to load with it."""
    made: list[OpenApiApp] = []

    def make(
        segmenter: Segmenter | Exception | None = None,
        labeller: DualEncoder | Exception | None = None,
        text_reader: TextReader | Exception | None = None,
        estimator: DepthEstimator | Exception | None = None,
        captioner: Captioner | Exception | None = None,
    ) -> OpenApiApp:
        services = fake_services(settings, segmenter, labeller, text_reader, estimator, captioner)
        made.append(create_app(settings, services))
        return made[-1]

    yield make
    for app in made:
        app.extensions["jobs"].stop(10)


def fake_services(
    settings: Settings,
    segmenter: Segmenter | Exception | None = None,
    labeller: DualEncoder | Exception | None = None,
    text_reader: TextReader | Exception | None = None,
    estimator: DepthEstimator | Exception | None = None,
    captioner: Captioner | Exception | None = None,
) -> bootstrap.Services:
    """The services over fakes and a real store; captions are composed where there is no captioner."""
    models = bootstrap.Models(
        lazy(DiscSegmenter(), segmenter),
        lazy(ColorEncoder(), labeller),
        lazy(StripeReader(), text_reader),
        lazy(SlopeEstimator(), estimator),
        None if captioner is None else lazy(ParrotCaptioner(), captioner),
    )
    return bootstrap.join_services(settings, models)


def lazy(default, model=None):  # type: ignore[no-untyped-def]
    """A provider of `model`, or of `default` where there is none."""

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
