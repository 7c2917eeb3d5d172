"""CLIP (Radford et al., 2021) as a labeller, over torch checkpoints or exported graphs."""

from models.encoders.clip.encoder import ClipEncoder, RegionClipEncoder

__all__ = ["ClipEncoder", "RegionClipEncoder"]
