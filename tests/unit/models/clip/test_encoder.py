"""The CLIP adapter over a fake network: unit vectors, order, batches, what the network is given."""

import numpy as np
import pytest
from numpy.typing import NDArray

from domain.arrays import Floats
from domain.models import ModelInfo
from domain.ports.models import RegionEncoder
from models.clip.encoder import REJECT_TEXTS, TEXT_BATCH_SIZE, ClipEncoder, RegionClipEncoder
from models.clip.meta import ClipMeta

INFO = ModelInfo("clip", "c" * 64)
META = ClipMeta(8, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25), "shortest", "bicubic", 100.0, 77, 16, 4)


class FakeNetwork:
    """Mean pixels, token ids and covered patches as features."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def images(self, pixels: Floats) -> Floats:
        self.shapes.append(pixels.shape)
        return pixels.mean(axis=(2, 3)) + 3

    def texts(self, ids: NDArray[np.int64]) -> Floats:
        self.shapes.append(ids.shape)
        return np.stack([ids.argmax(axis=1), ids.max(axis=1), np.ones(len(ids))], axis=1).astype(np.float32)

    def regions(self, pixels: Floats, coverage: Floats) -> Floats:
        self.shapes += [pixels.shape, coverage.shape]
        return coverage[:, :3] + 0.1


def tokens(texts: list[str]) -> NDArray[np.int64]:
    """A one for each letter, then the end."""
    ids = np.zeros((len(texts), max(map(len, texts)) + 1), np.int64)
    for row, text in zip(ids, texts, strict=True):
        row[: len(text)], row[len(text)] = 1, 9
    return ids


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork()


@pytest.fixture
def encoder(network: FakeNetwork) -> RegionClipEncoder:
    made = RegionClipEncoder(INFO, network, tokens, META, network)
    network.shapes.clear()
    return made


def test_images_are_unit_vectors_of_normalised_squares(
    encoder: RegionClipEncoder, network: FakeNetwork
) -> None:
    crops = [np.full((h, w, 3), 255, np.uint8) for h, w in ((8, 8), (1, 30), (50, 20))]
    vectors = encoder.encode_images(crops)
    assert network.shapes == [(3, 3, 8, 8)]
    np.testing.assert_allclose(vectors, np.full((3, 3), 3**-0.5), atol=1e-6)


def test_an_array_that_is_no_image_is_refused(encoder: RegionClipEncoder) -> None:
    with pytest.raises(ValueError, match="expected rgb uint8"):
        encoder.encode_images([np.zeros((4, 4), np.uint8)])


def test_texts_keep_their_order_and_long_ones_go_apart(
    encoder: RegionClipEncoder, network: FakeNetwork
) -> None:
    texts = ["x" * (1 + 7 * index % 90) for index in range(TEXT_BATCH_SIZE + 10)]
    vectors = encoder.encode_texts(texts)
    np.testing.assert_allclose(vectors[:, 0] / vectors[:, 2], [len(text) for text in texts], rtol=1e-5)
    assert [shape[0] for shape in network.shapes] == [TEXT_BATCH_SIZE, 10]
    assert network.shapes[0][1] < network.shapes[1][1]


def test_the_reject_direction_is_the_mean_of_texts_that_name_nothing(encoder: RegionClipEncoder) -> None:
    mean = encoder.encode_texts(REJECT_TEXTS).mean(axis=0)
    np.testing.assert_allclose(
        encoder.reject_similarities(mean[None] / np.linalg.norm(mean)), [1.0], atol=1e-6
    )


def test_regions_get_the_whole_photograph_once(encoder: RegionClipEncoder, network: FakeNetwork) -> None:
    mask = np.zeros((6, 10), np.bool_)
    mask[:2, :3] = True
    vectors = encoder.encode_regions(np.zeros((60, 100, 3), np.uint8), [mask, ~mask])
    assert network.shapes == [(1, 3, 16, 16), (2, 16)]
    assert vectors[0].argmax() == 0
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_without_a_region_tower_the_view_is_not_offered(
    network: FakeNetwork, encoder: RegionClipEncoder
) -> None:
    assert isinstance(encoder, RegionEncoder)
    assert not isinstance(ClipEncoder(INFO, network, tokens, META), RegionEncoder)
