"""The attention view: the last block of open_clip's own tower, its class token told where to look."""

from pathlib import Path

import numpy as np
import pytest
import torch
from open_clip.model import resize_pos_embed

from domain.arrays import Floats, Mask, Rgb
from domain.ports.models import RegionEncoder
from models.clip.preprocess import patch_coverage, preprocess_whole_image
from models.clip.torch import TorchClip
from tests.parity.clip.conftest import Candidate

APART = 1e-3
"""Untrained deep towers tell regions apart by little, though by far more than either runtime's rounding."""


@pytest.fixture(scope="module")
def network(archive: Path, architecture: str) -> TorchClip:
    return TorchClip(archive, architecture, "openai", "cpu")


@pytest.fixture(scope="module")
def masks(photographs: list[Rgb]) -> list[Mask]:
    """Left half, a small box, everything, nothing; of the first photograph."""
    height, width = photographs[0].shape[:2]
    masks = np.zeros((4, height, width), np.bool_)
    masks[0, :, : width // 2] = True
    masks[1, 40:90, 200:260] = True
    masks[2] = True
    return list(masks)


def by_open_clip(reference: torch.nn.Module, pixels: Floats, coverage: Floats, grid: int) -> Floats:
    """Unit vectors [R, D] by open_clip's blocks and its `nn.MultiheadAttention` with a mask, one by one."""
    visual = reference.visual
    places = {"visual.positional_embedding": visual.positional_embedding}
    resize_pos_embed(places, _Larger(grid))
    patches = visual.conv1(torch.from_numpy(pixels)).flatten(2).transpose(1, 2)
    tokens = (
        torch.cat([visual.class_embedding[None, None], patches], 1) + places["visual.positional_embedding"]
    )
    *before, last = visual.transformer.resblocks
    tokens = visual.ln_pre(tokens)
    for block in before:
        tokens = block(tokens)
    rows = []
    for region in torch.from_numpy(coverage):
        mask = torch.zeros(len(region) + 1, len(region) + 1)
        mask[0, 0] = -torch.inf
        mask[0, 1:] = region.clamp_min(1e-12).log()
        rows.append(visual._pool(last(tokens, attn_mask=mask))[0] @ visual.proj)
    vectors = torch.cat(rows).numpy()
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class _Larger:
    def __init__(self, grid: int) -> None:
        self.visual, self.grid_size = self, (grid, grid)


@torch.inference_mode()
def test_regions_are_open_clips_last_block_with_a_mask(
    candidate: Candidate, network: TorchClip, reference, photographs: list[Rgb], masks: list[Mask]
) -> None:
    pixels, grid = (
        preprocess_whole_image(photographs[0], network.meta, network.meta.region_size)[None],
        network.meta.region_grid,
    )
    expected = by_open_clip(reference, pixels, patch_coverage(masks, grid)[:3], grid)
    vectors = candidate.encoder.encode_regions(photographs[0], masks[:3])
    np.testing.assert_allclose(vectors, expected, atol=candidate.tolerance)


def test_regions_differ_and_an_empty_one_is_the_whole(
    candidate: Candidate, photographs: list[Rgb], masks: list[Mask]
) -> None:
    half, box, everything, nothing = candidate.encoder.encode_regions(photographs[0], masks)
    np.testing.assert_allclose(nothing, everything, atol=1e-5)
    for one, other in ((half, box), (half, everything), (box, everything)):
        assert np.abs(one - other).max() > APART


def test_a_region_does_not_depend_on_the_others(
    candidate: Candidate, photographs: list[Rgb], masks: list[Mask]
) -> None:
    together = candidate.encoder.encode_regions(photographs[0], masks)
    alone = [candidate.encoder.encode_regions(photographs[0], [mask])[0] for mask in masks]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_what_lies_outside_changes_only_what_the_blocks_before_mixed_in(
    network: TorchClip, photographs: list[Rgb]
) -> None:
    """Coverage scaled as a whole says the same: it is a share of the region, not an amount of light."""
    pixels = preprocess_whole_image(photographs[0], network.meta, network.meta.region_size)[None]
    coverage = np.random.default_rng(0).random((2, network.meta.region_grid**2), np.float32)
    np.testing.assert_allclose(
        network.regions(pixels, coverage), network.regions(pixels, coverage * 1e-3), atol=1e-4
    )


def test_the_encoder_offers_the_view(candidate: Candidate) -> None:
    assert isinstance(candidate.encoder, RegionEncoder)
