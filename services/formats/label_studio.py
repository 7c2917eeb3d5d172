"""Label Studio: tasks with predictions, and the labelling configuration that they fit.

Regions are brush strokes in Label Studio's own run-length code, which holds holes and parts exactly; its
polygons could not. The confidence is the `score` of a region, and their mean that of the prediction.
Alternatives, quality and stability are lost.
"""

from collections.abc import Iterator
from statistics import fmean
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from services.formats.annotations import SCORE_DIGITS, Annotation, Categories, ImageAnnotations, Images
from services.formats.brush import brush_rle
from services.formats.json_chunks import json_array_chunks

LOCAL_FILES = "/data/local-files/?d=images/"
"""URL below which a Label Studio whose local files are the data set serves its images."""

_BRUSH, _IMAGE = "brush", "image"


def label_studio_document(image: ImageAnnotations) -> str:
    """Return a list with the task of one image; its `image` is the file name."""
    return "".join(json_array_chunks([_task(image, image.file_name)]))


def label_studio_tasks(images: Images, _categories: Categories) -> Iterator[str]:
    """Yield the list of tasks in pieces."""
    return json_array_chunks(_task(image, LOCAL_FILES + quote(image.file_name)) for image in images())


def label_studio_config(_images: Images, categories: Categories) -> Iterator[str]:
    """Yield the labelling configuration: a brush for each category."""
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Image", name=_IMAGE, value="$image", zoom="true")
    labels = ElementTree.SubElement(view, "BrushLabels", name=_BRUSH, toName=_IMAGE)
    for name in categories.names:
        ElementTree.SubElement(labels, "Label", value=name)
    ElementTree.indent(view)
    yield ElementTree.tostring(view, encoding="unicode") + "\n"


def _task(image: ImageAnnotations, url: str) -> dict[str, Any]:
    scores = [annotation.score for annotation in image.annotations]
    prediction = {
        "model_version": image.model_version,
        "score": round(fmean(scores), SCORE_DIGITS) if scores else 0.0,
        "result": [_result(index, annotation, image) for index, annotation in enumerate(image.annotations)],
    }
    return {"data": {"image": url}, "predictions": [prediction]}


def _result(index: int, annotation: Annotation, image: ImageAnnotations) -> dict[str, Any]:
    return {
        "id": f"s{index}",
        "type": "brushlabels",
        "from_name": _BRUSH,
        "to_name": _IMAGE,
        "original_width": image.width,
        "original_height": image.height,
        "image_rotation": 0,
        "score": annotation.score,
        "value": {
            "format": "rle",
            "rle": brush_rle(annotation.crop(), annotation.region.xywh, image.width, image.height),
            "brushlabels": [annotation.label],
        },
    }
