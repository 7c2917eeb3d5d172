"""Predictions like SAM's, recorded from real masks of photographs, and networks that replay them."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from sam2.automatic_mask_generator import SAM2AutomaticMaskGenerator
from sam2.sam2_image_predictor import SAM2ImagePredictor
from skimage.segmentation import felzenszwalb

from bootstrap import build_services
from config.settings import Settings
from domain.arrays import Floats, Rgb
from domain.masks import Candidates, Embedding, Prompt
from domain.models import ModelInfo, SegmenterDefaults
from models.sam2.segmenter import logit_stability
from services.masks.grid import point_grid_prompts

SIDE = 256
POINTS = 16


@dataclass(frozen=True)
class Recording:
    """Recorded answers for each of POINTS x POINTS grid points.

    Attributes:
        logits: float32 [P, 3, 256, 256].
        ious: float32 [P, 3].
    """

    logits: Floats
    ious: Floats


def record(rgb: Rgb) -> Recording:
    """Return masks of the embedded segmenter and Felzenszwalb's, soft, uneven and distinct."""
    segmenter = build_services(Settings()).models.segmenter.get()
    prompts = point_grid_prompts(rgb.shape[1], rgb.shape[0], POINTS)
    found = segmenter.decode(segmenter.encode(rgb), prompts)
    segments = felzenszwalb(rgb, scale=60, min_size=150)
    random = np.random.default_rng(7)
    masks = []
    for index, prompt in enumerate(prompts):
        answers = np.flatnonzero(found.prompt_index == index)
        x, y = prompt.points[0].astype(int)
        masks += [found.logits[answers[0]] > 0, found.logits[answers[-1]] > 0, segments == segments[y, x]]
    logits = np.stack([_soft(mask, random) for mask in masks]).reshape(-1, 3, SIDE, SIDE)
    ious = random.permutation(np.linspace(0.5, 1.0, len(masks), dtype=np.float32))
    return Recording(logits, ious.reshape(-1, 3))


def _soft(mask: np.ndarray, random: np.random.Generator) -> Floats:
    """Return the distance from the border of the mask in SAM's frame, with a given slope and smooth noise."""
    small = cv2.resize(mask.astype(np.uint8), (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    inside, outside = (cv2.distanceTransform(side, cv2.DIST_L2, 5) for side in (small, 1 - small))
    noise = cv2.GaussianBlur(random.normal(size=(SIDE, SIDE)).astype(np.float32), (0, 0), 3)
    steep = np.exp(random.uniform(np.log(0.3), np.log(12.0)))
    return np.clip(steep * (inside - outside + 4 * noise), -24, 24).astype(np.float32)


class RecordedSegmenter:
    """Segmenter behind our port that answers grid points from a recording, in the recorded order."""

    info = ModelInfo("recorded", "0" * 64)

    def __init__(self, recording: Recording, quality: float = 0.8, steady: float = 0.95) -> None:
        self.defaults = SegmenterDefaults(quality, steady, prompts_per_batch=64)
        self._recording = recording

    def encode(self, rgb: Rgb) -> Embedding:
        return Embedding({}, *rgb.shape[:2])

    def decode(
        self, embedding: Embedding, prompts: Sequence[Prompt], quality_threshold: float = 0.0
    ) -> Candidates:
        places = np.array([prompt.points[0] for prompt in prompts]) / [embedding.width, embedding.height]
        columns, rows = (places * POINTS).astype(np.int64).T
        index = rows * POINTS + columns
        logits = self._recording.logits[index].reshape(-1, SIDE, SIDE)
        quality = self._recording.ious[index].ravel()
        owner = np.repeat(np.arange(len(prompts)), 3)
        found = Candidates(logits, owner, quality, logit_stability(logits))
        return found.take(quality >= quality_threshold)


class _Model(torch.nn.Module):
    """Attributes that Meta's predictor reads of a network that never runs."""

    image_size = 1024
    device = torch.device("cpu")


class _RecordedPredictor(SAM2ImagePredictor):
    """Meta's predictor, upsampling included, whose network is a recording."""

    def __init__(self, recording: Recording) -> None:
        super().__init__(_Model(), disable_torch_jit=True)
        self._logits, self._ious = torch.from_numpy(recording.logits), torch.from_numpy(recording.ious)
        self._next = 0

    def set_image(self, image: Rgb) -> None:
        self._orig_hw = [image.shape[:2]]
        self._is_image_set = True
        self._next = 0

    def _predict(self, point_coords: torch.Tensor, *_: object, **__: object):  # type: ignore[no-untyped-def]
        chosen = slice(self._next, self._next + len(point_coords))
        self._next = chosen.stop
        masks = self._transforms.postprocess_masks(self._logits[chosen], self._orig_hw[0])
        return masks, self._ious[chosen], self._logits[chosen]


def meta_generator(recording: Recording, **options: float) -> SAM2AutomaticMaskGenerator:
    """Return Meta's generator over a recording."""
    generator = SAM2AutomaticMaskGenerator(_Model(), points_per_side=POINTS, **options)
    generator.predictor = _RecordedPredictor(recording)
    return generator
