"""CLIP from a published checkpoint, run with torch."""

from pathlib import Path

from domain.models import ModelInfo
from models.clip.encoder import ClipEncoder, RegionClipEncoder
from models.clip.meta import ClipMeta
from models.clip.network import Tokenizer
from models.clip.tokenizer import TOKENIZERS
from models.clip.torch import OpenClipTokenizer, TorchClip


def load_checkpoint(
    info: ModelInfo,
    path: Path,
    architecture: str,
    tag: str,
    device: str = "auto",
    threads: int | None = None,
    tokenizer: Path | None = None,
) -> ClipEncoder:
    """The encoder; a RegionClipEncoder where the architecture can read regions.

    Args:
        info: Name and hash.
        path: The checkpoint, its hash already checked.
        architecture: open_clip's name, e.g. "ViT-B-32".
        tag: open_clip's name of the training; "openai" files are TorchScript archives.
        device: "auto", "cpu" or "cuda".
        threads: Cores one call may use, in the whole process; None leaves them as they are.
        tokenizer: The tokenizer.json, for architectures that do not read CLIP's own tokens.

    Raises:
        ValueError: The architecture or its tokens are unknown, or its tokenizer.json is missing.
        RuntimeError: The weights do not fit, or there is no such device.
    """
    network = TorchClip(path, architecture, tag, device, threads)
    tokens = _tokenizer(network.meta, tokenizer)
    if network.region_tower is None:
        return ClipEncoder(info, network, tokens, network.meta)
    return RegionClipEncoder(info, network, tokens, network.meta, network)


def _tokenizer(meta: ClipMeta, path: Path | None) -> Tokenizer:
    if meta.tokenizer == "clip":
        return OpenClipTokenizer(meta.context_length)
    if path is None:
        raise ValueError(f"expected a tokenizer.json: the text tower reads the tokens of {meta.tokenizer}")
    return TOKENIZERS[meta.tokenizer](path, meta.context_length)
