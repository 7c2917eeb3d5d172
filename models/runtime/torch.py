"""Device and precision of torch."""

from contextlib import AbstractContextManager, nullcontext

import torch


def choose_device(device: str) -> torch.device:
    """Return the device `cpu` or `cuda`; `auto` is `cuda` if there is one.

    Raises:
        RuntimeError: `cuda` is requested and there is none.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise RuntimeError(
            "SEGLABEL_DEVICE: expected a device that exists, got cuda, but torch finds no CUDA device"
        )
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(device)


def autocast(device: torch.device) -> AbstractContextManager[object]:
    """Return the context of a forward pass: bfloat16 on a GPU, float32 on the CPU."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()
