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
from services.caption.scene import labelled_objects
from services.caption.sentences import sentence_candidates
from services.labels.service import RegionLabels
from services.masks.formats import encode_rle
from services.segment import SegmentResult
from services.text.service import TextResult

SIDE = 100
INFO = ModelInfo("fake", "0" * 64)


@dataclass(frozen=True)
class Patch:
    """A region: a rectangle x, y, w, h in an image of SIDE x SIDE pixels."""

    name: str
    xywh: tuple[int, int, int, int]
    confidence: float = 0.9
    rank: int = 1
    lines: tuple[int, ...] = ()


def scene(*patches: Patch, image: Sequence[LabelScore] = (), lines: Sequence[TextLine] = ()) -> AnalyzeResult:
    """Return the analysis of an image with these regions."""
    labels = RegionLabels([_naming(patch) for patch in patches], INFO)
    found = FoundMasks("key", tuple(_region(patch) for patch in patches), INFO, 1)
    return AnalyzeResult(
        segment=SegmentResult(found, labels, None, SIDE, SIDE),
        facts=[RegionAttributes(None, patch.lines, None) for patch in patches],
        ranks=[patch.rank for patch in patches],
        parents=[None] * len(patches),
        image=LabelPrediction(LabelScore(UNKNOWN_LABEL, 0.8), tuple(image), 0.8),
        depth=None,
        text=TextResult(lines, "", INFO, SIDE, SIDE, 1.0),
        errors={},
    )


def sentences(*patches: Patch, image: tuple[LabelScore, ...] = ()) -> list[str]:
    """Return the candidate sentences about a scene of these regions."""
    return [one.text for one in sentence_candidates(labelled_objects(scene(*patches, image=image)), SIDE)]


def _naming(patch: Patch) -> LabelPrediction:
    score = LabelScore(patch.name, patch.confidence)
    return LabelPrediction(score, (score,), 1 - patch.confidence)


def _region(patch: Patch) -> Region:
    x, y, w, h = patch.xywh
    mask = np.zeros((SIDE, SIDE), np.bool_)
    mask[y : y + h, x : x + w] = True
    return Region(encode_rle(mask), patch.xywh, w * h, 0.9, 0.9)
