"""Grouping, looking further, what is for naming only, and what leaves the index."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from adapters.disk_images import DiskImageStore
from adapters.memory_cache import ByteBudgetCache
from adapters.sqlite.index import SqliteVectorIndex
from adapters.threads import ThreadWorkerPool
from domain.arrays import Floats, Rgb
from domain.index import IndexedPhoto, SearchHit
from services.images.decode import ImageLimits
from services.images.photo import Photo
from services.images.upload import ImageService
from services.labels.confidence import LabelOptions
from services.labels.service import LabelService
from services.labels.vectors import VocabularyEncoder
from services.masks.find import MaskFinder
from services.progress import Progress
from services.search.index import EXPIRY_CHECKS_PER_ADD, IndexOptions, IndexService
from services.search.search import SearchOptions, SearchService, group_duplicates
from services.search.space import EmbeddingSpace
from services.vocabularies.parse import vocabulary_from_list
from tests.conftest import lazy, png_bytes
from tests.fakes import ColorEncoder, DiscSegmenter

WHOLE = IndexOptions(None, LabelOptions(vocabulary_from_list(["red"])))


class SlottedEncoder(ColorEncoder):
    """Half of an image's length is for naming only, as with the embedded labeller."""

    naming_dims = 1

    def encode_images(self, crops: Sequence[Rgb]) -> Floats:
        colors = super().encode_images(crops) * 0.5**0.5
        return np.column_stack([colors, np.full((len(crops), 1), 0.5**0.5, np.float32)])

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        colors = super().encode_texts(texts)
        return np.column_stack([colors, np.zeros((len(texts), 1), np.float32)])


class Rig:
    """The services over a folder, with a clock that a test can turn."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        store = DiskImageStore(folder / "images", lambda: self.now)
        self.images = ImageService(store, ImageLimits(10**6, 10**6), 100.0, lambda: self.now)
        self.labelling = LabelService(
            lazy(SlottedEncoder()),
            VocabularyEncoder(ByteBudgetCache(10**6)),
            ByteBudgetCache(10**6),
            ThreadWorkerPool(1),
        )
        finder = MaskFinder(
            lazy(DiscSegmenter()), ThreadWorkerPool(1), ByteBudgetCache(10**6), ByteBudgetCache(10**6)
        )
        self.vectors = SqliteVectorIndex(folder / "index.sqlite")
        self.space = EmbeddingSpace(self.labelling)
        self.index = IndexService(self.images, finder, self.labelling, self.space, self.vectors)
        self.search = SearchService(self.images, finder, self.space, self.vectors)

    def add(self, color: tuple[int, int, int]) -> str:
        """The file_id of a photograph of one colour, indexed."""
        rgb = np.zeros((16, 16, 3), np.uint8)
        rgb[:] = color
        file_id = self.images.upload(png_bytes(rgb)).file_id
        self.index.add(self.images.photo(file_id), WHOLE, Progress())
        return file_id


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_pictures_are_compared_without_what_is_for_naming_only(rig: Rig) -> None:
    red, green = np.zeros((2, 16, 16, 3), np.uint8)
    red[..., 0] = green[..., 1] = 255
    one, other = (rig.space.image(Photo.of(rgb, key), Progress()) for rgb, key in ((red, "r"), (green, "g")))
    assert one.shape == (3,)
    assert float(one @ other) == pytest.approx(0, abs=0.01)
    assert float(one @ rig.space.text("red")) == pytest.approx(1, abs=0.01)


def test_groups_are_made_around_the_best() -> None:
    def hit(degrees: float) -> SearchHit:
        angle = np.radians(degrees)
        vector = np.array([np.cos(angle), np.sin(angle)], np.float32)
        return SearchHit(str(degrees), None, vector, float(vector[0]))

    groups = group_duplicates([hit(degrees) for degrees in (0, 10, 20, 30, 40, 90)])
    shown = [(group.best.file_id, [other.file_id for other in group.duplicates]) for group in groups]
    assert shown == [("0", ["10"]), ("20", ["30"]), ("40", []), ("90", [])]
    assert group_duplicates([]) == []


def test_the_search_looks_behind_many_duplicates(rig: Rig) -> None:
    model = rig.labelling.labeller.sha256
    red, black = np.eye(3, dtype=np.float32)[:1], png_bytes(np.zeros((16, 16, 3), np.uint8))
    first = rig.add((255, 0, 0))
    for _ in range(60):
        rig.vectors.put(model, rig.images.upload(black).file_id, IndexedPhoto(red))
    other = rig.add((60, 255, 0))
    found = rig.search.text("red", SearchOptions(limit=2), Progress())
    assert [len(group.duplicates) for group in found] == [60, 0]
    assert found[1].best.file_id == other
    assert first in {found[0].best.file_id, *(hit.file_id for hit in found[0].duplicates)}


def test_expired_photographs_leave_the_index(rig: Rig) -> None:
    old = [rig.add((255, at, 0)) for at in range(EXPIRY_CHECKS_PER_ADD + 4)]
    rig.now = 101.0
    young = rig.add((255, 0, 0))
    assert rig.index.counts()[0].images == 1 + len(old) - EXPIRY_CHECKS_PER_ADD
    found = rig.search.text("red", SearchOptions(group=False), Progress())
    assert [group.best.file_id for group in found] == [young]
    assert rig.index.counts()[0].images == 1


def test_a_photograph_that_cannot_be_read_now_is_still_found(rig: Rig, tmp_path: Path) -> None:
    file_id = rig.add((255, 0, 0))
    (tmp_path / "images" / file_id / "record.json").write_text("{")
    found = rig.search.text("red", SearchOptions(), Progress())
    assert [group.best.file_id for group in found] == [file_id]
