"""Scenes made of rectangles."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.labels import UNKNOWN_LABEL, LabelPrediction, LabelScore
from domain.masks import FoundMasks, Region
from domain.models import ModelInfo
from domain.text import TextLine
from services.analyze.regions import RegionAttributes
from services.analyze.service import AnalyzeResult
from services.labels.service import RegionLabels
from services.masks.formats import encode_rle
from services.segment import SegmentResult
from services.text.service import TextResult

SIDE = 100
INFO = ModelInfo("fake", "0" * 64)


@dataclass(frozen=True)
class Patch:
    """A rectangle x, y, w, h of a photograph of SIDE x SIDE pixels."""

    name: str
    xywh: tuple[int, int, int, int]
    confidence: float = 0.9
    rank: int = 1
    lines: tuple[int, ...] = ()


def scene(*patches: Patch, image: Sequence[LabelScore] = (), lines: Sequence[TextLine] = ()) -> AnalyzeResult:
    """A scene of these regions."""
    labels = RegionLabels([_naming(patch) for patch in patches], INFO)
    found = FoundMasks("key", tuple(_region(patch) for patch in patches), INFO, 1)
    return AnalyzeResult(
        SegmentResult(found, labels, None, SIDE, SIDE),
        [RegionAttributes(None, patch.lines, None) for patch in patches],
        [patch.rank for patch in patches],
        [None] * len(patches),
        LabelPrediction(LabelScore(UNKNOWN_LABEL, 0.8), tuple(image), 0.8),
        None,
        TextResult(lines, "", INFO, SIDE, SIDE),
        {},
    )


def _naming(patch: Patch) -> LabelPrediction:
    score = LabelScore(patch.name, patch.confidence)
    return LabelPrediction(score, (score,), 1 - patch.confidence)


def _region(patch: Patch) -> Region:
    x, y, w, h = patch.xywh
    mask = np.zeros((SIDE, SIDE), np.bool_)
    mask[y : y + h, x : x + w] = True
    return Region(encode_rle(mask), patch.xywh, w * h, 0.9, 0.9)
