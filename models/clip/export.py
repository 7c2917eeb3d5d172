"""Turns a CLIP checkpoint into ONNX graphs that need no torch."""

import shutil
import warnings
from pathlib import Path
from typing import Any

import torch

from models.clip.export_tokenizer import write_tokenizer
from models.clip.meta import TokenizerKind
from models.clip.onnx import IMAGE, REGIONS, TEXT
from models.clip.tokenizer import TOKENIZER
from models.clip.torch import TorchClip

OPSET = 17

Axes = dict[str, dict[int, str]]


def export_clip(
    path: Path, architecture: str, tag: str, directory: Path, tokenizer: Path | None = None
) -> None:
    """Write image.onnx, text.onnx, regions.onnx (ViT only), tokenizer.json and clip.json.

    Args:
        path: The checkpoint, its hash already checked.
        architecture: open_clip's name, e.g. "ViT-B-32".
        tag: open_clip's name of the training; "openai" files are TorchScript archives.
        directory: Exists; files in it are replaced.
        tokenizer: The tokenizer.json, for architectures that do not read CLIP's own tokens.

    Raises:
        ValueError: The architecture or its text tower is unknown, or its tokenizer.json is missing.
        RuntimeError: The weights do not fit.
    """
    clip = TorchClip(path, architecture, tag, "cpu")
    if not clip.text_tower.trims:
        raise ValueError(f"{architecture}: expected a causal text tower read at its end token")
    meta = clip.meta
    _write_tokenizer(meta.tokenizer, tokenizer, directory / TOKENIZER)
    pixels = torch.zeros(2, 3, meta.size, meta.size)
    _export(clip.model.visual, (pixels,), directory / IMAGE, {"pixels": {0: "images"}})
    ids = torch.zeros(2, 9, dtype=torch.int64)
    _export(clip.text_tower, (ids,), directory / TEXT, {"ids": {0: "texts", 1: "tokens"}})
    if clip.region_tower is not None:
        photograph = torch.zeros(1, 3, meta.region_size, meta.region_size)
        coverage = torch.ones(2, meta.region_grid**2)
        axes: Axes = {"pixels": {}, "coverage": {0: "regions"}}
        _export(clip.region_tower, (photograph, coverage), directory / REGIONS, axes)
    meta.write(directory)


def _write_tokenizer(kind: TokenizerKind, source: Path | None, target: Path) -> None:
    if kind == "clip":
        write_tokenizer(target)
    elif source is None:
        raise ValueError(f"expected a tokenizer.json: the text tower reads the tokens of {kind}")
    else:
        shutil.copyfile(source, target)


def _export(module: torch.nn.Module, example: tuple[torch.Tensor, ...], path: Path, axes: Axes) -> None:
    """Trace `module`; the inputs are named by `axes`, which may change in size where it says so."""
    options: dict[str, Any] = {"dynamo": False, "opset_version": OPSET, "output_names": ["features"]}
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # The fused attention has no ONNX form.
    try:
        with warnings.catch_warnings():
            # The tracing exporter is called deprecated and warns of each constant it folds.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module,
                example,
                path,
                input_names=list(axes),
                dynamic_axes={**axes, "features": {0: "rows"}},
                **options,
            )
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
