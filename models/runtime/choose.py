"""The rule by which a published checkpoint gets its runtime.

With a GPU torch is quicker by far. On the CPU the graphs are (measured in docs/models/checkpoints.md), and
they need neither torch's memory nor its start-up time.
"""

import ctypes.util
import importlib.util
from typing import Literal

INSTALL_TORCH = "pip install -r requirements-torch.txt"

RuntimeName = Literal["torch", "onnx"]


def choose_runtime(wanted: str, device: str, exported: bool) -> RuntimeName:
    """Which runtime serves a checkpoint.

    Args:
        wanted: `auto`, `torch` or `onnx`.
        device: `auto`, `cpu` or `cuda`: where torch would compute.
        exported: Whether its graphs are there.
    """
    if wanted != "auto":
        return "torch" if wanted == "torch" else "onnx"
    if device == "cuda" or (device == "auto" and torch_is_installed() and _has_gpu()):
        return "torch"
    return "onnx" if exported or not torch_is_installed() else "torch"


def torch_is_installed() -> bool:
    """Whether torch could be imported; it is not imported for that."""
    return importlib.util.find_spec("torch") is not None


def _has_gpu() -> bool:
    """Whether torch sees a CUDA device; asked only where there is a driver, for the import takes seconds."""
    if ctypes.util.find_library("cuda") is None:
        return False
    from models.runtime.torch import choose_device

    return choose_device("auto").type == "cuda"
