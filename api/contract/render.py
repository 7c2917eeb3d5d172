"""Turns a segmentation into its answer; the command line writes the same JSON."""

from collections.abc import Callable, Mapping

from api.contract.common import ModelEntry
from api.contract.segment import MaskFormat
from api.contract.segment_answer import LabelEntry, LabelScoreSchema, PolygonSchema, RleMask, SegmentAnswer
from domain.labels import LabelScore, Naming
from domain.masks import Region, Rle
from services.images.png import data_url, png_file
from services.labels.service import Names
from services.masks.formats import decode_rle, polygons
from services.segment import SegmentResult

DECIMALS = 4

MaskForm = RleMask | list[PolygonSchema] | str


def segment_answer(result: SegmentResult, masks: MaskFormat) -> SegmentAnswer:
    """The answer of /segment."""
    entries = [
        _entry(index, region, naming, masks)
        for index, (region, naming) in enumerate(zip(result.regions, result.names.namings, strict=True))
    ]
    return SegmentAnswer(
        **({} if result.overlay is None else {"segmented_image": data_url(result.overlay.png)}),
        mask_count=len(entries),
        labels=entries,
        width=result.width,
        height=result.height,
        models={"segmenter": ModelEntry.of(result.found.segmenter), **_labeller(result.names)},
    )


def _labeller(names: Names) -> dict[str, ModelEntry]:
    if names.error is not None:
        return {"labeller": ModelEntry(error=names.error)}
    return {} if names.labeller is None else {"labeller": ModelEntry.of(names.labeller)}


def _entry(index: int, region: Region, naming: Naming, masks: MaskFormat) -> LabelEntry:
    return LabelEntry(
        mask_index=index,
        label=naming.chosen.label,
        confidence=round(naming.chosen.confidence, DECIMALS),
        bbox=region.xywh,
        area=region.area,
        quality=round(region.quality, DECIMALS),
        stability=round(region.stability, DECIMALS),
        alternatives=[score_answer(score) for score in naming.alternatives],
        **({} if masks == "none" else {"mask": _FORMS[masks](region.rle)}),
    )


def score_answer(score: LabelScore) -> LabelScoreSchema:
    """A name and its probability."""
    return LabelScoreSchema(label=score.label, confidence=round(score.confidence, DECIMALS))


def _rle(rle: Rle) -> MaskForm:
    return RleMask(size=(rle.height, rle.width), counts=rle.counts)


def _polygons(rle: Rle) -> MaskForm:
    return [PolygonSchema.model_validate(vars(part)) for part in polygons(decode_rle(rle))]


def _png(rle: Rle) -> MaskForm:
    return data_url(png_file(decode_rle(rle)))


_FORMS: Mapping[str, Callable[[Rle], MaskForm]] = {
    "rle": _rle,
    "polygons": _polygons,
    "png": _png,
}
