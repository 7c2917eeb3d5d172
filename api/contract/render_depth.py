"""Turns a depth map into its answer; the command line writes the same JSON."""

from api.contract.common import ModelEntry
from api.contract.depth import DepthAnswer, DepthFormat
from services.depth import DepthResult, color_png, grey_png
from services.images.png import data_url


def depth_answer(result: DepthResult, form: DepthFormat) -> DepthAnswer:
    """The answer of /depth as JSON."""
    depth = result.depth
    data = color_png(depth) if form == "color" else grey_png(depth)
    height, width = depth.values.shape
    return DepthAnswer(
        depth_map=data_url(data),
        width=width,
        height=height,
        kind=depth.kind,
        min=float(depth.values.min()),
        max=float(depth.values.max()),
        models={"depth": ModelEntry.of(result.estimator)},
    )
