"""The request and the answer of /depth."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import Answer
from domain.depth import DepthKind

DepthFormat = Literal["png", "color", "npy"]


class DepthPath(BaseModel):
    """Which photograph."""

    file_id: str = Field(description="From /upload.", min_length=1, max_length=200)


class DepthQuery(BaseModel):
    """Options in the address."""

    model_config = ConfigDict(extra="forbid")

    format: DepthFormat = Field(
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
