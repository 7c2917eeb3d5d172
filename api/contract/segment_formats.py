"""POST /segment in the formats of other tools, and the cut-outs of regions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from api.contract.common import Answer
from api.contract.images import ImageRequest
from services.formats.annotations import Categories, annotate
from services.formats.table import FORMATS, JSON_MEDIA_TYPE, FormatName
from services.images.data_url import image_data_url
from services.images.photo import Photo
from services.images.png import encode_cutout
from services.masks.formats import crop_mask
from services.progress import Progress
from services.segment import SegmentOptions, SegmentResult

AnswerFormat = Literal["json", FormatName]


class CutoutFields(BaseModel):
    """The option of cut-outs."""

    model_config = ConfigDict(extra="forbid", strict=True)

    cutouts: bool = Field(False, description="Add a cut-out of each region to the answer.")


class CutoutEntry(BaseModel):
    """A region that may have a cut-out."""

    cutout: str | None = Field(
        None,
        description="RGBA PNG data URL of the region's bounding box, transparent outside of the mask; absent "
        "unless `cutouts` is true, and for an empty mask.",
    )


class FormatFields(BaseModel):
    """The option of the format."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: AnswerFormat = Field(
        "json",
        description="Format of the answer: `json`, or a document of another tool, which is then the whole "
        "body. The members `masks`, `overlay` and `cutouts` are about `json` only.",
    )


class FormatRequest(FormatFields, ImageRequest):
    """A request about one image whose answer may be a document in another format."""

    @model_validator(mode="after")
    def _check_format_of_jobs(self) -> Self:
        if self.run_async and self.format != "json":
            raise ValueError(f"`async` expects `format` json, which is that of jobs, got {self.format}")
        return self


class DocumentAnswer(Answer):
    """An answer whose body is a document.

    Attributes:
        mask_count: Number of regions.
    """

    mask_count: int
    _body: str = PrivateAttr()
    _media_type: str = PrivateAttr()

    @classmethod
    def of(
        cls, result: SegmentResult, options: SegmentOptions, form: FormatName, photo: Photo
    ) -> "DocumentAnswer":
        """Return the document of a segmentation, which refers to a stored image by its `file_id`."""
        answer = cls(mask_count=len(result.regions))
        found = annotate(result, photo.file_id or "image")
        answer._body = FORMATS[form].document(found, Categories.of(options.vocabulary))
        answer._media_type = FORMATS[form].media_type
        return answer

    @property
    def body(self) -> str:
        """The text of the document."""
        return self._body

    @property
    def media_type(self) -> str:
        """The media type of the document."""
        return self._media_type


def options_for_format(options: SegmentOptions, request: BaseModel) -> SegmentOptions:
    """Return the options without the overlay where the answer is a document, which has none."""
    document = isinstance(request, FormatRequest) and request.format != "json"
    return replace(options, overlay=False) if document else options


def add_cutouts(
    request: CutoutFields,
    entries: Sequence[CutoutEntry],
    result: SegmentResult,
    photo: Photo,
    progress: Progress,
) -> None:
    """Give each entry of an answer the cut-out of its region, if the request asks for it."""
    if request.cutouts:
        for entry, region in zip(entries, result.regions, strict=True):
            if not region.area:  # A prompt has no mask.
                continue
            x, y, width, height = region.xywh
            box = photo.rgb(progress)[y : y + height, x : x + width]
            entry.cutout = image_data_url(encode_cutout(box, crop_mask(region.rle, region.xywh)))


_OBJECT = {"type": "object"}


def _object_with(*members: str, title: str) -> dict[str, Any]:
    return {**_OBJECT, "title": title, "required": [*members]}


_TEXT = {"type": "string"}

DOCUMENT_SCHEMAS: Mapping[str, Sequence[dict[str, Any]]] = {
    JSON_MEDIA_TYPE: (
        _object_with("images", "annotations", "categories", title="CocoDocument"),
        _object_with("shapes", "imagePath", "imageHeight", "imageWidth", title="LabelmeDocument"),
        {"type": "array", "title": "SamOrLabelStudioDocument", "items": _OBJECT},
    ),
    FORMATS["geojson"].media_type: (_object_with("type", "features", title="GeojsonDocument"),),
    FORMATS["yolo"].media_type: ({**_TEXT, "title": "YoloDocument"},),
    FORMATS["voc"].media_type: ({**_TEXT, "title": "VocDocument"},),
}
"""Schemas of the documents by media type."""
