"""Tests of services/images/upload.py."""

import hashlib
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from domain.errors import InvalidImage, NotFound, ServiceError, TooLarge
from domain.image import ImageRecord
from services.images.limits import ImageLimits
from services.images.upload import ImageService
from services.progress import Progress

LIMITS = ImageLimits(max_bytes=100_000, max_pixels=10_000)


class DictStore:
    """An image store in a dictionary."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[ImageRecord, bytes]] = {}

    def put(self, record: ImageRecord, data: bytes) -> None:
        self.files[record.file_id] = (record, data)

    def get(self, file_id: str) -> ImageRecord:
        return self._entry(file_id)[0]

    def read(self, file_id: str) -> bytes:
        return self._entry(file_id)[1]

    def remove(self, file_id: str) -> None:
        self.files.pop(file_id, None)

    def has_content(self, sha256: str) -> bool:
        return any(record.sha256 == sha256 for record, _ in self.files.values())

    def _entry(self, file_id: str) -> tuple[ImageRecord, bytes]:
        if file_id not in self.files:
            raise NotFound(f"no image {file_id}")
        return self.files[file_id]


@pytest.fixture
def store() -> DictStore:
    return DictStore()


@pytest.fixture
def images(store: DictStore) -> ImageService:
    return ImageService(store, LIMITS, ttl_s=60.0, clock=lambda: 1000.0)


@pytest.fixture
def jpeg() -> bytes:
    """40 x 24 as stored, 24 x 40 upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    noise = np.random.default_rng(0).integers(0, 256, (24, 40, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def test_an_upload_is_described_in_the_upright_frame(images: ImageService, jpeg: bytes) -> None:
    record = images.upload(jpeg)
    assert (record.width, record.height, record.format) == (24, 40, "JPEG")
    assert (record.bytes, record.created_at, record.expires_at) == (len(jpeg), 1000.0, 1060.0)
    photo = images.photo(record.file_id)
    assert (photo.file_id, photo.width, photo.height) == (record.file_id, record.width, record.height)
    assert images.photo(record.file_id).rgb(Progress()).shape == (40, 24, 3)


def test_the_key_is_that_of_the_bytes(images: ImageService, store: DictStore, jpeg: bytes) -> None:
    first, second = images.upload(jpeg), images.upload(jpeg)
    key = f"sha256:{hashlib.sha256(jpeg).hexdigest()}"
    photos = [images.photo(first.file_id), images.photo(second.file_id), images.sent_photo(jpeg)]
    assert [photo.key for photo in photos] == [key] * 3
    assert [photo.file_id for photo in photos] == [first.file_id, second.file_id, None]
    store.put(replace(first, sha256=None), jpeg)  # a record of an earlier version
    assert images.photo(first.file_id).key == first.file_id


def test_the_original_bytes_are_kept(images: ImageService, store: DictStore, jpeg: bytes) -> None:
    record = images.upload(jpeg)
    assert store.read(record.file_id) == jpeg


def test_names_are_random(images: ImageService, jpeg: bytes) -> None:
    names = {images.upload(jpeg).file_id for _ in range(5)}
    assert len(names) == 5
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)


def test_without_a_time_to_live_an_image_is_kept(store: DictStore, jpeg: bytes) -> None:
    assert ImageService(store, LIMITS, ttl_s=None).upload(jpeg).expires_at is None


def test_a_file_is_kept_under_the_name_given_until_it_is_removed(
    images: ImageService, store: DictStore, jpeg: bytes
) -> None:
    record = images.keep(jpeg, "a" * 32)
    assert (record.file_id, record.expires_at, record.width) == ("a" * 32, None, 24)
    assert store.read("a" * 32) == jpeg
    images.remove("a" * 32)
    images.remove("a" * 32)
    with pytest.raises(NotFound):
        images.photo("a" * 32)


def test_what_is_refused_is_not_stored(images: ImageService, store: DictStore, jpeg: bytes) -> None:
    for data in (b"", b"text", jpeg + bytes(LIMITS.max_bytes), jpeg[: len(jpeg) // 2]):
        with pytest.raises(ServiceError):
            images.upload(data)
    assert not store.files


def test_a_truncated_file_is_refused_at_once(images: ImageService, jpeg: bytes) -> None:
    with pytest.raises(InvalidImage, match="truncated"):
        images.upload(jpeg[:-200])


def test_a_file_at_hand_is_checked_and_not_stored(
    images: ImageService, store: DictStore, jpeg: bytes
) -> None:
    assert images.read(jpeg).shape == (40, 24, 3)
    with pytest.raises(TooLarge):
        images.read(jpeg + bytes(LIMITS.max_bytes))
    assert not store.files


def test_an_unknown_name_is_not_found(images: ImageService) -> None:
    with pytest.raises(NotFound):
        images.photo("0" * 32)
