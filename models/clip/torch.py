"""CLIP in torch through open_clip: plain arrays in, plain arrays out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from open_clip.constants import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD
from open_clip.tokenizer import SimpleTokenizer

from domain.arrays import Floats
from domain.models import ModelInfo
from models.clip.encoder import ClipEncoder, RegionClipEncoder
from models.clip.meta import ClipMeta
from models.clip.network import TextTokenizer
from models.clip.tokenizer import TOKENIZER_CLASSES
from models.clip.torch_towers import ClipTextTower, RegionTower, supports_regions
from models.clip.torch_weights import load_open_clip, pretrained_config
from models.clip.torch_xlm_roberta import XlmRobertaTower
from models.runtime.torch import autocast, choose_device


class TorchClip:
    """Towers of one checkpoint on one device. They are stateless, so threads can share them.

    Args:
        path: The checkpoint, its hash already checked.
        architecture: open_clip's name, e.g. "ViT-B-32".
        tag: open_clip's name of the training; "openai" files are TorchScript archives.
        device: "auto", "cpu" or "cuda".
        threads: Number of cores of the whole process' torch; None leaves it unchanged.

    Attributes:
        model: The open_clip model in float32; a GPU computes it in bfloat16.
        text_tower: Text tower equal to `encode_text` of the model, without the padding.
        region_tower: Region tower; None if the architecture has none.
        meta: Preprocessing and constants of the checkpoint.

    Raises:
        ValueError: The architecture is unknown or reads other tokens than CLIP's.
        RuntimeError: The weights do not fit, or there is no such device.
    """

    def __init__(
        self, path: Path, architecture: str, tag: str, device: str = "auto", threads: int | None = None
    ) -> None:
        if threads is not None:
            torch.set_num_threads(threads)
        self._device = choose_device(device)
        model = load_open_clip(path, architecture, tag).requires_grad_(False)
        visual: Any = model.visual
        self.region_tower = RegionTower(visual).to(self._device) if supports_regions(visual) else None
        self.model: Any = model.to(self._device)
        text = getattr(self.model, "text", None)
        self.text_tower = text if isinstance(text, XlmRobertaTower) else ClipTextTower(self.model)
        self.meta = _build_meta(self.model, pretrained_config(architecture, tag), self.region_tower)

    @torch.inference_mode()
    def images(self, pixels: Floats) -> Floats:
        """Return image features float32 [N, D] of pixels float32 [N, 3, S, S]."""
        with autocast(self._device):
            return _to_numpy(self.model.encode_image(self._tensor(pixels)))

    @torch.inference_mode()
    def texts(self, ids: NDArray[np.int64]) -> Floats:
        """Return text features float32 [N, D] of token ids int64 [N, T]."""
        with autocast(self._device):
            if self.text_tower.trims_padding:
                return _to_numpy(self.text_tower(self._tensor(ids)))
            padding = self.meta.context_length - ids.shape[1]
            return _to_numpy(self.model.encode_text(self._tensor(np.pad(ids, ((0, 0), (0, padding))))))

    @torch.inference_mode()
    def regions(self, pixels: Floats, coverage: Floats) -> Floats:
        """Return region features [R, D] of an image float32 [1, 3, S, S] under coverage float32 [R, P].

        Raises:
            RuntimeError: The architecture has no region tower.
        """
        if self.region_tower is None:
            raise RuntimeError("this architecture has no class token, so it cannot encode regions")
        with autocast(self._device):
            return _to_numpy(self.region_tower(self._tensor(pixels), self._tensor(coverage)))

    def _tensor(self, array: NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(array).to(self._device)


class OpenClipTokenizer:
    """Tokenizer of open_clip, for checkpoints run with torch.

    Args:
        context_length: Number of tokens that a text is cut to.
    """

    def __init__(self, context_length: int) -> None:
        self._tokenizer = SimpleTokenizer(context_length=context_length)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return ids int64 [N, T], padded with zeros to the longest text of the call."""
        ids: NDArray[np.int64] = self._tokenizer(list(texts)).numpy()
        return np.ascontiguousarray(ids[:, : int(ids.argmax(axis=1).max()) + 1])


def _to_numpy(features: torch.Tensor) -> Floats:
    array: Floats = features.float().cpu().numpy()
    return array


def _build_meta(model: Any, training: dict[str, Any], regions: RegionTower | None) -> ClipMeta:
    size = model.visual.image_size
    return ClipMeta(
        size=size if isinstance(size, int) else size[0],
        mean=training.get("mean") or OPENAI_DATASET_MEAN,
        std=training.get("std") or OPENAI_DATASET_STD,
        resize_mode=training.get("resize_mode", "shortest"),
        interpolation=training.get("interpolation", "bicubic"),
        logit_scale=float(model.logit_scale.exp()),
        context_length=model.context_length,
        region_size=regions.size if regions else 0,
        region_grid=regions.grid if regions else 0,
        tokenizer="xlm-roberta" if isinstance(getattr(model, "text", None), XlmRobertaTower) else "clip",
    )


def load_torch_clip(
    info: ModelInfo,
    path: Path,
    architecture: str,
    tag: str,
    device: str = "auto",
    threads: int | None = None,
    tokenizer: Path | None = None,
) -> ClipEncoder:
    """Load the encoder; a RegionClipEncoder if the architecture can encode regions.

    Args:
        info: Name and digest of the model.
        path: The checkpoint, its hash already checked.
        architecture: open_clip's name, e.g. "ViT-B-32".
        tag: open_clip's name of the training; "openai" files are TorchScript archives.
        device: "auto", "cpu" or "cuda".
        threads: Number of cores of the whole process' torch; None leaves it unchanged.
        tokenizer: The tokenizer.json, for architectures that do not read CLIP's own tokens.

    Raises:
        ValueError: The architecture or its tokens are unknown, or its tokenizer.json is missing.
        RuntimeError: The weights do not fit, or there is no such device.
    """
    network = TorchClip(path, architecture, tag, device, threads)
    tokens = _build_tokenizer(network.meta, tokenizer)
    if network.region_tower is None:
        return ClipEncoder(info, network, tokens, network.meta)
    return RegionClipEncoder(info, network, tokens, network.meta, network)


def _build_tokenizer(meta: ClipMeta, path: Path | None) -> TextTokenizer:
    if meta.tokenizer == "clip":
        return OpenClipTokenizer(meta.context_length)
    if path is None:
        raise ValueError(f"expected a tokenizer.json: the text tower reads the tokens of {meta.tokenizer}")
    return TOKENIZER_CLASSES[meta.tokenizer](path, meta.context_length)
