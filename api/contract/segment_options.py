"""Turns the body of POST /segment, and what others share with it, into the options of the service."""

from collections.abc import Sequence

import numpy as np

from api.contract.segment import PointSchema, SegmentFields
from domain.masks import Prompt
from services.labels.confidence import NamingOptions
from services.masks.options import GRID_MASKS, Grid, MaskOptions
from services.segment import SegmentOptions
from services.vocabularies.library import Vocabularies

SINGLE_MASKS = 1


def segment_options(body: SegmentFields, vocabularies: Vocabularies) -> SegmentOptions:
    """The options that a valid body asks for.

    Raises:
        InvalidRequest: Its labels or its vocabulary cannot be used.
    """
    naming = _naming(body, vocabularies)
    return SegmentOptions(_masks(body), naming if body.classify else None, body.overlay)


def _masks(body: SegmentFields) -> MaskOptions:
    grid = body.prompt_type == "grid"
    return MaskOptions(
        prompt=_grid(body) if grid else prompt_of(body.points or [], body.box),
        max_masks=body.max_masks or (GRID_MASKS if grid else SINGLE_MASKS),
        quality_threshold=body.quality_threshold,
        stability_threshold=body.stability_threshold,
        min_area=body.min_area,
        max_area=body.max_area,
        clean=body.clean,
    )


def _grid(body: SegmentFields) -> Grid:
    return Grid(body.points_per_side, body.adaptive, body.deduplication)


def prompt_of(points: Sequence[PointSchema], box: Sequence[float] | None) -> Prompt:
    """Points, a box or both as one prompt."""
    return Prompt(
        np.array([[point.x, point.y] for point in points], np.float64).reshape(-1, 2),
        np.array([point.label for point in points], np.int64),
        None if box is None else np.array(box, np.float64),
    )


def _naming(body: SegmentFields, vocabularies: Vocabularies) -> NamingOptions:
    return NamingOptions(
        vocabularies.resolve(body.labels, body.vocabulary, body.lang),
        body.view,
        body.top_k,
        body.confidence_threshold,
    )
