"""Writes CLIP's byte-pair vocabulary, as open_clip carries it, in the format of the `tokenizers` library."""

import shutil
import warnings
from pathlib import Path
from typing import Any

import torch
from open_clip.tokenizer import SimpleTokenizer
from tokenizers import Regex, Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split

from models.clip.meta import TokenizerKind
from models.clip.onnx import IMAGE_GRAPH_FILE, REGION_GRAPH_FILE, TEXT_GRAPH_FILE
from models.clip.tokenizer import TOKENIZER_FILE
from models.clip.torch import TorchClip

TOKEN_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+"
"""How CLIP splits a cleaned text, in lower case, before it merges bytes."""


def write_clip_tokenizer(path: Path) -> None:
    """Write the tokenizer.json; cleaning, start, end and length are the reader's business."""
    clip = SimpleTokenizer()
    merges = sorted(clip.bpe_ranks, key=clip.bpe_ranks.__getitem__)
    tokenizer = Tokenizer(BPE(clip.encoder, merges, end_of_word_suffix="</w>", fuse_unk=False))
    tokenizer.pre_tokenizer = Sequence(
        [
            Split(Regex(TOKEN_PATTERN), "removed", invert=True),
            ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.save(str(path))


ONNX_OPSET = 17

DynamicAxes = dict[str, dict[int, str]]


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
    if not clip.text_tower.trims_padding:
        raise ValueError(f"{architecture}: expected a causal text tower read at its end token")
    meta = clip.meta
    _write_tokenizer(meta.tokenizer, tokenizer, directory / TOKENIZER_FILE)
    pixels = torch.zeros(2, 3, meta.size, meta.size)
    _export_tower(clip.model.visual, (pixels,), directory / IMAGE_GRAPH_FILE, {"pixels": {0: "images"}})
    ids = torch.zeros(2, 9, dtype=torch.int64)
    _export_tower(clip.text_tower, (ids,), directory / TEXT_GRAPH_FILE, {"ids": {0: "texts", 1: "tokens"}})
    if clip.region_tower is not None:
        photo = torch.zeros(1, 3, meta.region_size, meta.region_size)
        coverage = torch.ones(2, meta.region_grid**2)
        axes: DynamicAxes = {"pixels": {}, "coverage": {0: "regions"}}
        _export_tower(clip.region_tower, (photo, coverage), directory / REGION_GRAPH_FILE, axes)
    meta.write(directory)


def _write_tokenizer(kind: TokenizerKind, source: Path | None, target: Path) -> None:
    if kind == "clip":
        write_clip_tokenizer(target)
    elif source is None:
        raise ValueError(f"expected a tokenizer.json: the text tower reads the tokens of {kind}")
    else:
        shutil.copyfile(source, target)


def _export_tower(
    module: torch.nn.Module, example: tuple[torch.Tensor, ...], path: Path, axes: DynamicAxes
) -> None:
    """Trace `module`; the inputs are named by `axes`, which may change in size where it says so."""
    options: dict[str, Any] = {"dynamo": False, "opset_version": ONNX_OPSET, "output_names": ["features"]}
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
