"""CLIP from a published checkpoint, run with torch."""

from pathlib import Path

from domain.types import ModelInfo
from models.encoders.clip.encoder import ClipEncoder, RegionClipEncoder
from models.runtimes.torch.clip.network import OpenClipTokenizer, TorchClip


def load_checkpoint(
    info: ModelInfo,
    path: Path,
    architecture: str,
    tag: str,
    device: str = "auto",
    threads: int | None = None,
) -> ClipEncoder:
    """The encoder; a RegionClipEncoder where the architecture can read regions.

    Args:
        info: Name and hash.
        path: The checkpoint, its hash already checked.
        architecture: open_clip's name, e.g. "ViT-B-32".
        tag: open_clip's name of the training; "openai" files are TorchScript archives.
        device: "auto", "cpu" or "cuda".
        threads: Cores one call may use, in the whole process; None leaves them as they are.

    Raises:
        ValueError: The architecture is unknown or reads other tokens than CLIP's.
        RuntimeError: The weights do not fit, or there is no such device.
    """
    network = TorchClip(path, architecture, tag, device, threads)
    tokenizer = OpenClipTokenizer(network.meta.context_length)
    if network.region_tower is None:
        return ClipEncoder(info, network, tokenizer, network.meta)
    return RegionClipEncoder(info, network, tokenizer, network.meta, network)
