"""Builds SAM 2.1 from Meta's own configuration and a published checkpoint."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sam2.build_sam import build_sam2

from domain.arrays import Floats
from models.runtime.torch import autocast
from models.sam2.network import SAM2_FEATURE_NAMES
from models.sam2.torch_towers import MASK_SIDE_PX, Sam2ImageTower, Sam2MaskTower, Sam2PromptTower


def build_sam2_model(architecture: str, checkpoint: Path | None, device: torch.device) -> Any:
    """Meta's SAM2Base, in evaluation mode.

    Args:
        architecture: Name of one of Meta's configurations, e.g. "sam2.1_hiera_t".
        checkpoint: A published .pt file, {"model": state dict}; None leaves random weights.
        device: Where it computes.

    Raises:
        ValueError: The checkpoint is of another architecture, or no checkpoint of SAM 2.
    """
    model = build_sam2(f"configs/sam2.1/{architecture}.yaml", device=str(device))
    if checkpoint is not None:
        _load_weights(model, checkpoint, architecture)
    return model


def _load_weights(model: Any, checkpoint: Path, architecture: str) -> None:
    content = torch.load(checkpoint, map_location="cpu", weights_only=True)
    if not isinstance(content, dict) or "model" not in content:
        raise ValueError(f"{checkpoint.name}: expected a SAM 2 checkpoint with the key 'model', got none")
    missing, unexpected = model.load_state_dict(content["model"], strict=False)
    if missing or unexpected:
        raise ValueError(
            f"{checkpoint.name} is not a checkpoint of {architecture}: "
            f"{len(missing)} tensors are missing, {len(unexpected)} are not known"
        )


CPU_PROMPTS_PER_BATCH, GPU_PROMPTS_PER_BATCH = 4, 64


class TorchSam2:
    """The network Sam2Network over torch.

    Args:
        model: Meta's SAM2Base, on the device it shall compute on.
    """

    def __init__(self, model: Any) -> None:
        self._device = model.device
        self._image, self._prompt, self._mask = (
            Sam2ImageTower(model),
            Sam2PromptTower(model),
            Sam2MaskTower(model),
        )
        self.prompts_per_batch = (
            GPU_PROMPTS_PER_BATCH if self._device.type == "cuda" else CPU_PROMPTS_PER_BATCH
        )

    @classmethod
    def load(cls, architecture: str, checkpoint: Path, device: torch.device, threads: int) -> "TorchSam2":
        """The network of a published checkpoint.

        Raises:
            ValueError: The checkpoint does not fit the architecture.
        """
        torch.set_num_threads(threads)
        return cls(build_sam2_model(architecture, checkpoint, device))

    @torch.inference_mode()
    def encode(self, pixels: Floats) -> Mapping[str, Floats]:
        """The image tower's features of normalised pixels [1, 3, 1024, 1024], float32."""
        with autocast(self._device):
            features = self._image(self._tensor(pixels))
        return {name: _to_numpy(tensor) for name, tensor in zip(SAM2_FEATURE_NAMES, features, strict=True)}

    @torch.inference_mode()
    def decode(
        self,
        features: Mapping[str, Floats],
        coords: Floats,
        labels: NDArray[np.int64],
        wanted: Callable[[Floats], NDArray[np.bool_]],
    ) -> tuple[Floats, Floats]:
        """As Sam2Network says."""
        held = [self._tensor(features[name]) for name in SAM2_FEATURE_NAMES]
        with autocast(self._device):
            ious, weights, image = self._prompt(self._tensor(coords), self._tensor(labels), *held[:4])
            predicted = _to_numpy(ious)
            chosen = torch.from_numpy(wanted(predicted)).to(self._device)
            rows = chosen.any(1)
            if not rows.any():
                return predicted, np.empty((0, MASK_SIDE_PX, MASK_SIDE_PX), np.float32)
            logits = self._mask(image[rows], weights[rows], *held[4:])
        return predicted, _to_numpy(logits[chosen[rows]])

    def _tensor(self, array: NDArray[Any]) -> torch.Tensor:
        # Through DLPack, which takes read-only arrays without a warning; nothing writes to the tensor.
        return torch.from_dlpack(array).to(self._device)


def _to_numpy(tensor: torch.Tensor) -> Floats:
    return tensor.float().cpu().numpy()
