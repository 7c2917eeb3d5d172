"""Tests of services/images/photo.py."""

import numpy as np
import pytest
from PIL import Image

from domain.arrays import Rgb
from services.images import photo
from services.images.photo import Photo, photo_from_image, rgb_from_image
from services.progress import Progress

RGB = np.random.default_rng(0).integers(0, 256, (6, 9, 3)).astype(np.uint8)


def test_pixels_are_loaded_once_and_timed() -> None:
    loaded: list[int] = []

    def load() -> Rgb:
        loaded.append(1)
        return RGB

    photo, progress = Photo("key", 9, 6, load), Progress()
    assert not loaded
    assert photo.rgb(progress) is photo.rgb(progress)
    assert len(loaded) == 1
    assert set(progress.timings_ms) == {"load", "total"}


def test_images_of_python_callers_become_rgb() -> None:
    for image in (RGB, Image.fromarray(RGB), RGB[:, ::-1][:, ::-1]):
        np.testing.assert_array_equal(rgb_from_image(image), RGB)
    np.testing.assert_array_equal(rgb_from_image(RGB[..., 0]), np.repeat(RGB[..., :1], 3, axis=2))


def test_equal_pixels_have_one_key() -> None:
    assert photo_from_image(RGB).key == photo_from_image(Image.fromarray(RGB)).key
    assert photo_from_image(RGB).key != photo_from_image(RGB.reshape(9, 6, 3)).key


@pytest.mark.parametrize(
    "array", [np.zeros((2, 2, 3)), np.zeros((2, 2, 4), np.uint8), np.zeros((0, 2), np.uint8)]
)
def test_other_arrays_are_refused(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected a PIL image, or uint8"):
        rgb_from_image(array)


def test_an_image_is_measured_for_content_once(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[int] = []

    def measure(rgb: np.ndarray) -> bool:  # type: ignore[type-arg]
        measured.append(len(rgb))
        return True

    monkeypatch.setattr(photo, "shows_nothing", measure)
    blank = Photo.of(np.zeros((16, 16, 3), np.uint8), "blank")
    assert blank.shows_nothing(Progress())
    assert blank.shows_nothing(Progress())
    assert measured == [16]


def test_a_crop_is_a_view_of_the_pixels_with_a_key_of_its_own() -> None:
    whole = Photo.of(RGB, "key")
    crop = whole.crop((2, 1, 4, 3))
    assert (crop.width, crop.height) == (4, 3)
    assert np.shares_memory(crop.rgb(Progress()), RGB)
    assert np.array_equal(crop.rgb(Progress()), RGB[1:4, 2:6])
    keys = {whole.key, crop.key, whole.crop((2, 1, 4, 4)).key, whole.crop((1, 2, 4, 3)).key}
    assert len(keys) == 4
