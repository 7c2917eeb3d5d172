"""GeoJSON (RFC 7946): a FeatureCollection of polygons, as QuPath, shapely and mapping tools read it.

A region is a Polygon, or a MultiPolygon of its parts, with holes. The outlines run along the edges of pixels,
so the centre of a pixel is inside exactly if the pixel is in the mask. Parts that touch at corners only are
polygons of their own, as the rules for valid polygons demand. Nothing of the masks is lost.

Coordinates are pixels, with y down, and there is no reference system: the standard's longitude and latitude
do not apply. As numbers, outer rings run counter-clockwise and holes clockwise, so on the screen, where y
points down, it looks the other way round.
"""

import json
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from services.formats.annotations import SCORE_DIGITS, Annotation, ImageAnnotations
from services.masks.formats import Polygon, Ring, mask_polygons

GEOJSON_MEDIA_TYPE = "application/geo+json"

_COORDINATES = "pixels of the upright image, x right and y down from its top left corner"


def geojson_document(image: ImageAnnotations) -> str:
    """Return the FeatureCollection of one image, best region first."""
    return json.dumps(
        {
            "type": "FeatureCollection",
            "image": {"file_name": image.file_name, "width": image.width, "height": image.height},
            "coordinates_are": _COORDINATES,
            "features": [_feature(index, one) for index, one in enumerate(image.annotations)],
        }
    )


def _feature(index: int, annotation: Annotation) -> dict[str, Any]:
    region = annotation.region
    return {
        "type": "Feature",
        "id": index,
        "bbox": _corners(region.xywh),
        "geometry": _geometry(annotation),
        "properties": {
            # QuPath takes the class of an annotation from these two.
            "objectType": "annotation",
            "classification": {"name": annotation.label},
            "label": annotation.label,
            "confidence": annotation.score,
            "area": region.area,
            "quality": round(region.quality, SCORE_DIGITS),
            "stability": round(region.stability, SCORE_DIGITS),
            "alternatives": [
                {"label": score.label, "confidence": round(score.confidence, SCORE_DIGITS)}
                for score in annotation.alternatives
            ],
        },
    }


def _corners(xywh: tuple[int, int, int, int]) -> list[int]:
    x, y, width, height = xywh
    return [x, y, x + width, y + height]


def _geometry(annotation: Annotation) -> dict[str, Any]:
    polygons = [
        [_closed(polygon.exterior, corner, True), *(_closed(hole, corner, False) for hole in polygon.holes)]
        for corner, polygon in _valid_polygons(annotation)
    ]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _valid_polygons(annotation: Annotation) -> Iterator[tuple[tuple[int, int], Polygon]]:
    """Yield each 4-connected part: the corner x, y of its box, and its outline from there.

    No ring of a 4-connected part meets itself, even at a corner, as that of an 8-connected part may.
    """
    left, top = annotation.region.xywh[:2]
    crop = annotation.crop().view(np.uint8)
    count, parts, boxes, _ = cv2.connectedComponentsWithStats(crop, connectivity=4)
    for part in range(1, count):
        x, y, width, height = boxes[part, :4].tolist()
        (polygon,) = mask_polygons(parts[y : y + height, x : x + width] == part)
        yield (left + x, top + y), polygon


def _closed(ring: Ring, corner: tuple[int, int], counter_clockwise: bool) -> Ring:
    """Return the ring from that corner, in the given direction, with its first vertex again at the end."""
    points = np.array(ring)
    following = np.roll(points, -1, axis=0)
    # The shoelace formula: twice the area, positive for a ring that runs counter-clockwise.
    area = int(np.sum(points[:, 0] * following[:, 1] - points[:, 1] * following[:, 0]))
    ordered = points if (area > 0) == counter_clockwise else points[::-1]
    closed: Ring = (np.concatenate([ordered, ordered[:1]]) + corner).tolist()
    return closed
