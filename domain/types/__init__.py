"""Frozen, shape-checked value objects. Coordinates: pixels of the upright image, origin top left."""

from domain.types.arrays import Floats, Mask, Rgb, check_rgb
from domain.types.caption import Caption
from domain.types.depth import DepthKind, DepthMap
from domain.types.image import ImageRecord
from domain.types.job import FINAL_STATES, Job, JobItem, JobLimits, JobOrder, JobState, JobStep, JobView
from domain.types.label import Label, LabelScore, Naming, Vocabulary
from domain.types.mask import Candidates, Embedding, Region, Rle
from domain.types.model import ModelInfo, SegmenterDefaults, TextPrompting, View
from domain.types.prompt import Prompt
from domain.types.text import Point, Quad, Reading, TextLine
from domain.types.weights import ModelSpec, WeightFile

__all__ = [
    "FINAL_STATES",
    "Candidates",
    "Caption",
    "DepthKind",
    "DepthMap",
    "Embedding",
    "Floats",
    "ImageRecord",
    "Job",
    "JobItem",
    "JobLimits",
    "JobOrder",
    "JobState",
    "JobStep",
    "JobView",
    "Label",
    "LabelScore",
    "Mask",
    "ModelInfo",
    "ModelSpec",
    "Naming",
    "Point",
    "Prompt",
    "Quad",
    "Reading",
    "Region",
    "Rgb",
    "Rle",
    "SegmenterDefaults",
    "TextLine",
    "TextPrompting",
    "View",
    "Vocabulary",
    "WeightFile",
    "check_rgb",
]
