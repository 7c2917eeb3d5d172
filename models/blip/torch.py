"""BLIP in torch behind plain arrays: what the captioner calls."""

from pathlib import Path
from typing import Any

import torch
from transformers import BlipForConditionalGeneration

from domain.arrays import Floats
from models.blip.build import build
from models.runtime.torch import autocast

BEAMS = 3
LONGEST, SHORTEST = 20, 5
"""Tokens, the first one included. All three as the original evaluates captions."""


class TorchBlip:
    """The network BlipNetwork over torch. Stateless between calls, shared by threads.

    Args:
        model: On the device it shall compute on.
    """

    def __init__(self, model: BlipForConditionalGeneration) -> None:
        self._model = model
        self._device = next(model.parameters()).device

    @classmethod
    def load(cls, config: Path, checkpoint: Path, device: torch.device, threads: int) -> "TorchBlip":
        """The network of published files.

        Raises:
            ValueError: They do not fit each other.
        """
        torch.set_num_threads(threads)
        return cls(build(config, checkpoint, device))

    @property
    def side(self) -> int:
        """Pixels of the square it looks at."""
        config: Any = self._model.config
        return int(config.vision_config.image_size)

    @torch.inference_mode()
    def write(self, pixels: Floats, count: int) -> list[tuple[list[int], float]]:
        """As BlipNetwork says, by beam search over BEAMS; bfloat16 on a GPU, float32 on the CPU."""
        with autocast(self._device):
            found: Any = self._model.generate(
                torch.from_numpy(pixels).to(self._device),
                num_beams=BEAMS,
                num_return_sequences=min(count, BEAMS),
                max_length=LONGEST,
                min_length=SHORTEST,
                do_sample=False,
                return_dict_in_generate=True,
                output_scores=True,
            )
        scores = found.sequences_scores.float().tolist()
        return [*zip(found.sequences.tolist(), scores, strict=True)]
