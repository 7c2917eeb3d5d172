"""The list of records that SAM's automatic mask generator returns, with the label of each beside it.

Masks are compressed run-length codes and keep holes and parts. The regions do not remember their prompts, so
`point_coords` has a point well inside the mask: its prompt, had it been clicked. `crop_box` is the whole
image. Alternatives are lost.
"""

import json
from typing import Any

import cv2
import numpy as np

from domain.arrays import Mask
from services.formats.annotations import SCORE_DIGITS, Annotation, ImageAnnotations
from services.formats.coco import coco_region


def sam_document(image: ImageAnnotations) -> str:
    """Return the list of records as JSON, best first."""
    return json.dumps([_sam_record(annotation, image) for annotation in image.annotations])


def _sam_record(annotation: Annotation, image: ImageAnnotations) -> dict[str, Any]:
    return {
        **coco_region(annotation),
        "predicted_iou": round(annotation.region.quality, SCORE_DIGITS),
        "point_coords": [_inner_point(annotation)],
        "stability_score": round(annotation.region.stability, SCORE_DIGITS),
        "crop_box": [0, 0, image.width, image.height],
        "label": annotation.label,
        "label_score": annotation.score,
    }


def _inner_point(annotation: Annotation) -> list[float]:
    """Return the centre x, y of the pixel that is farthest from the edge of the mask."""
    framed: Mask = np.pad(annotation.crop(), 1)
    distance = cv2.distanceTransform(framed.view(np.uint8), cv2.DIST_L2, 3)
    row, column = np.unravel_index(int(np.argmax(distance)), distance.shape)
    x, y = annotation.region.xywh[:2]
    return [x + int(column) - 0.5, y + int(row) - 0.5]
