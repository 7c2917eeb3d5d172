"""The search services over a temporary folder."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from adapters.disk_images import DiskImageStore
from adapters.memory_cache import ByteBudgetCache
from adapters.sqlite.index import SqliteVectorIndex
from adapters.threads import ThreadDecoder, ThreadWorkerPool
from domain.arrays import Floats, Rgb
from services.images.limits import ImageLimits
from services.images.upload import ImageService
from services.labels.confidence import LabelOptions
from services.labels.service import LabelService
from services.labels.vectors import VocabularyEncoder
from services.masks.find import MaskFinder
from services.progress import Progress
from services.search.index import IndexOptions, IndexService
from services.search.search import SearchService
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
        labeller, vocabulary_encoder = lazy(SlottedEncoder()), VocabularyEncoder(ByteBudgetCache(10**6))
        self.labels = LabelService(labeller, vocabulary_encoder, ByteBudgetCache(10**6), ThreadWorkerPool(1))
        segmenter, pool = lazy(DiscSegmenter()), ThreadWorkerPool(1)
        decoder = ThreadDecoder(segmenter, pool)
        finder = MaskFinder(segmenter, decoder, pool, ByteBudgetCache(10**6), ByteBudgetCache(10**6))
        self.vectors = SqliteVectorIndex(folder / "index.sqlite")
        self.space = EmbeddingSpace(labeller, self.labels, vocabulary_encoder)
        self.index = IndexService(
            images=self.images, finder=finder, labels=self.labels, space=self.space, index=self.vectors
        )
        self.search = SearchService(self.images, finder, self.space, self.vectors)

    def add(self, color: tuple[int, int, int]) -> str:
        """Index an image of a colour around a black square and return its file_id."""
        rgb = np.zeros((16, 16, 3), np.uint8)
        rgb[:] = color
        rgb[4:8, 4:8] = 0  # an image of one colour shows nothing
        file_id = self.images.upload(png_bytes(rgb)).file_id
        self.index.add(self.images.photo(file_id), WHOLE, Progress())
        return file_id
