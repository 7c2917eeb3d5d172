"""The answer of POST /analyze."""

from pydantic import BaseModel, Field

from api.contract.extract_text import TextLineSchema
from api.contract.segment_answer import LabelEntry, LabelScoreSchema, SegmentAnswer
from domain.depth import DepthKind


class RegionDepthSchema(BaseModel):
    """How far a region is, in the unit of the depth map."""

    median: float
    min: float
    max: float
    rank: int = Field(ge=1, description="From front to back by the median: 1 is the nearest region.")


class ColorSchema(BaseModel):
    """One of the main colours of a region."""

    hex: str = Field(pattern="^#[0-9a-f]{6}$", description="sRGB.", examples=["#1f77b4"])
    share: float = Field(ge=0, le=1, description="Share of the region that has it.")


class SceneDepthSchema(BaseModel):
    """The depth map that the regions' depths come from; GET /depth/{file_id} has it whole."""

    kind: DepthKind = Field(
        description="`relative`: inverse depth, larger = nearer, no unit; `metric`: metres, larger = farther."
    )
    min: float = Field(description="Least value of the photograph.")
    max: float = Field(description="Largest value.")


class SceneEntry(LabelEntry):
    """One region and what is known of it."""

    parent: int | None = Field(
        description="`mask_index` of the smallest region that it lies in; null where it lies in none."
    )
    depth: RegionDepthSchema | None = Field(None, description="Absent without depth.")
    text: str | None = Field(
        None, description="The lines of text in it, one below the other; empty where there are none. Absent "
        "where text was not read."
    )  # fmt: skip
    text_lines: list[int] | None = Field(None, description="The positions of these lines in `lines`.")
    colors: list[ColorSchema] | None = Field(
        None, description="The largest share first; absent when `colors` is false."
    )


class SceneAnswer(SegmentAnswer):
    """Every region with its name, depth, text, colours and place; and what holds for the whole photograph."""

    labels: list[SceneEntry]  # type: ignore[assignment]
    image_labels: list[LabelScoreSchema] = Field(
        description="Names of the whole photograph, best first; empty when `classify` is false or no "
        "labeller works."
    )
    image_unknown: float | None = Field(
        None, ge=0, le=1, description="Probability that no name fits the whole; absent where there are none."
    )
    text: str | None = Field(None, description="As of /extract_text; absent where text was not read.")
    lines: list[TextLineSchema] | None = Field(None, description="Likewise.")
    depth: SceneDepthSchema | None = Field(None, description="Absent without depth.")
