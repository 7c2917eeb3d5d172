"""Reads OpenAI's CLIP files, which are TorchScript archives: the one place that runs `torch.jit.load`."""

import warnings
from pathlib import Path

import torch

NOT_WEIGHTS = ("input_resolution", "context_length", "vocab_size")
"""Integers that OpenAI keeps among the weights."""


def read_openai_archive(path: Path) -> dict[str, torch.Tensor]:
    """The weights in an archive, by name, on the CPU.

    An archive holds code as well as weights, and `weights_only` does not exist for it: call this only with
    files whose hash was compared with the published one.

    Raises:
        RuntimeError: The file is no TorchScript archive.
    """
    with warnings.catch_warnings():
        # torch advises against writing such files; these are published and stay as they are.
        warnings.filterwarnings("ignore", "`torch.jit.load` is deprecated", FutureWarning)
        state: dict[str, torch.Tensor] = torch.jit.load(str(path), map_location="cpu").state_dict()
    return {name: tensor for name, tensor in state.items() if name not in NOT_WEIGHTS}
