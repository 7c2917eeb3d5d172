"""BLIP in torch, from published files; nothing is ever downloaded."""

import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import BlipConfig, BlipForConditionalGeneration
from transformers.utils.logging import disable_progress_bar

from domain.arrays import Floats
from models.runtime.torch import autocast

POSITION_BUFFER = "position_ids"
"""Suffix of buffers of the published file that current versions of the network compute themselves."""


def build_blip(config: Path, checkpoint: Path, device: torch.device) -> BlipForConditionalGeneration:
    """Build the network in evaluation mode.

    Args:
        config: Published config.json.
        checkpoint: Published pytorch_model.bin, a state dict.
        device: Device of the weights.

    Raises:
        ValueError: The checkpoint does not belong to the network of the configuration.
    """
    disable_progress_bar()
    weights = torch.load(
        checkpoint, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(checkpoint)
    )
    if not isinstance(weights, dict) or not all(isinstance(each, Tensor) for each in weights.values()):
        raise ValueError(f"{checkpoint.name}: expected a dictionary of tensors by name, got something else")
    loaded: Any = BlipForConditionalGeneration.from_pretrained(
        None,
        config=BlipConfig.from_json_file(config),
        state_dict={name: tensor for name, tensor in weights.items() if not name.endswith(POSITION_BUFFER)},
        ignore_mismatched_sizes=True,
        local_files_only=True,
        output_loading_info=True,
    )
    model, loading_info = loaded
    wrong = sum(len(loading_info[kind]) for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    if wrong:
        raise ValueError(
            f"{checkpoint.name} is not a checkpoint of {config.name}: "
            f"{wrong} tensors are missing, not known or of another shape"
        )
    ready: BlipForConditionalGeneration = model.eval().requires_grad_(False).to(device)
    return ready


NUM_BEAMS = 3

MAX_LENGTH_TOKENS, MIN_LENGTH_TOKENS = 20, 5
"""Limits of the number of tokens, the first one included; like NUM_BEAMS as in the original's evaluation."""


class TorchBlip:
    """The interface `BlipNetwork` over torch. It is stateless, so threads can share it.

    Args:
        model: Network on the device that shall compute.
    """

    def __init__(self, model: BlipForConditionalGeneration) -> None:
        self._model = model
        self._device = next(model.parameters()).device

    @classmethod
    def load(cls, config: Path, checkpoint: Path, device: torch.device, threads: int) -> "TorchBlip":
        """Load the network of published files.

        Raises:
            ValueError: The files do not fit each other.
        """
        torch.set_num_threads(threads)
        return cls(build_blip(config, checkpoint, device))

    @property
    def side(self) -> int:
        """Side in pixels of the square input."""
        config: Any = self._model.config
        return int(config.vision_config.image_size)

    @torch.inference_mode()
    def generate(self, pixels: Floats, count: int) -> list[tuple[list[int], float]]:
        """Return the best captions by beam search over NUM_BEAMS; bfloat16 on a GPU, float32 on the CPU."""
        with autocast(self._device):
            found: Any = self._model.generate(
                torch.from_numpy(pixels).to(self._device),
                num_beams=NUM_BEAMS,
                num_return_sequences=min(count, NUM_BEAMS),
                max_length=MAX_LENGTH_TOKENS,
                min_length=MIN_LENGTH_TOKENS,
                do_sample=False,
                return_dict_in_generate=True,
                output_scores=True,
            )
        scores = found.sequences_scores.float().tolist()
        return [*zip(found.sequences.tolist(), scores, strict=True)]
