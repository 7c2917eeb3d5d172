"""Made-up nestings of rectangles, with labels."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from domain.arrays import Floats, Mask
from domain.labels import Label, Vocabulary
from domain.masks import Region
from services.labels.confidence import LabelOptions
from services.panoptic.segments import Segment, SegmentIds
from services.panoptic.whole_objects import choose_segments
from tests.unit.services.analyze.shapes import region

NAMES = ("dog", "person", "grass", "sky")

OPTIONS = LabelOptions(Vocabulary("custom", tuple(map(Label, NAMES))), top_k=2)

Candidate = tuple[Mask, float, dict[str, float]]
"""Mask of a candidate, its quality and the probabilities of its labels; the rest is the reject class."""


def regions_of(candidates: Sequence[Candidate]) -> list[Region]:
    return [replace(region(mask), quality=quality) for mask, quality, _ in candidates]


def probabilities_of(candidates: Sequence[Candidate]) -> Floats:
    rows = [[labels.get(name, 0.0) for name in NAMES] for _, _, labels in candidates]
    return np.array([[*row, 1 - sum(row)] for row in rows], np.float32)


def segments_of(
    candidates: Sequence[Candidate], options: LabelOptions = OPTIONS
) -> tuple[list[Segment], SegmentIds]:
    return choose_segments(regions_of(candidates), probabilities_of(candidates), options)


def named(segments: Sequence[Segment]) -> list[tuple[str, tuple[int, int, int, int]]]:
    return [(NAMES[segment.label], segment.region.xywh) for segment in segments]
