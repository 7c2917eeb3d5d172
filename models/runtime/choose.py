"""Choice of the runtime of a published checkpoint.

With a GPU torch is much faster. On the CPU the ONNX graphs are (measured in docs/models/checkpoints.md), and
they need neither torch's memory nor its start-up time.
"""

import ctypes.util
import importlib.util
from typing import Literal

INSTALL_TORCH = "pip install -r requirements-torch.txt"

RuntimeName = Literal["torch", "onnx"]


def choose_runtime(runtime: str, device: str, exported: bool) -> RuntimeName:
    """Return the runtime that shall serve a checkpoint.

    Args:
        runtime: `auto`, `torch` or `onnx`.
        device: Device of torch: `auto`, `cpu` or `cuda`.
        exported: Whether the ONNX graphs of the checkpoint exist.
    """
    if runtime != "auto":
        return "torch" if runtime == "torch" else "onnx"
    if device == "cuda" or (device == "auto" and torch_is_installed() and _has_gpu()):
        return "torch"
    return "onnx" if exported or not torch_is_installed() else "torch"


def torch_is_installed() -> bool:
    """Return whether torch is installed, without an import of it."""
    return importlib.util.find_spec("torch") is not None


def _has_gpu() -> bool:
    """Return whether torch finds a CUDA device; torch is imported only if there is a driver."""
    if ctypes.util.find_library("cuda") is None:
        return False
    from models.runtime.torch import choose_device

    return choose_device("auto").type == "cuda"
