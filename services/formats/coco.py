"""COCO instances (cocodataset.org/#format-data), as pycocotools, FiftyOne, CVAT and supervision read them.

Masks are compressed run-length codes with `iscrowd` 0. They hold holes and parts and are exact in each
reader, whereas readers fill polygons differently and COCO's polygons have no holes. Programs that take
polygons alone, such as Detectron2 unless its INPUT.MASK_FORMAT is `bitmask`, cannot read them. The member
`score` is not in the format; readers keep or ignore it. Alternatives, quality and stability are lost.
"""

from collections.abc import Iterator
from typing import Any

from services.formats.annotations import Annotation, Categories, ImageAnnotations, Images
from services.formats.json_chunks import json_object_chunks

COCO_INFO = {"description": "Made with seglabel"}


def coco_chunks(images: Images, categories: Categories) -> Iterator[str]:
    """Yield the document of all images in pieces; annotations are numbered from 1 through all of them."""
    return json_object_chunks(
        {
            "info": COCO_INFO,
            "licenses": [],
            "images": map(coco_image, images()),
            "annotations": _coco_annotations(images, categories),
            "categories": [
                {"id": category_id(categories, name), "name": name, "supercategory": ""}
                for name in categories.names
            ],
        }
    )


def coco_image(image: ImageAnnotations) -> dict[str, Any]:
    """Return the entry of an image."""
    return {
        "id": image.image_id,
        "file_name": image.file_name,
        "width": image.width,
        "height": image.height,
    }


def category_id(categories: Categories, label: str) -> int:
    """Return COCO's number of a category: its position in the vocabulary, from 1, since 0 means none."""
    return categories.index(label) + 1


def _coco_annotations(images: Images, categories: Categories) -> Iterator[dict[str, Any]]:
    annotation_id = 0
    for image in images():
        for annotation in image.annotations:
            annotation_id += 1
            yield {
                "id": annotation_id,
                "image_id": image.image_id,
                "category_id": category_id(categories, annotation.label),
                **coco_region(annotation),
                "iscrowd": 0,
                "score": annotation.score,
            }


def coco_region(annotation: Annotation) -> dict[str, Any]:
    """Return mask, area and box of a region as COCO and SAM have them: bbox is x, y, width, height from 0."""
    region = annotation.region
    return {
        "segmentation": {"size": [region.rle.height, region.rle.width], "counts": region.rle.counts},
        "area": region.area,
        "bbox": list(region.xywh),
    }
