"""The shipped segmenter on made-up pictures."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from domain.arrays import Rgb
from domain.masks import Embedding, Prompt
from models.contour.segmenter import ContourSegmenter
from services.masks.grid import point_grid_prompts


def same(one: Embedding, other: Embedding) -> bool:
    return all(np.array_equal(one.arrays[name], other.arrays[name]) for name in one.arrays)


def test_encode_is_the_same_in_every_thread(segmenter: ContourSegmenter, scene: Rgb) -> None:
    expected = segmenter.encode(scene)
    with ThreadPoolExecutor(4) as pool:
        assert all(same(expected, other) for other in pool.map(segmenter.encode, [scene] * 8))


def test_an_embedding_is_plain_and_read_only(segmenter: ContourSegmenter, scene: Rgb) -> None:
    embedding = segmenter.encode(scene)
    assert (embedding.height, embedding.width) == (120, 160)
    for array in embedding.arrays.values():
        assert type(array) is np.ndarray
        assert not array.flags.writeable


def test_a_click_finds_the_disc(segmenter: ContourSegmenter, scene: Rgb) -> None:
    rows, columns = np.mgrid[:120, :160]
    disc = (rows - 60) ** 2 + (columns - 50) ** 2 < 30**2
    found = segmenter.decode(segmenter.encode(scene), [Prompt.point(50, 60)])
    masks = found.logits > 0
    ious = (masks & disc).sum(axis=(1, 2)) / (masks | disc).sum(axis=(1, 2))
    assert ious.max() > 0.85


@pytest.mark.parametrize("shape", [(16, 16), (16, 2000), (2000, 16), (16, 4000), (33, 47), (700, 900)])
@pytest.mark.parametrize("noisy", [False, True])
def test_any_size_answers_every_prompt(
    segmenter: ContourSegmenter, shape: tuple[int, int], noisy: bool
) -> None:
    grey = np.full((*shape, 3), 128, np.uint8)
    noise = np.random.default_rng(0).integers(0, 255, grey.shape, np.uint8)
    embedding = segmenter.encode(noise if noisy else grey)
    found = segmenter.decode(embedding, point_grid_prompts(shape[1], shape[0], 4))
    assert set(found.prompt_index) == set(range(16))
    assert (found.logits > 0).any(axis=(1, 2)).all()
    assert max(found.logits.shape[1:]) <= 512
    assert ((found.quality >= 0) & (found.quality <= 1)).all()


def test_other_arrays_are_refused(segmenter: ContourSegmenter) -> None:
    with pytest.raises(ValueError, match="expected rgb"):
        segmenter.encode(np.zeros((20, 20), np.uint8))
