"""Tests that SAM 2.1 behind our port equals Meta's SAM2ImagePredictor, in both runtimes."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from sam2.utils.transforms import SAM2Transforms
from skimage import data
from torch.nn import functional

from domain.arrays import Floats, Rgb
from domain.masks import Prompt
from models.sam2 import torch as sam2_torch
from models.sam2.inputs import mask_input, preprocess_for_sam2
from models.sam2.torch import build_sam2_model
from models.sam2.torch_masked_prompts import Sam2MaskedPromptTower
from models.sam2.torch_towers import (
    Sam2ImageTower,
    Sam2MaskTower,
    Sam2PromptTower,
)
from services.masks.formats import encode_rle
from tests.parity.sam2.conftest import Sam2

TOLERANCE = {"torch": 1e-4, "onnx": 1e-3}
CLEAR = 1.0
"""Absolute logit beyond which a difference is not due to rounding in bfloat16."""

DEEPEST = 24
"""Number of blocks of base+; large has twice as many."""

PUBLISHED_BYTES = {"t": 156_008_466, "s": 184_416_285, "b+": 323_606_802, "l": 898_083_611}

CLICK = Prompt.point(250.0, 180.5)
BOX = Prompt(np.empty((0, 2)), np.empty(0, np.int64), np.array([60.0, 40.0, 420.0, 333.0]))
POINTS = Prompt(np.array([[250.0, 180.0], [30.0, 300.0], [410.0, 90.0]]), np.array([1, 0, 1]))
MIXED = Prompt(
    np.array([[250.0, 180.0], [80.0, 60.0]]), np.array([1, 0]), np.array([60.0, 40.0, 420.0, 333.0])
)
BLOB = np.hypot(*(np.mgrid[:400, :600] - np.array([200, 250]).reshape(2, 1, 1))) < 90
GUESS = encode_rle(BLOB)
PROMPTS = {
    "click": CLICK,
    "box": BOX,
    "points": POINTS,
    "mixed": MIXED,
    "mask": Prompt(BOX.points, BOX.point_labels, mask=GUESS),
    "mask_click": replace(CLICK, mask=GUESS),
    "mask_mixed": replace(MIXED, mask=GUESS),
}


def meta(sam2: Sam2, prompt: Prompt, multimask: bool) -> tuple[Floats, Floats]:
    """Return low-resolution logits and predicted IoUs by Meta's predictor."""
    points = prompt.points if len(prompt.points) else None
    labels = prompt.point_labels if len(prompt.points) else None
    mask = None if prompt.mask is None else mask_input(prompt.mask)[None]
    _, ious, logits = sam2.predictor.predict(points, labels, prompt.box, mask, multimask, return_logits=True)
    return logits, ious


def test_the_input_of_a_mask_is_scaled_as_in_metas_base() -> None:
    mask = np.kron(BLOB[::2, ::2], np.ones((4, 4), np.bool_))[:512, :1024]
    scaled = torch.from_numpy(mask[None, None].astype(np.float32)) * 20.0 - 10.0
    expected = functional.interpolate(scaled, (256, 256), mode="area")[0, 0]
    np.testing.assert_allclose(mask_input(encode_rle(mask)), expected, atol=1e-4)


@pytest.mark.parametrize("photograph", ["astronaut", "coffee", "camera", "tiny"])
def test_pixels_are_those_of_metas_transforms(photograph: str) -> None:
    rgb = _photograph(photograph)
    expected = SAM2Transforms(1024, 0.0)(rgb).numpy()
    np.testing.assert_allclose(preprocess_for_sam2(rgb)[0], expected, atol=1e-5)


def _photograph(name: str) -> Rgb:
    if name == "tiny":
        return np.ascontiguousarray(data.astronaut()[100:116, 200:237])
    picture = getattr(data, name)()
    return np.ascontiguousarray(picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2))


@pytest.mark.parametrize("runtime", TOLERANCE)
def test_features_are_those_of_metas_predictor(sam2: Sam2, runtime: str) -> None:
    reference = sam2.predictor._features
    arrays, model = sam2.embeddings[runtime].arrays, sam2.predictor.model
    first, _, _, second, _ = model.sam_mask_decoder.output_upscaling
    prompts = model.sam_prompt_encoder.no_mask_embed.weight.detach().numpy()
    finest, fine = (level[0].detach().numpy() for level in reference["high_res_feats"])
    image = reference["image_embed"][0].detach().numpy()
    close = TOLERANCE[runtime]
    np.testing.assert_allclose((arrays["tokens"] - prompts).T.reshape(256, 64, 64), image, atol=close)
    np.testing.assert_allclose(_unblocked(arrays["fine"] - first.bias.detach().numpy(), 1), fine, atol=close)
    np.testing.assert_allclose(
        _unblocked(arrays["finest"] - second.bias.detach().numpy(), 2), finest, atol=close
    )


def _unblocked(rows: Floats, doublings: int) -> Floats:
    """Return pixels grouped by token, [S * S, C], as a map [C, S, S]."""
    halves = [2] * doublings
    grid = rows.reshape(64, 64, *[side for half in halves for side in (half, half)], rows.shape[1])
    ys, xs = range(0, 2 * doublings + 2, 2), range(1, 2 * doublings + 2, 2)
    side = 64 * 2**doublings
    return grid.transpose(grid.ndim - 1, *ys, *xs).reshape(rows.shape[1], side, side)


@pytest.mark.parametrize("runtime", TOLERANCE)
def test_three_masks_of_a_click_are_metas(sam2: Sam2, runtime: str) -> None:
    logits, ious = meta(sam2, CLICK, multimask=True)
    found = sam2.segmenters[runtime].decode(sam2.embeddings[runtime], [CLICK])
    order = np.argsort(-ious)
    np.testing.assert_allclose(found.quality, ious[order], atol=TOLERANCE[runtime])
    np.testing.assert_allclose(found.logits.clip(-32, 32), logits[order], atol=TOLERANCE[runtime])


@pytest.mark.parametrize("name", [name for name in PROMPTS if name != "click"])
@pytest.mark.parametrize("runtime", TOLERANCE)
def test_masks_of_an_unambiguous_prompt_are_metas(sam2: Sam2, name: str, runtime: str) -> None:
    found = sam2.segmenters[runtime].decode(sam2.embeddings[runtime], [PROMPTS[name]])
    nested, nested_ious = meta(sam2, PROMPTS[name], multimask=True)
    single, single_iou = meta(sam2, PROMPTS[name], multimask=False)
    assert len(found) == 4
    close = TOLERANCE[runtime]
    np.testing.assert_allclose(found.quality[0], single_iou[0], atol=close)
    np.testing.assert_allclose(found.logits[0].clip(-32, 32), single[0], atol=close)
    for logits, iou in zip(nested, nested_ious, strict=True):
        nearest = int(np.argmin(abs(found.quality - iou)))
        np.testing.assert_allclose(found.quality[nearest], iou, atol=close)
        np.testing.assert_allclose(found.logits[nearest].clip(-32, 32), logits, atol=close)


@pytest.mark.parametrize("runtime", TOLERANCE)
def test_a_batch_answers_as_each_prompt_alone(sam2: Sam2, runtime: str) -> None:
    segmenter, embedding = sam2.segmenters[runtime], sam2.embeddings[runtime]
    prompts = [*PROMPTS.values(), Prompt.point(10.0, 390.0)]
    together = segmenter.decode(embedding, prompts)
    alone = [segmenter.decode(embedding, [prompt]) for prompt in prompts]
    assert (
        together.prompt_index.tolist()
        == [0] * 3 + [index for index in range(1, 7) for _ in range(4)] + [7] * 3
    )
    np.testing.assert_allclose(together.logits, np.concatenate([each.logits for each in alone]), atol=1e-3)


@pytest.mark.parametrize("runtime", TOLERANCE)
def test_nothing_below_the_threshold_is_drawn(sam2: Sam2, runtime: str) -> None:
    segmenter, embedding = sam2.segmenters[runtime], sam2.embeddings[runtime]
    every = segmenter.decode(embedding, [CLICK, Prompt.point(10.0, 390.0)])
    middle = float(np.median(every.quality))
    good = segmenter.decode(embedding, [CLICK, Prompt.point(10.0, 390.0)], middle)
    assert len(good) == np.count_nonzero(every.quality >= middle)
    assert len(segmenter.decode(embedding, [CLICK], 1.1)) == 0


@pytest.mark.parametrize("size", PUBLISHED_BYTES)
def test_every_size_has_the_published_weights_and_the_shapes_we_expect(
    size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Hiera reads numbers from a linspace while it is built, which the meta device does not have.
    monkeypatch.setattr(torch, "linspace", partial(torch.linspace, device="cpu"))
    with torch.device("meta"):
        model = build_sam2_model(f"sam2.1_hiera_{size}", None, torch.device("meta"))
        weights = model.state_dict()
        *shared, fine, finest = Sam2ImageTower(model)(torch.zeros(1, 3, 1024, 1024))
        points = torch.zeros(5, 2, 2), torch.ones(5, 2, dtype=torch.int64)
        ious, tokens, image = Sam2PromptTower(model)(*points, *shared)
        logits = Sam2MaskTower(model)(image, tokens, fine, finest)
        masked, *_ = Sam2MaskedPromptTower(model)(*points, torch.zeros(5, 256, 256), shared[0])
    content = sum(tensor.numel() * tensor.element_size() for tensor in weights.values())
    assert content < PUBLISHED_BYTES[size] < 1.005 * content
    assert (tuple(ious.shape), tuple(logits.shape)) == ((5, 4), (5, 4, 256, 256))
    assert tuple(masked.shape) == (5, 4)


def test_bfloat16_as_on_a_gpu_draws_nearly_the_same_masks(
    sam2: Sam2, coffee: Rgb, monkeypatch: pytest.MonkeyPatch
) -> None:
    if len(sam2.predictor.model.image_encoder.trunk.blocks) > DEEPEST:
        pytest.skip("rounding adds up over this many random layers until nothing is near")
    segmenter = sam2.segmenters["torch"]
    exact = segmenter.decode(sam2.embeddings["torch"], list(PROMPTS.values()))
    monkeypatch.setattr(sam2_torch, "autocast", lambda device: torch.autocast(device.type, torch.bfloat16))
    rounded = segmenter.decode(segmenter.encode(coffee), list(PROMPTS.values()))
    np.testing.assert_allclose(rounded.quality, exact.quality, atol=0.02)
    # Random weights give many logits near zero, where rounding decides; trained ones do not.
    decided = np.abs(exact.logits) > CLEAR
    assert ((rounded.logits > 0) == (exact.logits > 0))[decided].mean() > 0.99
