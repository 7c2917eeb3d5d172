"""What is BLIP's without its network: pixels, word pieces, and what it needs to run."""

from pathlib import Path

import numpy as np
import pytest

from domain.arrays import Floats
from domain.errors import ModelUnavailable
from domain.models import ModelInfo, ModelSpec
from models import registry
from models.blip.captioner import BlipCaptioner, WordPieceDecoder, preprocess_for_blip
from models.exports import OnnxExportStore
from models.registry import ComputeOptions, ModelRegistry
from models.store.weights import WeightStore

WORDS = WordPieceDecoder(["[PAD]", "[SEP]", "a", "dog", "##s", "'", "s", "hat", "."])
SPEC = ModelSpec("blip-base", "blip", ())


class OneSentence:
    """Writes the same of every square of 8 pixels."""

    side = 8

    def write(self, pixels: Floats, count: int) -> list[tuple[list[int], float]]:
        assert pixels.shape == (1, 3, 8, 8)
        return [([9, 2, 3, 4, 1, 0], -0.5), ([2], 1e-9)][:count]


def test_the_sentence_and_how_sure_it_is() -> None:
    captioner = BlipCaptioner(ModelInfo("blip", "0" * 64), OneSentence(), WORDS)
    first, second = captioner.caption(np.zeros((5, 20, 3), np.uint8), 2)
    assert (first.text, first.score) == ("a dogs", -0.5)
    assert first.confidence == pytest.approx(np.exp(-0.5))
    assert second.confidence == 1.0  # Rounding lifts a sure sentence above it.
    with pytest.raises(ValueError, match="uint8"):
        captioner.caption(np.zeros((5, 20, 3), np.float32), 1)  # type: ignore[arg-type]


def test_word_pieces() -> None:
    assert WORDS.text([2, 3, 5, 6, 7, 8]) == "a dog's hat."
    assert WORDS.text([]) == ""


def test_a_vocabulary_file(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("[PAD]\na\n\u2028\ndog\n", encoding="utf-8")
    assert WordPieceDecoder.load(tmp_path / "vocab.txt").text([1, 3]) == "a dog"


def test_pixels_are_normalised_planes() -> None:
    white = preprocess_for_blip(np.full((4, 9, 3), 255, np.uint8), 6)
    assert (white.shape, white.dtype) == ((1, 3, 6, 6), np.float32)
    np.testing.assert_allclose(white[0, :, 0, 0], [1.93033624, 2.07488384, 2.14589685], rtol=1e-5)


def test_it_runs_on_torch_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, exports = WeightStore(tmp_path, tmp_path), OnnxExportStore(tmp_path)
    with pytest.raises(ModelUnavailable, match="blip-base runs on torch only"):
        ModelRegistry(store, exports, ComputeOptions(1, "onnx")).require_torch(SPEC)
    monkeypatch.setattr(registry, "torch_is_installed", lambda: False)
    with pytest.raises(ModelUnavailable, match=r"pip install -r requirements-torch\.txt"):
        ModelRegistry(store, exports, ComputeOptions(1)).require_torch(SPEC)
