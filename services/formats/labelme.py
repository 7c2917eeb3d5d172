"""labelme: the shapes of an image in JSON, which the application shows and edits.

A region without holes is a polygon a part, joined by `group_id`; vertices are the pixels on its border, which
labelme's shape_to_mask and supervision paint too, so that both give the mask back. A polygon has no holes, so
a region with holes is a shape of type `mask`, which labelme reads exactly and supervision passes over.
`imageHeight` and `imageWidth` are those of the upright image; labelme refuses other ones. The confidence is
the `description`, and `score` for X-AnyLabeling. Alternatives are lost.
"""

import base64
import json
from typing import Any

import cv2
import numpy as np

from domain.arrays import Mask
from services.formats.annotations import Annotation, ImageAnnotations
from services.images.png import encode_png
from services.masks.formats import Ring

LABELME_VERSION = "6.3.1"
"""The version whose reader the documents were checked with."""


def labelme_document(image: ImageAnnotations) -> str:
    """Return the document of one image, which lies in the folder of the document."""
    shapes = [shape for group, one in enumerate(image.annotations) for shape in _shapes(one, group)]
    return json.dumps(
        {
            "version": LABELME_VERSION,
            "flags": {},
            "shapes": shapes,
            "imagePath": image.file_name,
            "imageData": None,
            "imageHeight": image.height,
            "imageWidth": image.width,
        }
    )


def _shapes(annotation: Annotation, group: int) -> list[dict[str, Any]]:
    x, y, width, height = annotation.region.xywh
    crop = annotation.crop()
    parts = _parts_without_holes(crop)
    if parts is None:
        return [_shape(annotation, "mask", [[x, y], [x + width - 1, y + height - 1]], _png_text(crop))]
    group_id = group if len(parts) > 1 else None
    moved: list[Ring] = [np.add(part, (x, y)).tolist() for part in parts]
    return [_shape(annotation, "polygon", part, None, group_id) for part in moved]


def _shape(
    annotation: Annotation, kind: str, points: Ring, mask: str | None, group_id: int | None = None
) -> dict[str, Any]:
    return {
        "label": annotation.label,
        "points": points,
        "group_id": group_id,
        "description": str(annotation.score),
        "shape_type": kind,
        "flags": {},
        "mask": mask,
        "score": annotation.score,
    }


def _parts_without_holes(mask: Mask) -> list[Ring] | None:
    """Return the pixels at the corners of each 8-connected part's border, or None if there are holes.

    Borders are followed by cv2.findContours (Suzuki and Abe, 1985). Painting a polygon with its outline gives
    the part back. A part of one or two corners repeats the last one, since a polygon needs three.
    """
    found, tree = cv2.findContours(mask.view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if np.any(tree[0, :, 3] >= 0):
        return None
    rings: list[Ring] = [contour[:, 0].tolist() for contour in found]
    return [ring + ring[-1:] * (3 - len(ring)) for ring in rings]


def _png_text(mask: Mask) -> str:
    return base64.b64encode(encode_png(mask)).decode("ascii")
