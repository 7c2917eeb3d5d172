"""POST /analyze and /analyze/batch: request, options, answer and task."""

from typing import Any

from pydantic import BaseModel, Field

from api.contract import segment
from api.contract.common import (
    SCORE_DECIMALS,
    LabelScoreEntry,
    ModelEntry,
    UnitFloat,
    answer_config,
    label_score_entry,
)
from api.contract.extract_text import DEFAULT_MIN_TEXT_CONFIDENCE, TextLineEntry, extract_text_answer
from api.contract.images import ImageBatchRequest, ImageRequest
from api.contract.mask_formats import MaskFormat
from api.contract.segment import RegionEntry, SegmentAnswer, SegmentFields, publish_masks, segment_answer
from api.contract.segment_formats import add_cutouts
from api.contract.tasks import ImageTask, PublishAnswer, TaskMetrics
from domain.depth import DepthKind, DepthMap
from services.analyze.regions import RegionColor
from services.analyze.service import AnalyzeOptions, AnalyzeResult, AnalyzeService
from services.images.photo import Photo
from services.images.upload import ImageService
from services.progress import Progress
from services.text.service import TextOptions
from services.vocabularies.library import Vocabularies


class AnalyzeFields(SegmentFields):
    """The options of /analyze: those of /segment, and which other facts to find."""

    depth: bool = Field(True, description="Estimate the depth of each region.")
    text: bool = Field(True, description="Read the text in the image.")
    min_text_confidence: UnitFloat = Field(
        DEFAULT_MIN_TEXT_CONFIDENCE,
        description="Least confidence of a line of text; other lines are left out.",
    )
    colors: bool = Field(True, description="Find the main colours of each region.")


class AnalyzeRequest(AnalyzeFields, ImageRequest):
    """A request to analyze one image."""


class AnalyzeBatchRequest(AnalyzeFields, ImageBatchRequest):
    """A request to analyze many images with the same options."""


class RegionDepthEntry(BaseModel):
    """The depth of a region, in the unit of the depth map."""

    median: float = Field(description="Median over the pixels of the region.")
    min: float = Field(description="Least value in the region.")
    max: float = Field(description="Largest value in the region.")
    rank: int = Field(ge=1, description="Rank from front to back by the median; 1 is the nearest region.")


class RegionColorEntry(BaseModel):
    """One of the main colours of a region."""

    hex: str = Field(
        pattern="^#[0-9a-f]{6}$", description="Colour in sRGB.", json_schema_extra={"example": "#1f77b4"}
    )
    share: float = Field(ge=0, le=1, description="Fraction of the region that has the colour.")


class DepthRangeEntry(BaseModel):
    """The range of the depth map from which the depths of regions come; GET /depth/{file_id} has the map."""

    kind: DepthKind = Field(
        description="`relative`: inverse depth without a unit, in which larger values are nearer; `metric`: "
        "metres, in which larger values are farther."
    )
    min: float = Field(description="Least value in the image.")
    max: float = Field(description="Largest value in the image.")


class AnalyzedRegionEntry(RegionEntry):
    """One region and the facts about it."""

    parent: int | None = Field(
        description="`mask_index` of the smallest region that contains it; null where none does."
    )
    depth: RegionDepthEntry | None = Field(
        None, description="Depth of the region; absent where depth was not estimated."
    )
    text: str | None = Field(
        None, description="Lines of text in the region, separated by newlines; empty where there is no text, "
        "absent where text was not read."
    )  # fmt: skip
    text_lines: list[int] | None = Field(None, description="Indices in `lines` of the lines in the region.")
    colors: list[RegionColorEntry] | None = Field(
        None, description="Main colours, the largest fraction first; absent when `colors` is false."
    )


class AnalyzeAnswer(SegmentAnswer):
    """Every region with its label, depth, text, colours and parent, and the facts about the whole image."""

    model_config = answer_config(
        {
            "mask_count": 1,
            "labels": [
                {
                    "mask_index": 0,
                    "label": "person",
                    "confidence": 0.7407,
                    "bbox": [0, 209, 244, 303],
                    "area": 55126,
                    "quality": 0.6052,
                    "stability": 1.0,
                    "alternatives": [{"label": "person", "confidence": 0.7407}],
                    "parent": None,
                    "depth": {"median": 429.04, "min": 158.94, "max": 517.04, "rank": 1},
                    "text": "",
                    "text_lines": [],
                    "colors": [{"hex": "#de6e4c", "share": 0.473}],
                }
            ],
            "width": 512,
            "height": 512,
            "image_labels": [{"label": "person", "confidence": 0.0967}],
            "image_unknown": 0.2916,
            "text": "",
            "lines": [],
            "depth": {"kind": "relative", "min": 101.5, "max": 517.04},
        }
    )

    labels: list[AnalyzedRegionEntry] = Field(  # type: ignore[assignment]
        description="The regions, best first."
    )
    image_labels: list[LabelScoreEntry] = Field(
        description="Labels of the whole image, best first; empty when `classify` is false or no labeller is "
        "available."
    )
    image_unknown: float | None = Field(
        None, ge=0, le=1, description="Probability that no label fits the whole image; absent without labels."
    )
    text: str | None = Field(None, description="Text as in /extract_text; absent where text was not read.")
    lines: list[TextLineEntry] | None = Field(None, description="Lines as in /extract_text.")
    depth: DepthRangeEntry | None = Field(
        None, description="Range of the depth map; absent where depth was not estimated."
    )


COLOR_SHARE_DECIMALS = 3

DEPTH_DECIMALS = 5


def analyze_answer(result: AnalyzeResult, masks: MaskFormat) -> AnalyzeAnswer:
    """Return the answer of /analyze."""
    base = segment_answer(result.segment, masks)
    return AnalyzeAnswer(
        **{**_set_members(base), "labels": [_analyzed_region(entry, result) for entry in base.labels]},
        **_image_labels(result),
        **_text_members(result),
        **({} if result.depth is None else {"depth": _depth_range(result.depth.depth)}),
        models={**base.models, **_depth_and_text_models(result)},
    )


def _set_members(base: Any) -> dict[str, Any]:
    """Return the members of an entry or answer that are set, without models and timings."""
    return {name: getattr(base, name) for name in base.model_fields_set - {"models", "timings_ms"}}


def _analyzed_region(entry: RegionEntry, result: AnalyzeResult) -> AnalyzedRegionEntry:
    index = entry.mask_index
    facts = result.facts[index]
    known: dict[str, Any] = {}
    rank = None if result.ranks is None else result.ranks[index]
    if facts.depth is not None and rank is not None:
        known["depth"] = RegionDepthEntry(**_round_depths(vars(facts.depth)), rank=rank)
    if facts.lines is not None and result.text is not None:
        known["text"] = "\n".join(result.text.lines[line].text for line in facts.lines)
        known["text_lines"] = [*facts.lines]
    if facts.colors is not None:
        known["colors"] = [_region_color(color) for color in facts.colors]
    return AnalyzedRegionEntry(**_set_members(entry), parent=result.parents[index], **known)


def _region_color(color: RegionColor) -> RegionColorEntry:
    return RegionColorEntry(hex=color.hex, share=round(color.share, COLOR_SHARE_DECIMALS))


def _round_depths(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, DEPTH_DECIMALS) for name, value in values.items()}


def _depth_range(depth: DepthMap) -> DepthRangeEntry:
    least, largest = float(depth.values.min()), float(depth.values.max())
    return DepthRangeEntry(kind=depth.kind, **_round_depths({"min": least, "max": largest}))


def _image_labels(result: AnalyzeResult) -> dict[str, Any]:
    if result.image is None:
        return {"image_labels": []}
    names = [label_score_entry(score) for score in result.image.alternatives]
    return {"image_labels": names, "image_unknown": round(result.image.unknown, SCORE_DECIMALS)}


def _text_members(result: AnalyzeResult) -> dict[str, Any]:
    if result.text is None:
        return {}
    answer = extract_text_answer(result.text)
    return {"text": answer.text, "lines": answer.lines}


def _depth_and_text_models(result: AnalyzeResult) -> dict[str, ModelEntry]:
    """Return the models of depth and text, or the reasons why they did not answer."""
    models = {name: ModelEntry(error=reason) for name, reason in result.errors.items()}
    if result.depth is not None:
        models["depth"] = ModelEntry.of(result.depth.estimator)
    if result.text is not None:
        models["text"] = ModelEntry.of(result.text.reader)
    return models


class AnalyzeTask(ImageTask[AnalyzeRequest, AnalyzeOptions, AnalyzeAnswer]):
    """The work of POST /analyze."""

    name = "analyze"
    request_type = AnalyzeRequest

    def __init__(
        self, images: ImageService, metrics: TaskMetrics, service: AnalyzeService, vocabularies: Vocabularies
    ) -> None:
        super().__init__(images, metrics)
        self._service = service
        self._vocabularies = vocabularies

    def to_options(self, request: AnalyzeFields) -> AnalyzeOptions:
        """Resolve the vocabulary and the other options."""
        return to_options(request, self._vocabularies, self._images)

    def check_image(self, photo: Photo, options: AnalyzeOptions) -> None:
        """Refuse a prompt outside of the image and a view that the labeller lacks."""
        self._service.check(photo, options.segment)

    def answer_of(
        self,
        photo: Photo,
        request: AnalyzeRequest,
        options: AnalyzeOptions,
        progress: Progress,
        publish: PublishAnswer,
    ) -> AnalyzeAnswer:
        """Analyze the image; masks, then labelled regions are published first, as answers of /segment."""
        result = self._service.analyze(photo, options, progress, publish_masks(publish, request.masks))
        with progress.stage("answer"):
            answer = analyze_answer(result, request.masks)
            add_cutouts(request, answer.labels, result.segment, photo, progress)
            return answer

    def count(self, answer: AnalyzeAnswer) -> None:
        """Count the regions and the lines of text too."""
        self._metrics.observe_task(answer.timings_ms, answer.mask_count, len(answer.lines or ()))


def to_options(request: AnalyzeFields, vocabularies: Vocabularies, images: ImageService) -> AnalyzeOptions:
    """Return the options of a valid request.

    Raises:
        InvalidRequest: Its labels, its vocabulary or its phrases cannot be used.
        NotFound: The image of its examples is not stored.
    """
    text = TextOptions(request.min_text_confidence) if request.text else None
    return AnalyzeOptions(
        segment.to_options(request, vocabularies, images), request.depth, text, request.colors
    )
