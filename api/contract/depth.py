"""The request and the answer of /depth."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import Answer, ModelEntry
from domain.depth import DepthKind
from services.depth import DepthResult, depth_color_png, depth_grey_png
from services.images.png import png_data_url

DepthImageFormat = Literal["png", "color", "npy"]


class DepthPath(BaseModel):
    """Which photograph."""

    file_id: str = Field(description="From /upload.", min_length=1, max_length=200)


class DepthQuery(BaseModel):
    """Options in the address."""

    model_config = ConfigDict(extra="forbid")

    format: DepthImageFormat = Field(
        "png",
        description="`png`: 16-bit grey; `color`: Viridis, near things bright; "
        "`npy`: no JSON, but numpy's file format, float32 [H, W].",
    )


class DepthAnswer(Answer):
    """How far everything is."""

    depth_map: str = Field(
        description="PNG data URL, upright. 16-bit grey: value = min + (max - min) * pixel / 65535."
    )
    width: int = Field(description="Pixels of the upright image.")
    height: int = Field(description="Pixels of the upright image.")
    kind: DepthKind = Field(
        description="`relative`: inverse depth, larger = nearer, no unit; `metric`: metres, larger = farther."
    )
    min: float = Field(description="Least value.")
    max: float = Field(description="Largest value.")


def depth_answer(result: DepthResult, form: DepthImageFormat) -> DepthAnswer:
    """The answer of /depth as JSON."""
    depth = result.depth
    data = depth_color_png(depth) if form == "color" else depth_grey_png(depth)
    height, width = depth.values.shape
    return DepthAnswer(
        depth_map=png_data_url(data),
        width=width,
        height=height,
        kind=depth.kind,
        min=float(depth.values.min()),
        max=float(depth.values.max()),
        models={"depth": ModelEntry.of(result.estimator)},
    )
