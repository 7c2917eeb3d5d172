"""Turns an analysis into its answer; the command line writes the same JSON."""

from typing import Any

from api.contract.analyze import ColorSchema, RegionDepthSchema, SceneAnswer, SceneDepthSchema, SceneEntry
from api.contract.common import ModelEntry
from api.contract.render import DECIMALS, score_answer, segment_answer
from api.contract.render_text import text_answer
from api.contract.segment import MaskFormat
from api.contract.segment_answer import LabelEntry
from domain.depth import DepthMap
from services.analyze.regions import ColorShare
from services.analyze.service import SceneResult

SHARE_DECIMALS = 3
DEPTH_DECIMALS = 5


def scene_answer(result: SceneResult, masks: MaskFormat) -> SceneAnswer:
    """The answer of /analyze."""
    base = segment_answer(result.segment, masks)
    return SceneAnswer(
        **{**_sent(base), "labels": [_entry(entry, result) for entry in base.labels]},
        **_image(result),
        **_text(result),
        **({} if result.depth is None else {"depth": _depth(result.depth.depth)}),
        models={**base.models, **_models(result)},
    )


def _sent(base: Any) -> dict[str, Any]:
    """What is set of an answer, but what this one has of its own."""
    return {name: getattr(base, name) for name in base.model_fields_set - {"models", "timings_ms"}}


def _entry(entry: LabelEntry, result: SceneResult) -> SceneEntry:
    index = entry.mask_index
    facts = result.facts[index]
    known: dict[str, Any] = {}
    if facts.depth is not None and result.ranks is not None:
        known["depth"] = RegionDepthSchema(**_rounded(vars(facts.depth)), rank=result.ranks[index])
    if facts.lines is not None and result.text is not None:
        known["text"] = "\n".join(result.text.lines[line].text for line in facts.lines)
        known["text_lines"] = [*facts.lines]
    if facts.colors is not None:
        known["colors"] = [_color(color) for color in facts.colors]
    return SceneEntry(**_sent(entry), parent=result.parents[index], **known)


def _color(color: ColorShare) -> ColorSchema:
    return ColorSchema(hex=color.hex, share=round(color.share, SHARE_DECIMALS))


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, DEPTH_DECIMALS) for name, value in values.items()}


def _depth(depth: DepthMap) -> SceneDepthSchema:
    least, largest = float(depth.values.min()), float(depth.values.max())
    return SceneDepthSchema(kind=depth.kind, **_rounded({"min": least, "max": largest}))


def _image(result: SceneResult) -> dict[str, Any]:
    if result.image is None:
        return {"image_labels": []}
    names = [score_answer(score) for score in result.image.alternatives]
    return {"image_labels": names, "image_unknown": round(result.image.unknown, DECIMALS)}


def _text(result: SceneResult) -> dict[str, Any]:
    if result.text is None:
        return {}
    answer = text_answer(result.text)
    return {"text": answer.text, "lines": answer.lines}


def _models(result: SceneResult) -> dict[str, ModelEntry]:
    """Who estimated and read, or why nobody did."""
    models = {name: ModelEntry(error=reason) for name, reason in result.errors.items()}
    if result.depth is not None:
        models["depth"] = ModelEntry.of(result.depth.estimator)
    if result.text is not None:
        models["text"] = ModelEntry.of(result.text.reader)
    return models
