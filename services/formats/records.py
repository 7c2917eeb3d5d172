"""Keeps the annotations of one photograph in a file, so that joined documents can be made of many."""

import json
from dataclasses import asdict
from typing import Any

from domain.labels import LabelScore
from domain.masks import Region, Rle
from services.formats.annotations import Annotation, ImageAnnotations


def image_record(image: ImageAnnotations) -> bytes:
    """Return the annotations as JSON, without any loss."""
    return json.dumps(asdict(image)).encode()


def read_image_record(record: bytes) -> ImageAnnotations:
    """Return the annotations that `image_record` wrote."""
    members = json.loads(record)
    annotations = tuple(_annotation(**entry) for entry in members.pop("annotations"))
    return ImageAnnotations(annotations=annotations, **members)


def _annotation(
    region: dict[str, Any], label: str, confidence: float, alternatives: list[dict[str, Any]]
) -> Annotation:
    return Annotation(
        Region(
            rle=Rle(**region.pop("rle")),
            xywh=tuple(region.pop("xywh")),
            **region,
        ),
        label,
        confidence,
        tuple(LabelScore(**score) for score in alternatives),
    )
