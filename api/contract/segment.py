"""The bodies of POST /segment and /segment/batch."""

from collections.abc import Callable, Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.contract.common import (
    MAX_INT32,
    SCORE_DECIMALS,
    Answer,
    FiniteNumber,
    ImageBatchRequest,
    ImageRequest,
    IntegralNumber,
    LabelScoreEntry,
    LabelTexts,
    ModelEntry,
    PointPrompt,
    UnitFloat,
    VocabularyName,
    label_score_entry,
    points_box_prompt,
)
from api.contract.tasks import OfferPartial, TaskKind, TaskRun, image_task
from api.http.metrics import Metrics
from domain.labels import LabelPrediction
from domain.masks import Region, Rle
from domain.models import View
from services.images.photo import Photo
from services.images.png import encode_png, png_data_url
from services.images.upload import ImageService
from services.labels.confidence import LabelOptions
from services.labels.service import RegionLabels
from services.masks.formats import decode_rle, mask_polygons
from services.masks.options import DEFAULT_MAX_MASKS, Deduplication, MaskOptions, PointGrid
from services.progress import Progress
from services.segment import SegmentOptions, SegmentResult, SegmentService
from services.vocabularies.library import Vocabularies

MaskFormat = Literal["none", "rle", "polygons", "png"]


class SegmentFields(BaseModel):
    """What to segment, how to name it, and what to answer with."""

    model_config = ConfigDict(extra="forbid", strict=True)

    prompt_type: Literal["grid", "point", "box"] = Field(
        "grid", description="Everything in the picture, the object at points, or the object in a box."
    )
    points: list[PointPrompt] | None = Field(
        None, min_length=1, max_length=64, description="All about one object; with a box they refine it."
    )
    box: list[FiniteNumber] | None = Field(
        None,
        min_length=4,
        max_length=4,
        description="[x0, y0, x1, y1] in pixels of the upright image, x1 and y1 exclusive.",
    )
    points_per_side: IntegralNumber = Field(
        16, ge=1, le=64, description="Points along each side of the grid."
    )
    adaptive: bool = Field(
        True, description="Grid: whether points that good masks explain already are skipped, coarse to fine."
    )
    max_masks: IntegralNumber | None = Field(
        None,
        ge=1,
        le=1000,
        description="At most this many regions. Default: grid 64; point and box 1 of up to 3.",
    )
    quality_threshold: UnitFloat | None = Field(
        None, description="Least predicted IoU. Default: the segmenter's own for a grid, none otherwise."
    )
    stability_threshold: UnitFloat | None = Field(
        None, description="Least stability. Default: the segmenter's own for a grid, none otherwise."
    )
    min_area: IntegralNumber | None = Field(
        None,
        ge=0,
        le=MAX_INT32,
        description="Least area in pixels. Default: 0.05 % of the image for a grid, none otherwise.",
    )
    max_area: IntegralNumber | None = Field(
        None,
        ge=1,
        le=MAX_INT32,
        description="Largest area in pixels. Default: 95 % of the image for a grid, none otherwise.",
    )
    deduplication: Deduplication = Field(
        "mask",
        description="Grid: how repeated masks are found. `mask`: mask IoU and containment; `box`: box IoU "
        "over 0.7, as SAM's own generator does; `none`: they stay.",
    )
    clean: bool = Field(
        True, description="Whether specks and holes are removed; false leaves masks as they were decoded."
    )
    classify: bool = Field(True, description="false answers with masks only.")
    labels: LabelTexts | None = Field(None, description="Names to choose from; repeated ones count once.")
    vocabulary: VocabularyName | None = Field(
        None, description="A vocabulary of GET /labels instead of `labels`."
    )
    lang: str | None = Field(
        None, max_length=20, description="Language that names are answered in, e.g. `de`; see GET /labels."
    )
    view: View | None = Field(
        None, description="How a region is shown to the labeller. Default: what suits the labeller."
    )
    top_k: IntegralNumber = Field(
        1, ge=1, le=MAX_INT32, description="How many alternatives, at most the size of the vocabulary."
    )
    confidence_threshold: UnitFloat = Field(0.0, description="A best name below it becomes `unknown`.")
    masks: MaskFormat = Field("none", description="Form of the masks: none, COCO RLE, polygons or PNG.")
    overlay: bool = Field(True, description="Whether to answer with the drawn-over photograph.")

    @model_validator(mode="after")
    def _check_prompt(self) -> Self:
        if self.prompt_type == "point" and not any(point.label == 1 for point in self.points or []):
            raise ValueError("prompt_type `point` expects `points` with at least one of label 1")
        if (self.prompt_type == "box") != (self.box is not None):
            raise ValueError("expected `box` with prompt_type `box`, and only there")
        if self.prompt_type == "grid" and self.points is not None:
            raise ValueError("prompt_type `grid` takes no `points`; did you mean prompt_type `point`?")
        return self

    @model_validator(mode="after")
    def _check_area_order(self) -> Self:
        if self.min_area is not None and self.max_area is not None and self.min_area > self.max_area:
            raise ValueError(
                f"expected `min_area` of at most `max_area`, got {self.min_area} and {self.max_area}"
            )
        return self


class SegmentRequest(SegmentFields, ImageRequest):
    """A segmentation of one photograph."""


class SegmentBatchRequest(SegmentFields, ImageBatchRequest):
    """The same segmentation of many photographs."""


class RleMask(BaseModel):
    """COCO's compressed run-length code, as pycocotools reads it."""

    size: tuple[int, int] = Field(description="[height, width]")
    counts: str


class PolygonEntry(BaseModel):
    """One part of a mask along the edges of its pixels."""

    exterior: list[tuple[int, int]] = Field(description="[[x, y], ...], not closed.")
    holes: list[list[tuple[int, int]]] = Field(description="Rings inside it that do not belong.")


class RegionEntry(BaseModel):
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
    alternatives: list[LabelScoreEntry] = Field(description="The top_k names, best first.")
    mask: RleMask | list[PolygonEntry] | str | None = Field(
        None, description="As asked for by `masks`: RLE, polygons, or a PNG data URL; absent for `none`."
    )


class SegmentAnswer(Answer):
    """Every region with its name; the overlay is a PNG data URL of the photograph's size."""

    segmented_image: str | None = Field(None, description="Absent when `overlay` is false.")
    mask_count: int = Field(ge=0)
    labels: list[RegionEntry]
    width: int = Field(description="Pixels of the upright image.")
    height: int = Field(description="Pixels of the upright image.")


PROMPT_MAX_MASKS = 1


def segment_options(body: SegmentFields, vocabularies: Vocabularies) -> SegmentOptions:
    """The options that a valid body asks for.

    Raises:
        InvalidRequest: Its labels or its vocabulary cannot be used.
    """
    naming = _label_options(body, vocabularies)
    return SegmentOptions(_mask_options(body), naming if body.classify else None, body.overlay)


def _mask_options(body: SegmentFields) -> MaskOptions:
    grid = body.prompt_type == "grid"
    return MaskOptions(
        prompt=_grid_options(body) if grid else points_box_prompt(body.points or [], body.box),
        max_masks=body.max_masks or (DEFAULT_MAX_MASKS if grid else PROMPT_MAX_MASKS),
        quality_threshold=body.quality_threshold,
        stability_threshold=body.stability_threshold,
        min_area=body.min_area,
        max_area=body.max_area,
        clean=body.clean,
    )


def _grid_options(body: SegmentFields) -> PointGrid:
    return PointGrid(body.points_per_side, body.adaptive, body.deduplication)


def _label_options(body: SegmentFields, vocabularies: Vocabularies) -> LabelOptions:
    return LabelOptions(
        vocabularies.resolve(body.labels, body.vocabulary, body.lang),
        body.view,
        body.top_k,
        body.confidence_threshold,
    )


EncodedMask = RleMask | list[PolygonEntry] | str


def segment_answer(result: SegmentResult, masks: MaskFormat) -> SegmentAnswer:
    """The answer of /segment."""
    entries = [
        _region_entry(index, region, naming, masks)
        for index, (region, naming) in enumerate(zip(result.regions, result.labels.per_region, strict=True))
    ]
    return SegmentAnswer(
        **({} if result.overlay is None else {"segmented_image": png_data_url(result.overlay.png)}),
        mask_count=len(entries),
        labels=entries,
        width=result.width,
        height=result.height,
        models={"segmenter": ModelEntry.of(result.found.segmenter), **_labeller_models(result.labels)},
    )


def _labeller_models(labels: RegionLabels) -> dict[str, ModelEntry]:
    if labels.error is not None:
        return {"labeller": ModelEntry(error=labels.error)}
    return {} if labels.labeller is None else {"labeller": ModelEntry.of(labels.labeller)}


def _region_entry(index: int, region: Region, naming: LabelPrediction, masks: MaskFormat) -> RegionEntry:
    return RegionEntry(
        mask_index=index,
        label=naming.chosen.label,
        confidence=round(naming.chosen.confidence, SCORE_DECIMALS),
        bbox=region.xywh,
        area=region.area,
        quality=round(region.quality, SCORE_DECIMALS),
        stability=round(region.stability, SCORE_DECIMALS),
        alternatives=[label_score_entry(score) for score in naming.alternatives],
        **({} if masks == "none" else {"mask": _MASK_ENCODERS[masks](region.rle)}),
    )


def _encode_rle(rle: Rle) -> EncodedMask:
    return RleMask(size=(rle.height, rle.width), counts=rle.counts)


def _encode_polygons(rle: Rle) -> EncodedMask:
    return [PolygonEntry.model_validate(vars(part)) for part in mask_polygons(decode_rle(rle))]


def _encode_png(rle: Rle) -> EncodedMask:
    return png_data_url(encode_png(decode_rle(rle)))


_MASK_ENCODERS: Mapping[str, Callable[[Rle], EncodedMask]] = {
    "rle": _encode_rle,
    "polygons": _encode_polygons,
    "png": _encode_png,
}


def segment_task(
    images: ImageService, service: SegmentService, vocabularies: Vocabularies, metrics: Metrics
) -> TaskKind:
    """Segmentations by `service`, with names of `vocabularies`, counted by `metrics`."""

    def prepare(body: SegmentRequest) -> TaskRun:
        options = segment_options(body, vocabularies)

        def answer(photo: Photo, progress: Progress, offer: OfferPartial) -> SegmentAnswer:
            def found(masks: SegmentResult) -> None:
                offer(lambda: segment_answer(masks, body.masks))

            result = service.segment(photo, options, progress, found)
            with progress.stage("answer"):
                return segment_answer(result, body.masks)

        def note(done: SegmentAnswer) -> None:
            metrics.worked(done.timings_ms, done.mask_count)

        return image_task(images, body.file_id, answer, note)

    def check(body: SegmentRequest) -> None:
        service.check(images.photo(body.file_id), segment_options(body, vocabularies))

    return TaskKind(
        "segment",
        "Find and name the regions of a photograph",
        SegmentRequest,
        SegmentBatchRequest,
        SegmentAnswer,
        prepare,
        check,
    )
