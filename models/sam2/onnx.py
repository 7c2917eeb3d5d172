"""SAM 2.1 as three ONNX graphs: what the adapter calls where there is no torch."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from models.runtime.onnx import OnnxGraph
from models.sam2.network import SAM2_FEATURE_NAMES

PROMPTS_PER_BATCH = 4
"""Arrays of this many prompts stay in the caches; the cores work on different batches."""


class OnnxSam2:
    """The network Sam2Network over exported graphs.

    Args:
        image: `pixels` to FEATURES.
        prompt: `coords`, `labels` and the first four features to `ious`, `weights`, `image`.
        mask: `image`, `weights` and the other two features to `logits`.
    """

    prompts_per_batch = PROMPTS_PER_BATCH

    def __init__(self, image: OnnxGraph, prompt: OnnxGraph, mask: OnnxGraph) -> None:
        self._image, self._prompt, self._mask = image, prompt, mask

    @classmethod
    def load(cls, directory: Path, threads: int) -> "OnnxSam2":
        """The graphs that `export_sam2` wrote; the image graph uses `threads` cores."""
        image = OnnxGraph(directory / "image.onnx", threads)
        # Decoding is spread over the worker pool: one core a batch wastes none on waiting for the others.
        return cls(image, *(OnnxGraph(directory / f"{name}.onnx", 1, True) for name in ("prompt", "mask")))

    def encode(self, pixels: Floats) -> Mapping[str, Floats]:
        """The image graph's outputs by name."""
        return dict(zip(SAM2_FEATURE_NAMES, self._image.run({"pixels": pixels}), strict=True))

    def decode(
        self,
        features: Mapping[str, Floats],
        coords: Floats,
        labels: NDArray[np.int64],
        wanted: Callable[[Floats], NDArray[np.bool_]],
    ) -> tuple[Floats, Floats]:
        """As Sam2Network says."""
        shared = {name: features[name] for name in SAM2_FEATURE_NAMES[:4]}
        ious, weights, image = self._prompt.run({"coords": coords, "labels": labels, **shared})
        chosen = wanted(ious)
        rows = chosen.any(1)
        if not rows.any():
            return ious, np.empty((0, 256, 256), np.float32)
        fine = {name: features[name] for name in SAM2_FEATURE_NAMES[4:]}
        (logits,) = self._mask.run({"image": image[rows], "weights": weights[rows], **fine})
        return ious, logits[chosen[rows]]
