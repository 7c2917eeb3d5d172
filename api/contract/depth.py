"""GET /depth/{file_id} and POST /depth: path, query, request and answer."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import EXAMPLE_FILE_ID, ModelEntry, answer_config
from api.contract.images import ImageAnswer, ImageFields
from domain.depth import DepthKind
from services.depth import DepthResult, depth_color_png, depth_grey_png
from services.images.data_url import image_data_url

DepthImageFormat = Literal["png", "color", "npy"]


class DepthPath(BaseModel):
    """The image whose depth is estimated."""

    file_id: str = Field(description="Id of the image, from POST /upload.", min_length=1, max_length=200)


class DepthQuery(BaseModel):
    """The options, as query parameters."""

    model_config = ConfigDict(extra="forbid")

    format: DepthImageFormat = Field(
        "png",
        description="Format of the depth map: `png` is a 16-bit grey image; `color` is an image in the "
        "colours of Viridis, in which near pixels are bright; `npy` is a NumPy file, float32 [H, W].",
    )


class DepthRequest(DepthQuery, ImageFields):
    """A request for the depth of an image."""

    model_config = ConfigDict(
        strict=True, json_schema_extra={"example": {"file_id": EXAMPLE_FILE_ID, "format": "color"}}
    )


class DepthAnswer(ImageAnswer):
    """The depth of every pixel."""

    model_config = answer_config(
        {
            "depth_map": "data:image/png;base64,iVBORw0KGgo...",
            "width": 600,
            "height": 400,
            "kind": "relative",
            "min": 101.5,
            "max": 517.04,
        }
    )

    depth_map: str = Field(
        description="PNG of the upright image's depth as a data URL. A pixel of the 16-bit grey image "
        "stands for min + (max - min) * pixel / 65535."
    )
    width: int = Field(description="Width of the upright image in pixels.")
    height: int = Field(description="Height of the upright image in pixels.")
    kind: DepthKind = Field(
        description="`relative`: inverse depth without a unit, in which larger values are nearer; `metric`: "
        "metres, in which larger values are farther."
    )
    min: float = Field(description="Least value in the map.")
    max: float = Field(description="Largest value in the map.")


def depth_answer(result: DepthResult, form: DepthImageFormat) -> DepthAnswer:
    """Return the answer of /depth as JSON, with a grey or a coloured map."""
    depth = result.depth
    data = depth_color_png(depth) if form == "color" else depth_grey_png(depth)
    height, width = depth.values.shape
    return DepthAnswer(
        depth_map=image_data_url(data),
        width=width,
        height=height,
        kind=depth.kind,
        min=float(depth.values.min()),
        max=float(depth.values.max()),
        models={"depth": ModelEntry.of(result.estimator)},
    )
