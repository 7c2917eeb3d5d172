"""Chooses where torch computes, and how precisely."""

from contextlib import AbstractContextManager, nullcontext

import torch


def choose_device(wanted: str) -> torch.device:
    """`cpu`, `cuda`, or for `auto` whichever of the two is there.

    Raises:
        RuntimeError: `cuda` is wanted and there is none.
    """
    if wanted == "cuda" and not torch.cuda.is_available():
        raise RuntimeError("SEGLABEL_DEVICE=cuda, but torch finds no CUDA device; use auto or cpu")
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(wanted)


def autocast(device: torch.device) -> AbstractContextManager[object]:
    """bfloat16 where the GPU is quick with it; float32 on the CPU."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()
