"""Prints the machine and the figures that were measured on it."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

LIBRARIES = ("numpy", "onnxruntime", "opencv-python-headless", "higra", "pillow", "torch")
"""Packages whose versions are printed, where they are installed."""

MODULES = {"opencv-python-headless": "cv2", "pillow": "PIL"}
"""Module of a package, where it has another name."""


def machine() -> str:
    """Return processor, number of cores and versions in one line."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    versions = ", ".join(
        f"{name} {version(name)}" for name in LIBRARIES if find_spec(MODULES.get(name, name))
    )
    processor = models[0] if models else platform.processor()
    cores = len(os.sched_getaffinity(0))
    return f"{processor}, {cores} cores, Python {platform.python_version()}, {versions}"


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table in Markdown below a heading."""
    print(f"\n### {title}\n")
    for row in (head, ["---"] * len(head), *rows):
        print("| " + " | ".join(str(cell) for cell in row) + " |")
