"""Fakes behind the ports: quick, deterministic, without weights."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from domain.arrays import Floats, Rgb
from domain.depth import DepthMap
from domain.masks import Candidates, Embedding, Prompt
from domain.models import ModelInfo, SegmenterDefaults, TextPrompting
from domain.run_lengths import mask_coverage
from domain.text import Caption, DetectedLines, RecognizedText

SIDE = 64
RADII = (0.10, 0.18, 0.30)


class DiscSegmenter:
    """Answers a prompt with three discs around it, the small one best; low resolution is SIDE x SIDE."""

    info = ModelInfo("fake-discs", "5" * 64)
    defaults = SegmenterDefaults(quality_threshold=0.2, stability_threshold=0.2, prompts_per_batch=16)

    def __init__(self) -> None:
        self.encoded = 0
        self.batches: list[int] = []

    def encode(self, rgb: Rgb) -> Embedding:
        self.encoded += 1
        return Embedding({"mean": rgb.mean(axis=(0, 1))}, *rgb.shape[:2])

    def decode(
        self, embedding: Embedding, prompts: Sequence[Prompt], quality_threshold: float = 0.0
    ) -> Candidates:
        self.batches.append(len(prompts))
        y, x = (np.mgrid[:SIDE, :SIDE] + 0.5) / SIDE
        logits = []
        for prompt in prompts:
            centre_x, centre_y = _centre(prompt, embedding)
            distance = np.hypot(x - centre_x, y - centre_y)
            logits += [radius - distance for radius in RADII]
        count = len(prompts)
        answer = Candidates(
            np.array(logits, np.float32),
            np.repeat(np.arange(count), len(RADII)),
            np.tile(np.array([0.9, 0.7, 0.5], np.float32), count),
            np.tile(np.array([0.9, 0.8, 0.7], np.float32), count),
        )
        return answer.take(answer.quality >= quality_threshold)


def _centre(prompt: Prompt, embedding: Embedding) -> tuple[float, float]:
    if prompt.box is not None:
        x0, y0, x1, y1 = prompt.box
        return (x0 + x1) / 2 / embedding.width, (y0 + y1) / 2 / embedding.height
    if not len(prompt.points):
        rows, columns = np.nonzero(mask_coverage(prompt.mask, SIDE, SIDE))
        return (columns.mean() + 0.5) / SIDE, (rows.mean() + 0.5) / SIDE
    x, y = prompt.points[0]
    return x / embedding.width, y / embedding.height


class ColorEncoder:
    """Names by colour: the text "red" and a red crop share a direction."""

    info = ModelInfo("fake-colors", "6" * 64)
    prompting = TextPrompting(templates=("{}",), view="crop", batch_size=10)
    logit_scale = 20.0
    naming_dims = 0
    colors = ("red", "green", "blue")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.batches: list[int] = []

    def encode_images(self, crops: Sequence[Rgb]) -> Floats:
        self.batches.append(len(crops))
        means = np.array([crop.mean(axis=(0, 1)) for crop in crops], np.float32) + 1e-3
        return means / np.linalg.norm(means, axis=1, keepdims=True)

    def reject_similarities(self, images: Floats) -> Floats:
        return np.full(len(images), 0.7, np.float32)

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        self.texts += texts
        rows = [[float(color in text) for color in self.colors] for text in texts]
        vectors = np.array(rows, np.float32) + 1e-3
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class StripeReader:
    """Finds dark stripes on white; each says how long it is, and is read well from its darker end on only.

    A stripe is black but for its last fifth, which is grey: that tells its end from its beginning.
    """

    info = ModelInfo("fake-stripes", "7" * 64)
    right_to_left = False

    def detect(self, rgb: Rgb, listener: Callable[[int, int], None]) -> DetectedLines:
        _, _, found, _ = cv2.connectedComponentsWithStats((rgb[..., 0] < 192).astype(np.uint8))
        boxes = [(x, y, x + w, y + h) for x, y, w, h, _ in found[1:].tolist()]
        quads = [[[x0, y0], [x1, y0], [x1, y1], [x0, y1]] for x0, y0, x1, y1 in boxes]
        listener(1, 1)
        return DetectedLines(np.array(quads, np.float32).reshape(-1, 4, 2), 1.0)

    def read(self, rgb: Rgb, quad: Floats) -> RecognizedText:
        start, end = (quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2
        black, grey = (
            rgb[tuple((start + share * (end - start)).astype(int)[::-1])][0] for share in (0.1, 0.9)
        )
        along, across = np.linalg.norm(end - start), np.linalg.norm(quad[3] - quad[0])
        right = black < 64 <= grey < 192 and along > across
        return RecognizedText(f"stripe {along:.0f}", 0.95 if right else 0.3)


class SlopeEstimator:
    """The lower in the picture, the nearer: inverse depth from 1 at the top to 3 at the bottom."""

    info = ModelInfo("fake-slope", "8" * 64)

    def estimate(self, rgb: Rgb) -> DepthMap:
        height, width = rgb.shape[:2]
        column = np.linspace(1.0, 3.0, height, dtype=np.float32)
        return DepthMap(np.repeat(column[:, None], width, axis=1), "relative")


class ParrotCaptioner:
    """Says the same of every photograph, the second time less surely."""

    info = ModelInfo("fake-parrot", "9" * 64)

    def caption(self, rgb: Rgb, count: int) -> list[Caption]:  # noqa: ARG002 - the port has it
        said = Caption("a parrot on a branch", 0.5, -0.7), Caption("a parrot", 0.25, -1.4)
        return [*said[:count]]
