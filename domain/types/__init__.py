"""Frozen, shape-checked value objects. Coordinates: pixels of the upright image, origin top left."""

from domain.types.arrays import Floats, Mask, Rgb, check_rgb
from domain.types.depth import DepthKind, DepthMap
from domain.types.image import ImageRecord
from domain.types.label import Label, LabelScore, Naming, Vocabulary
from domain.types.mask import Candidates, Embedding, Region, Rle
from domain.types.model import ModelInfo, SegmenterDefaults, TextPrompting, View
from domain.types.prompt import Prompt
from domain.types.weights import ModelSpec, WeightFile

__all__ = [
    "Candidates",
    "DepthKind",
    "DepthMap",
    "Embedding",
    "Floats",
    "ImageRecord",
    "Label",
    "LabelScore",
    "Mask",
    "ModelInfo",
    "ModelSpec",
    "Naming",
    "Prompt",
    "Region",
    "Rgb",
    "Rle",
    "SegmenterDefaults",
    "TextPrompting",
    "View",
    "Vocabulary",
    "WeightFile",
    "check_rgb",
]
