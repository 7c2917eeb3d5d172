"""POST /segment and /segment/batch: request, options, answer and task."""

from collections.abc import Callable
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from api.contract import segment_formats
from api.contract.common import (
    EXAMPLE_FILE_ID,
    MAX_INT32,
    READ_AS_DESCRIPTION,
    SCORE_DECIMALS,
    IntegralNumber,
    LabelledAnswer,
    LabelScoreEntry,
    ModelEntry,
    UnitFloat,
    answer_config,
    label_notes,
    label_options,
    label_score_entry,
)
from api.contract.concepts import ConceptFields, with_concept, without_phrase_language
from api.contract.crops import CropFields
from api.contract.images import ImageAnswer, ImageBatchRequest
from api.contract.mask_formats import EncodedMask, MaskFormat, encode_mask
from api.contract.panoptic import (
    PanopticAnswer,
    PanopticEntry,
    PanopticFields,
    panoptic_members,
    thing_members,
)
from api.contract.tasks import ImageTask, PublishAnswer, TaskMetrics
from domain.masks import Prompt, PromptList
from domain.models import View
from services.images.data_url import image_data_url
from services.images.photo import Photo
from services.images.upload import ImageService
from services.labels.service import RegionLabels
from services.masks.options import MOST_MASKS, Deduplication, MaskOptions, PointGrid, default_max_masks
from services.progress import Progress
from services.segment import SegmentOptions, SegmentResult, SegmentService
from services.vocabularies.library import Vocabularies


class MaskFields(CropFields):
    """The options of masks, which /segment, /analyze and /index have."""

    model_config = ConfigDict(extra="forbid", strict=True)

    points_per_side: IntegralNumber = Field(
        16, ge=1, le=64, description="Number of points along each side of the grid."
    )
    adaptive: bool = Field(
        True,
        description="Skip points of the grid that good masks cover already; points are tried coarse to fine.",
    )
    max_masks: IntegralNumber | None = Field(
        None,
        ge=1,
        le=MOST_MASKS,
        description="Largest number of regions. Default: 64 for a grid (256 and 1000 with one and two "
        "`crop_layers`), 1 (of up to 3) for one object.",
    )
    quality_threshold: UnitFloat | None = Field(
        None,
        description="Least predicted IoU (SAM's `pred_iou_thresh`). Default: the segmenter's own threshold "
        "for a grid, no threshold otherwise.",
    )
    stability_threshold: UnitFloat | None = Field(
        None,
        description="Least stability score (SAM's `stability_score_thresh`). Default: the segmenter's own "
        "threshold for a grid, no threshold otherwise.",
    )
    min_area: IntegralNumber | None = Field(
        None,
        ge=0,
        le=MAX_INT32,
        description="Least area in pixels. Default: 0.05 % of the image for a grid, no limit otherwise.",
    )
    max_area: IntegralNumber | None = Field(
        None,
        ge=1,
        le=MAX_INT32,
        description="Largest area in pixels. Default: 95 % of the image for a grid, no limit otherwise.",
    )
    deduplication: Deduplication = Field(
        "mask",
        description="Method that suppresses duplicate masks of a grid: `mask` by mask IoU and containment, "
        "`box` by box IoU above 0.7 as SAM's generator does (`box_nms_thresh`), `none` keeps them.",
    )
    clean: bool = Field(
        True, description="Remove specks and holes; with false, the masks stay as they were decoded."
    )

    @model_validator(mode="after")
    def _check_area_order(self) -> Self:
        if self.min_area is not None and self.max_area is not None and self.min_area > self.max_area:
            raise ValueError(
                f"expected `min_area` of at most `max_area`, got {self.min_area} and {self.max_area}"
            )
        return self


class SegmentFields(segment_formats.CutoutFields, MaskFields, ConceptFields, PanopticFields):
    """The options of /segment."""

    classify: bool = Field(True, description="Label the regions; with false, the answer has masks only.")
    view: View | None = Field(
        None,
        description="View of a region for the labeller: `crop`, `context`, `blur`, `twice` (embedded) or "
        "`attention` (CLIP). Default: the labeller's own.",
    )
    top_k: IntegralNumber = Field(
        1,
        ge=1,
        le=MAX_INT32,
        description="Number of alternatives for each region, at most the size of the vocabulary.",
    )
    masks: MaskFormat = Field(
        "none", description="Format of the masks in the answer: `none`, COCO `rle`, `polygons` or `png`."
    )
    overlay: bool = Field(
        True, description="Add the overlay to the answer: the image with its regions drawn on it."
    )


class SegmentRequest(SegmentFields, segment_formats.FormatRequest):
    """A request to segment one image."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "file_id": EXAMPLE_FILE_ID,
                "labels": ["cup", "plate", "spoon"],
                "top_k": 3,
                "masks": "rle",
            }
        }
    )


class SegmentBatchRequest(SegmentFields, ImageBatchRequest):
    """A request to segment many images with the same options."""


class RegionEntry(segment_formats.CutoutEntry, PanopticEntry):
    """One region."""

    mask_index: int = Field(ge=0, description="Index of the entry in `labels`.")
    prompt_index: int | None = Field(
        None,
        ge=0,
        description="Index in `prompts`, `boxes` or `texts`; absent where none of them was sent.",
    )
    label: str = Field(description="The best label, or `unknown`.")
    read_as: str | None = Field(None, description=READ_AS_DESCRIPTION)
    confidence: float = Field(
        ge=0,
        le=1,
        description="Probability over vocabulary and reject class; of `example`, that of the match.",
    )
    bbox: tuple[int, int, int, int] = Field(description="[x, y, width, height] in pixels.")
    area: int = Field(
        ge=0, description="Number of pixels of the mask; 0 only for one of several prompts that has no mask."
    )
    quality: float = Field(
        ge=0, le=1, description="Predicted IoU of the mask with the object that the prompt means."
    )
    stability: float = Field(
        ge=0, le=1, description="Stability score: IoU of the masks at a higher and a lower logit threshold."
    )
    alternatives: list[LabelScoreEntry] = Field(description="The `top_k` best labels, best first.")
    mask: EncodedMask | None = Field(
        None, description="The mask in the format of the option `masks`; absent for `none`."
    )


class SegmentAnswer(PanopticAnswer, LabelledAnswer, ImageAnswer):
    """Every region with its label."""

    model_config = answer_config(
        {
            "segmented_image": "data:image/png;base64,iVBORw0KGgo...",
            "mask_count": 1,
            "labels": [
                {
                    "mask_index": 0,
                    "label": "cup",
                    "confidence": 0.7751,
                    "bbox": [76, 16, 404, 372],
                    "area": 112159,
                    "quality": 0.6052,
                    "stability": 1.0,
                    "alternatives": [{"label": "cup", "confidence": 0.7751}],
                }
            ],
            "width": 600,
            "height": 400,
        }
    )

    segmented_image: str | None = Field(
        None, description="Overlay as a PNG data URL of the image's size; absent when `overlay` is false."
    )
    mask_count: int = Field(ge=0, description="Number of regions.")
    labels: list[RegionEntry] = Field(
        description="The regions, best first; of several prompts in their order."
    )
    width: int = Field(description="Width of the upright image in pixels.")
    height: int = Field(description="Height of the upright image in pixels.")


def to_options(request: SegmentFields, vocabularies: Vocabularies, images: ImageService) -> SegmentOptions:
    """Return the options of a valid request.

    Raises:
        InvalidRequest: Its labels, its vocabulary or its phrases cannot be used.
        NotFound: The image of its examples is not stored.
    """
    labels = label_options(without_phrase_language(request), vocabularies, request.view, request.top_k)
    options = SegmentOptions(
        _mask_options(request),
        labels if request.classify else None,
        request.overlay,
        panoptic=request.panoptic,
    )
    return with_concept(options, request, vocabularies, images)


def _mask_options(request: SegmentFields) -> MaskOptions:
    prompt = request.prompt_list or request.single_prompt
    if prompt is None:
        return grid_mask_options(request)
    return mask_options(request, prompt, request.max_masks or 1)  # A prompt means one object.


def grid_mask_options(request: MaskFields) -> MaskOptions:
    """Return the options of a grid."""
    grid = PointGrid(request.points_per_side, request.adaptive, request.deduplication, request.crops)
    return mask_options(request, grid, request.max_masks or default_max_masks(grid.crops))


def mask_options(request: MaskFields, prompt: PointGrid | Prompt | PromptList, max_masks: int) -> MaskOptions:
    """Return the options for a prompt."""
    return MaskOptions(
        prompt=prompt,
        max_masks=max_masks,
        quality_threshold=request.quality_threshold,
        stability_threshold=request.stability_threshold,
        min_area=request.min_area,
        max_area=request.max_area,
        clean=request.clean,
    )


def segment_answer(result: SegmentResult, masks: MaskFormat) -> SegmentAnswer:
    """Return the answer of /segment."""
    entries = [_region_entry(result, index, masks) for index in range(len(result.regions))]
    return SegmentAnswer(
        **({} if result.overlay is None else {"segmented_image": image_data_url(result.overlay.png)}),
        mask_count=len(entries),
        labels=entries,
        width=result.width,
        height=result.height,
        **panoptic_members(result.panoptic),
        models={"segmenter": ModelEntry.of(result.found.segmenter), **_labeller_models(result.labels)},
        **label_notes(result.labels.vocabulary),
    )


def _labeller_models(labels: RegionLabels) -> dict[str, ModelEntry]:
    if labels.error is not None:
        return {"labeller": ModelEntry(error=labels.error)}
    return {} if labels.labeller is None else {"labeller": ModelEntry.of(labels.labeller)}


def _region_entry(result: SegmentResult, index: int, masks: MaskFormat) -> RegionEntry:
    region, prediction = result.regions[index], result.labels.per_region[index]
    return RegionEntry(
        mask_index=index,
        **({} if result.prompt_index is None else {"prompt_index": result.prompt_index[index]}),
        **label_score_entry(prediction.chosen).model_dump(exclude_unset=True),
        bbox=region.xywh,
        area=region.area,
        quality=round(region.quality, SCORE_DECIMALS),
        stability=round(region.stability, SCORE_DECIMALS),
        alternatives=[label_score_entry(score) for score in prediction.alternatives],
        **thing_members(result.panoptic, index),
        **({} if masks == "none" else {"mask": encode_mask(region.rle, masks)}),
    )


class SegmentTask(ImageTask[SegmentRequest, SegmentOptions, SegmentAnswer | segment_formats.DocumentAnswer]):
    """The work of POST /segment."""

    name = "segment"
    request_type = SegmentRequest

    def __init__(
        self, images: ImageService, metrics: TaskMetrics, service: SegmentService, vocabularies: Vocabularies
    ) -> None:
        super().__init__(images, metrics)
        self._service = service
        self._vocabularies = vocabularies

    def to_options(self, request: SegmentFields) -> SegmentOptions:
        """Resolve the vocabulary and the other options."""
        return segment_formats.options_for_format(
            to_options(request, self._vocabularies, self._images), request
        )

    def check_image(self, photo: Photo, options: SegmentOptions) -> None:
        """Refuse a prompt outside of the image and a view that the labeller lacks."""
        self._service.check(photo, options)

    def answer_of(
        self,
        photo: Photo,
        request: SegmentRequest,
        options: SegmentOptions,
        progress: Progress,
        publish: PublishAnswer,
    ) -> SegmentAnswer | segment_formats.DocumentAnswer:
        """Find and label the regions; unlabelled masks are published first."""
        result = self._service.segment(photo, options, progress, publish_masks(publish, request.masks))
        with progress.stage("answer"):
            if request.format != "json":
                return segment_formats.DocumentAnswer.of(result, options, request.format, photo)
            answer = segment_answer(result, request.masks)
            segment_formats.add_cutouts(request, answer.labels, result, photo, progress)
            return answer

    def count(self, answer: SegmentAnswer | segment_formats.DocumentAnswer) -> None:
        """Count the regions too."""
        self._metrics.observe_task(answer.timings_ms, answer.mask_count)


def publish_masks(publish: PublishAnswer, masks: MaskFormat) -> Callable[[SegmentResult], None]:
    """Return a listener that publishes a result of the segmentation as a partial answer."""
    return lambda result: publish(lambda: segment_answer(result, masks))
