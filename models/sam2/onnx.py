"""SAM 2.1 as four ONNX graphs, without torch."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from models.runtime.onnx import OnnxGraph
from models.sam2.network import SAM2_FEATURE_NAMES

PROMPTS_PER_BATCH = 4
"""Batch size whose arrays stay in the CPU's caches; the cores decode different batches."""


class OnnxSam2:
    """The interface `Sam2Network` over exported graphs.

    Args:
        image: Graph from `pixels` to SAM2_FEATURE_NAMES.
        prompt: Graph from `coords`, `labels` and the first four features to `ious`, `weights`, `image`.
        masked_prompt: Graph from `coords`, `labels`, `masks` and `tokens` to the same outputs.
        mask: Graph from `image`, `weights` and the other two features to `logits`.
    """

    prompts_per_batch = PROMPTS_PER_BATCH

    def __init__(
        self, image: OnnxGraph, prompt: OnnxGraph, masked_prompt: OnnxGraph, mask: OnnxGraph
    ) -> None:
        self._image, self._prompt, self._masked_prompt, self._mask = image, prompt, masked_prompt, mask

    @classmethod
    def load(cls, directory: Path, threads: int) -> "OnnxSam2":
        """Load the graphs that `export_sam2` wrote; the image graph uses `threads` cores."""
        image = OnnxGraph(directory / "image.onnx", threads)
        # Batches are decoded on several threads, so a graph with one core wastes none on synchronisation.
        names = ("prompt", "masked_prompt", "mask")
        return cls(image, *(OnnxGraph(directory / f"{name}.onnx", 1, True) for name in names))

    def encode(self, pixels: Floats) -> Mapping[str, Floats]:
        """Return the features of normalised pixels float32 [1, 3, 1024, 1024] by name."""
        return dict(zip(SAM2_FEATURE_NAMES, self._image.run({"pixels": pixels}), strict=True))

    def decode(
        self,
        features: Mapping[str, Floats],
        coords: Floats,
        labels: NDArray[np.int64],
        select: Callable[[Floats], NDArray[np.bool_]],
        masks: Floats | None = None,
    ) -> tuple[Floats, Floats]:
        """Return predicted IoUs and logits as `Sam2Network` documents."""
        points: dict[str, NDArray[Any]] = {"coords": coords, "labels": labels}
        if masks is None:
            shared = {name: features[name] for name in SAM2_FEATURE_NAMES[:4]}
            ious, weights, image = self._prompt.run({**points, **shared})
        else:
            guesses = {"masks": masks, "tokens": features["tokens"]}
            ious, weights, image = self._masked_prompt.run({**points, **guesses})
        chosen = select(ious)
        rows = chosen.any(1)
        if not rows.any():
            return ious, np.empty((0, 256, 256), np.float32)
        fine = {name: features[name] for name in SAM2_FEATURE_NAMES[4:]}
        (logits,) = self._mask.run({"image": image[rows], "weights": weights[rows], **fine})
        return ious, logits[chosen[rows]]
