"""CLIP with an XLM-RoBERTa text tower equals open_clip's over transformers, whichever runtime computes it.

All layers at full width; the vocabulary is small, but with `all_sizes` as large as the published one.
"""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from open_clip.tokenizer import HFTokenizer

from domain.arrays import Floats, Rgb
from domain.models import ModelInfo
from models.clip.encoder import RegionClipEncoder
from models.clip.export import export_clip
from models.clip.onnx import load_onnx_clip
from models.clip.tokenizer import PAD_TOKEN_ID, XlmRobertaTokenizer
from models.clip.torch import load_torch_clip
from models.clip.torch_weights import build_open_clip
from tests.parity.clip import multilingual
from tests.parity.clip.multilingual import ARCHITECTURE, CORPUS, TAG
from tests.parity.clip.test_clip import least_difference, reference_images

INFO = ModelInfo("clip-xlm-r-vit-b-32", "e" * 64)
NAMES = ["cat", "Katze", "кошка", "قطة", "猫", "고양이", "बिल्ली", "a cup of coffee", "Ein CAFÉ & ein Hund"]
LONG = "a photo of a cat and a dog " * 40
TEXTS = [*NAMES, *CORPUS[::3], "a photo of 猫", "", LONG]
TOLERANCE = {"torch": 1e-4, "onnx": 1e-3}

WORDS = [pytest.param({}, id="small"), pytest.param({"vocab_size": 250_002}, marks=pytest.mark.all_sizes)]


@dataclass(frozen=True)
class Published:
    """The files as published, and what open_clip makes of them."""

    checkpoint: Path
    tokenizer: Path
    model: Any
    tokenize: HFTokenizer

    def texts(self, texts: list[str]) -> Floats:
        """open_clip's unit vectors [N, D]; it fills every text up to 77 tokens."""
        with torch.inference_mode():
            vectors: Floats = self.model.encode_text(self.tokenize(texts), normalize=True).numpy()
        return vectors


@pytest.fixture(scope="module", params=WORDS)
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A checkpoint with random weights, its tokenizer.json, and the reference that read the same two."""
    directory = tmp_path_factory.mktemp("published")
    checkpoint = directory / "open_clip_pytorch_model.bin"
    multilingual.write_reference(directory, **request.param)
    multilingual.write_checkpoint(directory, checkpoint)
    model = multilingual.build_reference(directory)
    open_clip.load_checkpoint(model, str(checkpoint))
    return Published(checkpoint, directory / "tokenizer.json", model, HFTokenizer(str(directory)))


@pytest.fixture(scope="module")
def vectors(published: Published) -> Floats:
    """open_clip's of TEXTS."""
    return published.texts(TEXTS)


@pytest.fixture(scope="module")
def exported(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory that an export makes."""
    directory = tmp_path_factory.mktemp("exported")
    export_clip(published.checkpoint, ARCHITECTURE, TAG, directory, published.tokenizer)
    return directory


@pytest.fixture(scope="module")
def torch_encoder(published: Published) -> RegionClipEncoder:
    """The encoder over torch."""
    encoder = load_torch_clip(
        INFO, published.checkpoint, ARCHITECTURE, TAG, "cpu", tokenizer=published.tokenizer
    )
    assert isinstance(encoder, RegionClipEncoder)
    return encoder


@pytest.fixture(scope="module")
def onnx_encoder(exported: Path) -> RegionClipEncoder:
    """The encoder over exported graphs."""
    encoder = load_onnx_clip(INFO, exported, 1)
    assert isinstance(encoder, RegionClipEncoder)
    return encoder


@pytest.fixture(params=list(TOLERANCE))
def runtime(request: pytest.FixtureRequest) -> str:
    """What computes."""
    name: str = request.param
    return name


@pytest.fixture
def encoder(
    request: pytest.FixtureRequest,
    runtime: str,
    published: Published,  # noqa: ARG001 - getfixturevalue reads it
) -> RegionClipEncoder:
    """The encoder over that runtime."""
    found: RegionClipEncoder = request.getfixturevalue(f"{runtime}_encoder")
    return found


def test_the_full_architecture_has_open_clips_names_and_shapes(tmp_path: Path) -> None:
    multilingual.write_reference(tmp_path, vocab_size=250_002)
    with torch.device("meta"):
        expected, ours = multilingual.build_reference(tmp_path), build_open_clip(ARCHITECTURE, TAG)
    shapes = {name: value.shape for name, value in ours.state_dict().items()}
    assert shapes == {name: value.shape for name, value in expected.state_dict().items()}
    # As open_clip's docs/model_profile.csv has it, in millions.
    assert sum(value.numel() for value in ours.parameters()) / 1e6 == pytest.approx(366.12, abs=0.01)


def test_images(
    encoder: RegionClipEncoder, runtime: str, published: Published, photographs: list[Rgb]
) -> None:
    expected = reference_images(published.model, photographs)
    np.testing.assert_allclose(encoder.encode_images(photographs), expected, atol=TOLERANCE[runtime])
    assert least_difference(expected) > 10 * TOLERANCE[runtime]


def test_texts_of_many_languages(encoder: RegionClipEncoder, runtime: str, vectors: Floats) -> None:
    np.testing.assert_allclose(encoder.encode_texts(TEXTS), vectors, atol=TOLERANCE[runtime])
    assert least_difference(vectors) > 10 * TOLERANCE[runtime]


def test_zero_shot_cosines(
    encoder: RegionClipEncoder,
    runtime: str,
    published: Published,
    vectors: Floats,
    photographs: list[Rgb],
) -> None:
    assert encoder.logit_scale == pytest.approx(published.model.logit_scale.exp().item())
    expected = reference_images(published.model, photographs) @ vectors[: len(NAMES)].T
    cosines = encoder.encode_images(photographs) @ encoder.encode_texts(NAMES).T
    np.testing.assert_allclose(cosines, expected, atol=TOLERANCE[runtime])


def test_a_text_does_not_depend_on_what_fills_it_up(encoder: RegionClipEncoder) -> None:
    texts = [*NAMES, LONG]
    alone = np.concatenate([encoder.encode_texts([text]) for text in texts])
    np.testing.assert_allclose(encoder.encode_texts(texts), alone, atol=1e-5)


def test_both_runtimes_read_regions_alike(
    torch_encoder: RegionClipEncoder, onnx_encoder: RegionClipEncoder, photographs: list[Rgb]
) -> None:
    rgb = photographs[0]
    left = np.zeros(rgb.shape[:2], np.bool_)
    left[:, : rgb.shape[1] // 2] = True
    by_torch, by_onnx = (each.encode_regions(rgb, [left, ~left]) for each in (torch_encoder, onnx_encoder))
    np.testing.assert_allclose(by_onnx, by_torch, atol=TOLERANCE["onnx"])


def test_names_of_any_language_are_welcome(encoder: RegionClipEncoder) -> None:
    assert encoder.prompting.multilingual
    assert "{}" in encoder.prompting.templates


def test_token_ids(published: Published) -> None:
    texts = [
        *NAMES,
        *CORPUS,
        LONG,
        "",
        "  ",
        "naïve &amp; “café”",
        "ＦＵＬＬ　ｗｉｄｔｈ",
        "tab\tand\nline",
        "🙂 xyz",
    ]
    ids = XlmRobertaTokenizer(published.tokenizer, 77)(texts)
    assert ids.shape == (len(texts), 77)  # As long as LONG, which is cut.
    np.testing.assert_array_equal(ids, published.tokenize(texts).numpy())
    assert ids[NAMES.index("cat")].tolist().count(PAD_TOKEN_ID) > 70


def test_token_ids_of_random_mixtures(published: Published) -> None:
    rng = random.Random(0)
    letters = "abc XYZ 'sdt 0129 .,!?-_/#&;<> éñ猫ねبкयل한🙂’“"
    texts = ["".join(rng.choices(letters, k=rng.randrange(60))) for _ in range(1_000)]
    ids = XlmRobertaTokenizer(published.tokenizer, 77)(texts)
    expected = published.tokenize(texts).numpy()
    np.testing.assert_array_equal(ids, expected[:, : ids.shape[1]])
    assert (expected[:, ids.shape[1] :] == PAD_TOKEN_ID).all()


def test_without_its_tokenizer_it_is_refused(published: Published, exported: Path, tmp_path: Path) -> None:
    checkpoint = published.checkpoint
    with pytest.raises(ValueError, match=r"expected a tokenizer\.json"):
        load_torch_clip(INFO, checkpoint, ARCHITECTURE, TAG, "cpu")
    with pytest.raises(ValueError, match=r"expected a tokenizer\.json"):
        export_clip(checkpoint, ARCHITECTURE, TAG, tmp_path)
    other = tmp_path / "tokenizer.json"
    other.write_text((exported / "tokenizer.json").read_text(encoding="utf-8").replace("<pad>", "<gap>"))
    with pytest.raises(ValueError, match="with <pad> at 1, got None"):
        load_torch_clip(INFO, checkpoint, ARCHITECTURE, TAG, "cpu", tokenizer=other)


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    torch.save({"visual.proj": torch.zeros(1, 1)}, tmp_path / "other.pt")
    with pytest.raises(RuntimeError, match=r"Missing key|size mismatch"):
        load_torch_clip(INFO, tmp_path / "other.pt", ARCHITECTURE, TAG, "cpu")
