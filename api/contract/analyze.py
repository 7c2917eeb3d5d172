"""The bodies of POST /analyze and /analyze/batch."""

from typing import Any

from pydantic import BaseModel, Field

from api.contract.common import (
    SCORE_DECIMALS,
    ImageBatchRequest,
    ImageRequest,
    LabelScoreEntry,
    ModelEntry,
    UnitFloat,
    label_score_entry,
)
from api.contract.extract_text import DEFAULT_MIN_TEXT_CONFIDENCE, TextLineEntry, extract_text_answer
from api.contract.segment import (
    MaskFormat,
    RegionEntry,
    SegmentAnswer,
    SegmentFields,
    segment_answer,
    segment_options,
)
from api.contract.tasks import OfferPartial, TaskKind, TaskRun, image_task
from api.http.metrics import Metrics
from domain.depth import DepthKind, DepthMap
from services.analyze.regions import RegionColor
from services.analyze.service import AnalyzeOptions, AnalyzeResult, AnalyzeService
from services.images.photo import Photo
from services.images.upload import ImageService
from services.progress import Progress
from services.segment import SegmentResult
from services.text.service import TextOptions
from services.vocabularies.library import Vocabularies


class AnalyzeFields(SegmentFields):
    """What to find out; the fields of /segment and some more."""

    depth: bool = Field(True, description="Whether to say how far each region is.")
    text: bool = Field(True, description="Whether to read text.")
    min_text_confidence: UnitFloat = Field(
        DEFAULT_MIN_TEXT_CONFIDENCE, description="Lines of text read with less confidence are left out."
    )
    colors: bool = Field(True, description="Whether to tell the main colours of each region.")


class AnalyzeRequest(AnalyzeFields, ImageRequest):
    """An analysis of one photograph."""


class AnalyzeBatchRequest(AnalyzeFields, ImageBatchRequest):
    """The same analysis of many photographs."""


class RegionDepthEntry(BaseModel):
    """How far a region is, in the unit of the depth map."""

    median: float
    min: float
    max: float
    rank: int = Field(ge=1, description="From front to back by the median: 1 is the nearest region.")


class RegionColorEntry(BaseModel):
    """One of the main colours of a region."""

    hex: str = Field(pattern="^#[0-9a-f]{6}$", description="sRGB.", examples=["#1f77b4"])
    share: float = Field(ge=0, le=1, description="Share of the region that has it.")


class DepthRangeEntry(BaseModel):
    """The depth map that the regions' depths come from; GET /depth/{file_id} has it whole."""

    kind: DepthKind = Field(
        description="`relative`: inverse depth, larger = nearer, no unit; `metric`: metres, larger = farther."
    )
    min: float = Field(description="Least value of the photograph.")
    max: float = Field(description="Largest value.")


class AnalyzedRegionEntry(RegionEntry):
    """One region and what is known of it."""

    parent: int | None = Field(
        description="`mask_index` of the smallest region that it lies in; null where it lies in none."
    )
    depth: RegionDepthEntry | None = Field(None, description="Absent without depth.")
    text: str | None = Field(
        None, description="The lines of text in it, one below the other; empty where there are none. Absent "
        "where text was not read."
    )  # fmt: skip
    text_lines: list[int] | None = Field(None, description="The positions of these lines in `lines`.")
    colors: list[RegionColorEntry] | None = Field(
        None, description="The largest share first; absent when `colors` is false."
    )


class AnalyzeAnswer(SegmentAnswer):
    """Every region with its name, depth, text, colours and place; and what holds for the whole photograph."""

    labels: list[AnalyzedRegionEntry]  # type: ignore[assignment]
    image_labels: list[LabelScoreEntry] = Field(
        description="Names of the whole photograph, best first; empty when `classify` is false or no "
        "labeller works."
    )
    image_unknown: float | None = Field(
        None, ge=0, le=1, description="Probability that no name fits the whole; absent where there are none."
    )
    text: str | None = Field(None, description="As of /extract_text; absent where text was not read.")
    lines: list[TextLineEntry] | None = Field(None, description="Likewise.")
    depth: DepthRangeEntry | None = Field(None, description="Absent without depth.")


COLOR_SHARE_DECIMALS = 3

DEPTH_DECIMALS = 5


def analyze_answer(result: AnalyzeResult, masks: MaskFormat) -> AnalyzeAnswer:
    """The answer of /analyze."""
    base = segment_answer(result.segment, masks)
    return AnalyzeAnswer(
        **{**_set_members(base), "labels": [_analyzed_region(entry, result) for entry in base.labels]},
        **_image_labels(result),
        **_text_members(result),
        **({} if result.depth is None else {"depth": _depth_range(result.depth.depth)}),
        models={**base.models, **_depth_and_text_models(result)},
    )


def _set_members(base: Any) -> dict[str, Any]:
    """What is set of an answer, but what this one has of its own."""
    return {name: getattr(base, name) for name in base.model_fields_set - {"models", "timings_ms"}}


def _analyzed_region(entry: RegionEntry, result: AnalyzeResult) -> AnalyzedRegionEntry:
    index = entry.mask_index
    facts = result.facts[index]
    known: dict[str, Any] = {}
    if facts.depth is not None and result.ranks is not None:
        known["depth"] = RegionDepthEntry(**_round_depths(vars(facts.depth)), rank=result.ranks[index])
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
    """Who estimated and read, or why nobody did."""
    models = {name: ModelEntry(error=reason) for name, reason in result.errors.items()}
    if result.depth is not None:
        models["depth"] = ModelEntry.of(result.depth.estimator)
    if result.text is not None:
        models["text"] = ModelEntry.of(result.text.reader)
    return models


def analyze_task(
    images: ImageService, service: AnalyzeService, vocabularies: Vocabularies, metrics: Metrics
) -> TaskKind:
    """Analyses by `service`, with names of `vocabularies`, counted by `metrics`."""

    def prepare(body: AnalyzeRequest) -> TaskRun:
        options = analyze_options(body, vocabularies)

        def answer(photo: Photo, progress: Progress, offer: OfferPartial) -> AnalyzeAnswer:
            def found(masks: SegmentResult) -> None:
                offer(lambda: segment_answer(masks, body.masks))

            result = service.analyze(photo, options, progress, found)
            with progress.stage("answer"):
                return analyze_answer(result, body.masks)

        def note(done: AnalyzeAnswer) -> None:
            metrics.worked(done.timings_ms, done.mask_count, len(done.lines or ()))

        return image_task(images, body.file_id, answer, note)

    def check(body: AnalyzeRequest) -> None:
        service.check(images.photo(body.file_id), segment_options(body, vocabularies))

    return TaskKind(
        "analyze",
        "Find out everything about a photograph: regions, names, depth, text, colours",
        AnalyzeRequest,
        AnalyzeBatchRequest,
        AnalyzeAnswer,
        prepare,
        check,
    )


def analyze_options(body: AnalyzeFields, vocabularies: Vocabularies) -> AnalyzeOptions:
    """The options that a valid body asks for.

    Raises:
        InvalidRequest: Its labels or its vocabulary cannot be used.
    """
    text = TextOptions(body.min_text_confidence) if body.text else None
    return AnalyzeOptions(segment_options(body, vocabularies), body.depth, text, body.colors)
