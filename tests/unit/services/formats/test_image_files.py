"""Images of data sets are upright for every reader, and keep their bytes where they are."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from services.formats.image_files import dataset_image_file
from services.images.decode import decode_image
from services.images.photo import Photo
from services.progress import Progress

PIXELS = np.random.default_rng(0).integers(0, 255, (24, 32, 3), np.uint8)


def file_of(kind: str, orientation: int | None = None, **options: object) -> bytes:
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
        options["exif"] = exif
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).save(buffer, kind, **options)
    return buffer.getvalue()


def written(data: bytes) -> tuple[str, bytes, Photo]:
    photo = Photo.of(decode_image(data), "key")
    return *dataset_image_file(data, photo, Progress()), photo


@pytest.mark.parametrize(
    ("kind", "suffix"), [("JPEG", ".jpg"), ("PNG", ".png"), ("BMP", ".bmp"), ("WEBP", ".webp")]
)
@pytest.mark.parametrize("orientation", [None, 1, 0, 9])
def test_an_upright_file_keeps_its_bytes(kind: str, suffix: str, orientation: int | None) -> None:
    data = file_of(kind) if kind == "BMP" else file_of(kind, orientation)
    assert written(data)[:2] == (suffix, data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_file_becomes_a_png_of_the_upright_pixels(kind: str, orientation: int) -> None:
    suffix, data, photo = written(file_of(kind, orientation))
    assert suffix == ".png"
    upright = photo.rgb(Progress())
    assert upright.shape[:2] == ((32, 24) if orientation > 4 else (24, 32))
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), upright)
    read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_array_equal(read[..., ::-1], upright)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "AVIF"])
def test_a_file_that_not_every_reader_knows_becomes_a_png(kind: str) -> None:
    suffix, data, photo = written(file_of(kind))
    assert suffix == ".png"
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), photo.rgb(Progress()))


def test_an_animation_becomes_a_png_of_its_first_frame() -> None:
    frames = [Image.fromarray(np.full((24, 32, 3), grey, np.uint8)) for grey in (10, 200)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    suffix, data, _ = written(buffer.getvalue())
    assert suffix == ".png"
    assert np.asarray(Image.open(io.BytesIO(data))).mean() == 10


def test_a_jpeg_without_its_end_becomes_a_png() -> None:
    assert written(file_of("JPEG")[:-2])[0] == ".png"
