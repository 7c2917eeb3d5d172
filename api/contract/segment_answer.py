"""The answer of POST /segment."""

from typing import Literal

from pydantic import BaseModel, Field

from api.contract.common import Answer


class RleMask(BaseModel):
    """COCO's compressed run-length code, as pycocotools reads it."""

    size: tuple[int, int] = Field(description="[height, width]")
    counts: str


class PolygonSchema(BaseModel):
    """One part of a mask along the edges of its pixels."""

    exterior: list[tuple[int, int]] = Field(description="[[x, y], ...], not closed.")
    holes: list[list[tuple[int, int]]] = Field(description="Rings inside it that do not belong.")


class LabelScoreSchema(BaseModel):
    """A name and its probability."""

    label: str
    confidence: float = Field(ge=0, le=1)


class LabelEntry(BaseModel):
    """One region."""

    mask_index: int = Field(ge=0, description="Position in `labels`.")
    label: str = Field(description="The best name, or `unknown`.")
    confidence: float = Field(
        ge=0, le=1, description="Probability over the vocabulary plus the reject class."
    )
    bbox: tuple[int, int, int, int] = Field(description="[x, y, width, height] in pixels.")
    area: int = Field(ge=1, description="Pixels of the mask.")
    quality: float = Field(ge=0, le=1, description="Predicted IoU with the object meant.")
    stability: float = Field(ge=0, le=1, description="IoU of the mask with itself under another threshold.")
    alternatives: list[LabelScoreSchema] = Field(description="The top_k names, best first.")
    mask: RleMask | list[PolygonSchema] | str | None = Field(
        None, description="As asked for by `masks`: RLE, polygons, or a PNG data URL; absent for `none`."
    )


class SegmentAnswer(Answer):
    """Every region with its name; the overlay is a PNG data URL of the photograph's size."""

    segmented_image: str | None = Field(None, description="Absent when `overlay` is false.")
    mask_count: int = Field(ge=0)
    labels: list[LabelEntry]
    width: int = Field(description="Pixels of the upright image.")
    height: int = Field(description="Pixels of the upright image.")


class UploadAnswer(Answer):
    """Where the photograph is kept."""

    file_id: str = Field(description="Names the photograph in every other call.")
    width: int = Field(description="Pixels of the upright image.")
    height: int = Field(description="Pixels of the upright image.")
    format: str = Field(description="Of the uploaded file.", examples=["JPEG"])
    expires_at: str | None = Field(description="ISO 8601, UTC; null when the image is kept.")


class LabelsAnswer(Answer):
    """Names regions can get."""

    vocabulary: str = Field(description="Whose names these are.")
    labels: list[str]
    vocabularies: list[str] = Field(description="All that /segment takes by name.")
    languages: list[str] = Field(description="All that `lang` takes.")


class StatusAnswer(Answer):
    """How the service is."""

    status: Literal["alive", "ready"]
    version: str
