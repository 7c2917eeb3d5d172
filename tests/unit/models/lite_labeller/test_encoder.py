"""The embedded labeller: unit vectors that depend on nothing else, and names that make sense."""

from pathlib import Path

import numpy as np
import pytest
from skimage import data

from domain.arrays import Floats, Rgb
from models.lite_labeller.encoder import LiteEncoder
from services.vocabularies.parse import parse_vocabulary_file

LABELS = Path(__file__).parents[4] / "config" / "labels" / "default.txt"
TEXTS = ["dog", "traffic light", "a photo of a Ünïcödé 猫", "", " ", "🙂", "word " * 200]


def crops(count: int) -> list[Rgb]:
    """Random images of many sizes and aspects."""
    rng = np.random.default_rng(0)
    sizes = rng.integers(1, 400, (count, 2))
    return [rng.integers(0, 256, (h, w, 3), dtype=np.uint8) for h, w in sizes]


def ranking(encoder: LiteEncoder, rgb: Rgb, names: list[str]) -> tuple[list[str], float]:
    """Names, likeliest first, and the reject probability."""
    template = encoder.prompting.templates[0]
    images = encoder.encode_images([rgb])
    similarities = images @ encoder.encode_texts([template.format(name) for name in names]).T
    logits = encoder.logit_scale * np.append(similarities[0], encoder.reject_similarities(images))
    shares = np.exp(logits - logits.max())
    return [names[i] for i in np.argsort(-shares[:-1])], float(shares[-1] / shares.sum())


def default_names() -> list[str]:
    return list(parse_vocabulary_file(LABELS).names)


def assert_unit(vectors: Floats) -> None:
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_images_and_texts_are_unit_vectors_of_one_space(encoder: LiteEncoder) -> None:
    images, texts = encoder.encode_images(crops(3)), encoder.encode_texts(TEXTS)
    assert_unit(images)
    assert_unit(texts)
    assert images.shape == (3, texts.shape[1])
    assert len(texts) == len(TEXTS)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_crop_does_not_depend_on_its_batch(encoder: LiteEncoder, size: int) -> None:
    images = crops(6)
    parts = [encoder.encode_images(images[i : i + size]) for i in range(0, len(images), size)]
    np.testing.assert_array_equal(np.concatenate(parts), encoder.encode_images(images))


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_crop_of_a_photograph_does_not_depend_on_its_batch(encoder: LiteEncoder, size: int) -> None:
    images, scene = crops(10), encoder.encode_scene(data.coffee())
    parts = [encoder.encode_crops(images[start : start + size], scene) for start in range(0, 10, size)]
    assert_unit(parts[0])
    np.testing.assert_array_equal(np.concatenate(parts), encoder.encode_crops(images, scene))


def test_the_photograph_matters(encoder: LiteEncoder) -> None:
    crop, rgb = data.coffee()[100:300, 200:400], data.coffee()
    alone, there = encoder.encode_images([crop]), encoder.encode_crops([crop], encoder.encode_scene(rgb))
    assert 0.5 < float((alone @ there.T).item()) < 0.999


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_region_seen_twice_does_not_depend_on_its_batch(encoder: LiteEncoder, size: int) -> None:
    blurred, plain, scene = crops(10), crops(10)[::-1], encoder.encode_scene(data.coffee())
    parts = [
        encoder.encode_two_views(blurred[start : start + size], plain[start : start + size], scene)
        for start in range(0, 10, size)
    ]
    together = encoder.encode_two_views(blurred, plain, scene)
    np.testing.assert_array_equal(np.concatenate(parts), together)
    assert np.linalg.norm(together, axis=1).max() < 1.5


def test_both_looks_count_and_the_first_counts_more(encoder: LiteEncoder) -> None:
    cat, cup = data.chelsea(), data.coffee()
    scene = np.zeros_like(encoder.encode_scene(cup))
    both = encoder.encode_two_views([cat], [cup], scene)
    first, second = (float((both @ encoder.encode_images([rgb]).T).item()) for rgb in (cat, cup))
    assert first > second > float((encoder.encode_images([cat]) @ encoder.encode_images([cup]).T).item())


def test_a_photograph_without_features_counts_as_none(encoder: LiteEncoder) -> None:
    unknown = np.zeros_like(encoder.encode_scene(data.coffee()))
    crop = data.coffee()[100:300, 200:400]
    np.testing.assert_array_equal(encoder.encode_crops([crop], unknown), encoder.encode_images([crop]))


def test_a_text_does_not_depend_on_its_neighbours(encoder: LiteEncoder) -> None:
    together = encoder.encode_texts(TEXTS)
    np.testing.assert_array_equal(np.concatenate([encoder.encode_texts([text]) for text in TEXTS]), together)
    np.testing.assert_array_equal(encoder.encode_texts(TEXTS[::-1])[::-1], together)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (700, 2)])
def test_crops_of_any_size_work(encoder: LiteEncoder, shape: tuple[int, int]) -> None:
    assert_unit(encoder.encode_images([np.full((*shape, 3), 90, np.uint8)]))


def test_an_array_that_is_no_image_is_refused(encoder: LiteEncoder) -> None:
    with pytest.raises(ValueError, match="expected rgb uint8"):
        encoder.encode_images([np.zeros((4, 4), np.uint8)])


def test_a_cat_is_a_cat(encoder: LiteEncoder) -> None:
    names, _ = ranking(encoder, data.chelsea(), default_names())
    assert names[0] == "cat"


def test_a_cat_is_a_cat_in_its_photograph(encoder: LiteEncoder) -> None:
    names = default_names()
    vectors = encoder.encode_crops([data.chelsea()], encoder.encode_scene(data.chelsea()))
    texts = encoder.encode_texts([encoder.prompting.templates[0].format(name) for name in names])
    assert names[int((vectors @ texts.T).argmax())] == "cat"


def test_a_cup_of_coffee_is_a_cup_or_a_spoon(encoder: LiteEncoder) -> None:
    names, _ = ranking(encoder, data.coffee(), default_names())
    assert {"cup", "spoon"} & set(names[:3])


def test_reject_wins_where_no_name_fits(encoder: LiteEncoder) -> None:
    assert ranking(encoder, data.chelsea(), ["cat", "dog"])[1] < 0.5
    assert ranking(encoder, data.coffee(), ["cat", "dog"])[1] > 0.5
