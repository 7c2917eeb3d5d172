"""COCO panoptic (cocodataset.org/#format-data): one PNG of segment ids for each image, and a JSON document.

Each pixel belongs to one segment at most, so of regions that overlap only the uppermost keeps the pixel, and
a region that others hide is dropped. What is left of a region keeps its holes and parts exactly. Confidences
are lost but for the member `score`, which is not in the format.
"""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Rgb
from services.formats.annotations import Categories, ImageAnnotations, Images
from services.formats.coco import COCO_INFO, category_id, coco_image
from services.formats.json_chunks import json_object_chunks
from services.images.data_url import image_data_url
from services.images.png import encode_png

SegmentIds = NDArray[np.int32]
"""int32 [H, W], the id of the segment of each pixel; 0 is no segment."""


def paint_segments(image: ImageAnnotations) -> SegmentIds:
    """Paint the regions over one another, the most confident uppermost; the id is the position from 1."""
    ids: SegmentIds = np.zeros((image.height, image.width), np.int32)
    for position in sorted(
        range(len(image.annotations)), key=lambda place: (image.annotations[place].confidence, -place)
    ):
        annotation = image.annotations[position]
        x, y, width, height = annotation.region.xywh
        ids[y : y + height, x : x + width][annotation.crop()] = position + 1
    return ids


def panoptic_png(image: ImageAnnotations) -> bytes:
    """Return the PNG file of segment ids: id = R + 256 G + 65536 B, and black is no segment."""
    return _ids_png(paint_segments(image))


def panoptic_chunks(images: Images, categories: Categories) -> Iterator[str]:
    """Yield the JSON document of all images in pieces; each annotation names a PNG of the image's name."""
    annotations = (_panoptic_annotation(image, paint_segments(image), categories) for image in images())
    return _panoptic_document(images, annotations, categories)


def panoptic_image_document(image: ImageAnnotations, categories: Categories) -> str:
    """Return the JSON document of one image; its annotation has the PNG as a data URL, `segmentation`."""
    ids = paint_segments(image)
    annotation = _panoptic_annotation(image, ids, categories)
    annotation["segmentation"] = image_data_url(_ids_png(ids))
    return "".join(_panoptic_document(lambda: [image], iter([annotation]), categories))


def _panoptic_document(
    images: Images, annotations: Iterator[dict[str, Any]], categories: Categories
) -> Iterator[str]:
    return json_object_chunks(
        {
            "info": COCO_INFO,
            "licenses": [],
            "images": map(coco_image, images()),
            "annotations": annotations,
            "categories": [
                {"id": category_id(categories, name), "name": name, "supercategory": "", "isthing": 1}
                for name in categories.names
            ],
        }
    )


def _panoptic_annotation(image: ImageAnnotations, ids: SegmentIds, categories: Categories) -> dict[str, Any]:
    stem = image.file_name.rpartition(".")[0] or image.file_name
    return {
        "image_id": image.image_id,
        "file_name": f"{stem}.png",
        "segments_info": list(_segments_info(image, ids, categories)),
    }


def _segments_info(
    image: ImageAnnotations, ids: SegmentIds, categories: Categories
) -> Iterator[dict[str, Any]]:
    for segment_id, annotation in enumerate(image.annotations, 1):
        x, y, width, height = annotation.region.xywh
        visible = ids[y : y + height, x : x + width] == segment_id
        area = int(np.count_nonzero(visible))
        if area:
            left, top, *size = cv2.boundingRect(visible.view(np.uint8))
            yield {
                "id": segment_id,
                "category_id": category_id(categories, annotation.label),
                "area": area,
                "bbox": [x + left, y + top, *size],
                "iscrowd": 0,
                "score": annotation.score,
            }


def _ids_png(ids: SegmentIds) -> bytes:
    colors: Rgb = np.stack([ids & 255, ids >> 8 & 255, ids >> 16], axis=2).astype(np.uint8)
    return encode_png(colors)
