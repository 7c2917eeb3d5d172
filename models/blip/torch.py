"""Builds BLIP from published files; nothing is ever fetched."""

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
"""Buffers of the published file that count from 0; the network of today makes them itself."""


def build_blip(config: Path, checkpoint: Path, device: torch.device) -> BlipForConditionalGeneration:
    """The network, in evaluation mode.

    Args:
        config: A published config.json.
        checkpoint: A published pytorch_model.bin, a state dict.
        device: Where it computes.

    Raises:
        ValueError: The checkpoint is not of the network that the configuration describes.
    """
    disable_progress_bar()
    weights = torch.load(
        checkpoint, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(checkpoint)
    )
    if not isinstance(weights, dict) or not all(isinstance(each, Tensor) for each in weights.values()):
        raise ValueError(f"{checkpoint.name}: expected tensors by name, got something else")
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
        return cls(build_blip(config, checkpoint, device))

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
