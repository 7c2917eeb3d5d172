"""SAM 2.1 in torch behind plain arrays: what the segmenter adapter calls."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from domain.arrays import Floats
from models.runtime.torch import autocast
from models.sam2.build import build
from models.sam2.image_tower import ImageTower
from models.sam2.mask_tower import SIDE, MaskTower
from models.sam2.network import FEATURES
from models.sam2.prompt_tower import PromptTower

CPU_BATCH, GPU_BATCH = 4, 64


class TorchSam2:
    """The network Sam2Network over torch.

    Args:
        model: Meta's SAM2Base, on the device it shall compute on.
    """

    def __init__(self, model: Any) -> None:
        self._device = model.device
        self._image, self._prompt, self._mask = ImageTower(model), PromptTower(model), MaskTower(model)
        self.prompts_per_batch = GPU_BATCH if self._device.type == "cuda" else CPU_BATCH

    @classmethod
    def load(cls, architecture: str, checkpoint: Path, device: torch.device, threads: int) -> "TorchSam2":
        """The network of a published checkpoint.

        Raises:
            ValueError: The checkpoint does not fit the architecture.
        """
        torch.set_num_threads(threads)
        return cls(build(architecture, checkpoint, device))

    @torch.inference_mode()
    def encode(self, pixels: Floats) -> Mapping[str, Floats]:
        """The image tower's features of normalised pixels [1, 3, 1024, 1024], float32."""
        with autocast(self._device):
            features = self._image(self._tensor(pixels))
        return {name: _array(tensor) for name, tensor in zip(FEATURES, features, strict=True)}

    @torch.inference_mode()
    def decode(
        self,
        features: Mapping[str, Floats],
        coords: Floats,
        labels: NDArray[np.int64],
        wanted: Callable[[Floats], NDArray[np.bool_]],
    ) -> tuple[Floats, Floats]:
        """As Sam2Network says."""
        held = [self._tensor(features[name]) for name in FEATURES]
        with autocast(self._device):
            ious, weights, image = self._prompt(self._tensor(coords), self._tensor(labels), *held[:4])
            predicted = _array(ious)
            chosen = torch.from_numpy(wanted(predicted)).to(self._device)
            rows = chosen.any(1)
            if not rows.any():
                return predicted, np.empty((0, SIDE, SIDE), np.float32)
            logits = self._mask(image[rows], weights[rows], *held[4:])
        return predicted, _array(logits[chosen[rows]])

    def _tensor(self, array: NDArray[Any]) -> torch.Tensor:
        # Through DLPack, which takes read-only arrays without a warning; nothing writes to the tensor.
        return torch.from_dlpack(array).to(self._device)


def _array(tensor: torch.Tensor) -> Floats:
    return tensor.float().cpu().numpy()
