"""Pixels, coverage, cleaned texts and the meta file, without any network."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.clip.meta import META_FILE, ClipMeta
from models.clip.preprocess import patch_coverage, preprocess_crop, preprocess_whole_image
from models.clip.tokenizer import clean_text

PLAIN = ClipMeta(32, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "shortest", "bicubic", 100.0, 77)


def gradient(height: int, width: int) -> np.ndarray:
    """Brighter to the right."""
    row = np.linspace(0, 255, width).astype(np.uint8)
    return np.broadcast_to(row[None, :, None], (height, width, 3)).copy()


def test_shortest_cuts_the_middle_out_and_squash_keeps_all() -> None:
    rgb = gradient(64, 192)
    middle, squashed = (
        preprocess_crop(rgb, replace(PLAIN, resize_mode=mode)) for mode in ("shortest", "squash")
    )
    assert middle.shape == squashed.shape == (3, 32, 32)
    assert middle[0, 0, 0] == pytest.approx(1 / 3, abs=0.02)
    assert squashed[0, 0, 0] == pytest.approx(0, abs=0.02)
    np.testing.assert_array_equal(squashed, preprocess_whole_image(rgb, PLAIN, 32))


@pytest.mark.parametrize("shape", [(1, 1), (1, 5_000), (5_000, 1), (3, 2)])
def test_crops_of_any_size_become_squares(shape: tuple[int, int]) -> None:
    pixels = preprocess_crop(np.full((*shape, 3), 90, np.uint8), PLAIN)
    np.testing.assert_allclose(pixels, 90 / 255, atol=1e-6)
    assert pixels.shape == (3, 32, 32)


@pytest.mark.parametrize("shape", [(256, 171), (14, 14), (5, 9), (1, 1), (13, 300)])
def test_coverage_is_the_share_of_each_patch(shape: tuple[int, int]) -> None:
    left = np.zeros(shape, np.bool_)
    left[:, : shape[1] // 2] = True
    shares = patch_coverage([left, ~left, np.ones(shape, np.bool_)], 14)
    assert shares.shape == (3, 196)
    np.testing.assert_allclose(shares[0] + shares[1], 1, atol=1e-5)
    np.testing.assert_allclose(shares[2], 1, atol=1e-5)
    assert shares[0].mean() == pytest.approx((shape[1] // 2) / shape[1], abs=0.01)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  Hot\tDOG\n", "hot dog"),
        ("a&amp;amp;b &lt;i&gt;", "a&b <i>"),
        ("e\u0301", "é"),
        ("“don’t”", '"don\'t"'),
        ("ﬁsh ＦＵＬＬ", "fish full"),
        ("bell\x07", "bell"),
    ],
)
def test_texts_are_cleaned(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


def test_meta_comes_back_from_its_file(tmp_path: Path) -> None:
    meta = replace(PLAIN, resize_mode="squash", region_size=448, region_grid=14)
    meta.write(tmp_path)
    assert (tmp_path / META_FILE).is_file()
    assert ClipMeta.read(tmp_path) == meta
