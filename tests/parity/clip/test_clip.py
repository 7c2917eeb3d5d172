"""CLIP at full size equals open_clip: vectors, zero-shot probabilities, whichever runtime computes them."""

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

from domain.arrays import Floats, Rgb
from models.clip.encoder import PROMPT_TEMPLATES
from models.clip.torch_weights import NON_WEIGHT_KEYS, read_openai_archive
from tests.parity.clip.conftest import Candidate

NAMES = ["dog", "traffic light", "a café", "hot dog & fries", "word " * 100, ""]


def reference_images(reference: torch.nn.Module, photographs: list[Rgb]) -> Floats:
    transform = open_clip.image_transform(reference.visual.image_size, is_train=False)
    pixels = torch.stack([transform(Image.fromarray(rgb)) for rgb in photographs])
    with torch.inference_mode():
        return reference.encode_image(pixels, normalize=True).numpy()


def reference_texts(reference: torch.nn.Module, texts: list[str]) -> Floats:
    with torch.inference_mode():
        return reference.encode_text(open_clip.tokenize(texts), normalize=True).numpy()


def least_difference(vectors: Floats) -> float:
    """Of any two vectors, in their most different component."""
    apart = np.abs(vectors[:, None] - vectors[None]).max(axis=2)
    return float(apart[~np.eye(len(vectors), dtype=bool)].min())


def test_the_archive_has_openais_names(archive, reference) -> None:
    state = torch.jit.load(str(archive)).state_dict()
    read = read_openai_archive(archive)
    assert set(state) - set(read) == set(NON_WEIGHT_KEYS)
    assert read.keys() == reference.state_dict().keys()
    assert state["visual.conv1.weight"].dtype == torch.float16


def test_images(candidate: Candidate, reference, photographs: list[Rgb]) -> None:
    expected = reference_images(reference, photographs)
    vectors = candidate.encoder.encode_images(photographs)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, expected, atol=candidate.tolerance)
    assert least_difference(expected) > 10 * candidate.tolerance


def test_texts(candidate: Candidate, reference) -> None:
    texts = [template.format(name) for name in NAMES for template in PROMPT_TEMPLATES[:3]]
    expected = reference_texts(reference, texts)
    np.testing.assert_allclose(candidate.encoder.encode_texts(texts), expected, atol=candidate.tolerance)
    assert least_difference(reference_texts(reference, NAMES)) > 10 * candidate.tolerance


def test_zero_shot_probabilities(candidate: Candidate, reference, photographs: list[Rgb]) -> None:
    scale = reference.logit_scale.exp().item()
    assert candidate.encoder.logit_scale == pytest.approx(scale)
    expected = _softmax(
        scale * reference_images(reference, photographs) @ reference_texts(reference, NAMES).T
    )
    encoder = candidate.encoder
    got = _softmax(encoder.logit_scale * encoder.encode_images(photographs) @ encoder.encode_texts(NAMES).T)
    np.testing.assert_allclose(got, expected, atol=candidate.tolerance)


def _softmax(logits: Floats) -> Floats:
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


def test_a_vector_does_not_depend_on_its_neighbours(candidate: Candidate, photographs: list[Rgb]) -> None:
    encoder = candidate.encoder
    alone = np.concatenate([encoder.encode_images([rgb]) for rgb in photographs])
    np.testing.assert_allclose(encoder.encode_images(photographs), alone, atol=1e-5)
    texts = np.concatenate([encoder.encode_texts([name]) for name in NAMES])
    np.testing.assert_allclose(encoder.encode_texts(NAMES), texts, atol=1e-5)


def test_the_reject_class_is_a_cosine_of_its_own(candidate: Candidate, reference, photographs) -> None:
    images = candidate.encoder.encode_images(photographs)
    texts = ["a photo of something", "a blurry background", "a texture", "a photo"]
    mean = reference_texts(reference, texts).mean(axis=0)
    expected = images @ mean / np.linalg.norm(mean)
    np.testing.assert_allclose(
        candidate.encoder.reject_similarities(images), expected, atol=candidate.tolerance
    )
