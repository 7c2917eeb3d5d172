"""COCO panoptic (cocodataset.org/#format-data): one PNG of segment ids for each image, and a JSON document.

Each pixel belongs to one segment at most, so the regions must be whole objects, which do not
overlap. They keep their holes and parts exactly. Confidences are lost but for the member `score`, which is
not in the format.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.formats.annotations import Categories, ImageAnnotations, Images
from services.formats.coco import COCO_INFO, category_id, coco_image
from services.formats.json_chunks import json_object_chunks
from services.images.data_url import image_data_url
from services.images.png import encode_ids


def panoptic_png(image: ImageAnnotations) -> bytes:
    """Return the PNG file of segment ids: id = R + 256 G + 65536 B, and black is no segment."""
    return encode_ids(_ids(image))


def panoptic_chunks(images: Images, categories: Categories) -> Iterator[str]:
    """Yield the JSON document of all images in pieces; each annotation names a PNG of the image's name."""
    annotations = (_panoptic_annotation(image, categories) for image in images())
    return _panoptic_document(images, annotations, categories)


def panoptic_image_document(image: ImageAnnotations, categories: Categories) -> str:
    """Return the JSON document of one image; its annotation has the PNG as a data URL, `segmentation`."""
    annotation = _panoptic_annotation(image, categories)
    annotation["segmentation"] = image_data_url(panoptic_png(image))
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
                {
                    "id": category_id(categories, name),
                    "name": name,
                    "supercategory": "",
                    "isthing": int(name not in categories.stuff),
                }
                for name in categories.names
            ],
        }
    )


def _panoptic_annotation(image: ImageAnnotations, categories: Categories) -> dict[str, Any]:
    stem = image.file_name.rpartition(".")[0] or image.file_name
    return {
        "image_id": image.image_id,
        "file_name": f"{stem}.png",
        "segments_info": [
            {
                "id": segment_id,
                "category_id": category_id(categories, annotation.label),
                "area": annotation.region.area,
                "bbox": [*annotation.region.xywh],
                "iscrowd": 0,
                "score": annotation.score,
            }
            for segment_id, annotation in enumerate(image.annotations, 1)
        ],
    }


def _ids(image: ImageAnnotations) -> NDArray[np.int32]:
    """Return the id of the segment of each pixel, its position from 1; 0 is no segment."""
    ids = np.zeros((image.height, image.width), np.int32)
    for segment_id, annotation in enumerate(image.annotations, 1):
        x, y, width, height = annotation.region.xywh
        ids[y : y + height, x : x + width][annotation.crop()] = segment_id
    return ids
