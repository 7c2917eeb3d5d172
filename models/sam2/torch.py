"""SAM 2.1 in torch, from Meta's own configuration and a published checkpoint."""

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
from models.sam2.torch_masked_prompts import Sam2MaskedPromptTower
from models.sam2.torch_towers import (
    MASK_SIDE_PX,
    Sam2ImageTower,
    Sam2MaskTower,
    Sam2PromptTower,
)


def build_sam2_model(architecture: str, checkpoint: Path | None, device: torch.device) -> Any:
    """Build Meta's SAM2Base in evaluation mode.

    Args:
        architecture: Name of one of Meta's configurations, e.g. "sam2.1_hiera_t".
        checkpoint: Published .pt file, {"model": state dict}; None leaves random weights.
        device: Device of the weights.

    Raises:
        ValueError: The checkpoint is of another architecture, or not of SAM 2.
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
    """The interface `Sam2Network` over torch.

    Args:
        model: Meta's SAM2Base, on the device that shall compute.
    """

    def __init__(self, model: Any) -> None:
        self._device = model.device
        self._image, self._prompt, self._masked_prompt, self._mask = (
            Sam2ImageTower(model),
            Sam2PromptTower(model),
            Sam2MaskedPromptTower(model),
            Sam2MaskTower(model),
        )
        self.prompts_per_batch = (
            GPU_PROMPTS_PER_BATCH if self._device.type == "cuda" else CPU_PROMPTS_PER_BATCH
        )

    @classmethod
    def load(cls, architecture: str, checkpoint: Path, device: torch.device, threads: int) -> "TorchSam2":
        """Load the network of a published checkpoint.

        Raises:
            ValueError: The checkpoint does not fit the architecture.
        """
        torch.set_num_threads(threads)
        return cls(build_sam2_model(architecture, checkpoint, device))

    @torch.inference_mode()
    def encode(self, pixels: Floats) -> Mapping[str, Floats]:
        """Return the features of normalised pixels float32 [1, 3, 1024, 1024] by name, in float32."""
        with autocast(self._device):
            features = self._image(self._tensor(pixels))
        return {name: _to_numpy(tensor) for name, tensor in zip(SAM2_FEATURE_NAMES, features, strict=True)}

    @torch.inference_mode()
    def decode(
        self,
        features: Mapping[str, Floats],
        coords: Floats,
        labels: NDArray[np.int64],
        select: Callable[[Floats], NDArray[np.bool_]],
        masks: Floats | None = None,
    ) -> tuple[Floats, Floats]:
        """Return predicted IoUs and logits as `Sam2Network` documents."""
        held = [self._tensor(features[name]) for name in SAM2_FEATURE_NAMES]
        with autocast(self._device):
            points = self._tensor(coords), self._tensor(labels)
            if masks is None:
                ious, weights, image = self._prompt(*points, *held[:4])
            else:
                ious, weights, image = self._masked_prompt(*points, self._tensor(masks), held[0])
            predicted = _to_numpy(ious)
            chosen = torch.from_numpy(select(predicted)).to(self._device)
            rows = chosen.any(1)
            if not rows.any():
                return predicted, np.empty((0, MASK_SIDE_PX, MASK_SIDE_PX), np.float32)
            logits = self._mask(image[rows], weights[rows], *held[4:])
        return predicted, _to_numpy(logits[chosen[rows]])

    def _tensor(self, array: NDArray[Any]) -> torch.Tensor:
        # DLPack takes read-only arrays without a warning; nothing writes to the tensor.
        return torch.from_dlpack(array).to(self._device)


def _to_numpy(tensor: torch.Tensor) -> Floats:
    return tensor.float().cpu().numpy()
