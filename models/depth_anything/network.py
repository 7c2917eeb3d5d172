"""Depth Anything V2 in torch behind plain arrays: what the depth adapter calls."""

from pathlib import Path

import torch

from domain.arrays import Floats
from models.depth_anything.torch import DepthAnything, build
from models.runtime.torch import autocast


class TorchDepthAnything:
    """The network DepthAnythingNetwork over torch. Stateless between calls, shared by threads.

    Args:
        model: On the device it shall compute on.
    """

    def __init__(self, model: DepthAnything) -> None:
        self._model = model
        self._device = next(model.parameters()).device

    @classmethod
    def load(
        cls, architecture: str, checkpoint: Path, device: torch.device, threads: int
    ) -> "TorchDepthAnything":
        """The network of a published checkpoint.

        Raises:
            ValueError: The checkpoint does not fit the architecture.
        """
        torch.set_num_threads(threads)
        return cls(build(architecture, checkpoint, device))

    @torch.inference_mode()
    def inverse_depth(self, pixels: Floats) -> Floats:
        """As DepthAnythingNetwork says; bfloat16 on a GPU, float32 on the CPU."""
        with autocast(self._device):
            inverse = self._model(torch.from_numpy(pixels).to(self._device))
        return inverse.float().cpu().numpy()
