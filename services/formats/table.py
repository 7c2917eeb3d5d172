"""Lists the formats: the document of one photograph, and the files of a data set of many."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from services.formats.annotations import Categories, ImageAnnotations, Images
from services.formats.coco import coco_chunks
from services.formats.coco_panoptic import panoptic_chunks, panoptic_image_document, panoptic_png
from services.formats.geojson import GEOJSON_MEDIA_TYPE, geojson_document
from services.formats.label_studio import label_studio_config, label_studio_document, label_studio_tasks
from services.formats.labelme import labelme_document
from services.formats.sam import sam_document
from services.formats.voc import VOC_IMAGES, voc_document, voc_image_set
from services.formats.yolo import YOLO_IMAGES, yolo_rows, yolo_yaml

FormatName = Literal["coco", "coco_panoptic", "yolo", "labelme", "geojson", "voc", "sam", "label_studio"]

ImageDocument = Callable[[ImageAnnotations, Categories], str]

JoinedDocument = Callable[[Images, Categories], Iterable[str]]

IMAGES_FOLDER = "images"

ANNOTATIONS_FOLDER = "annotations"

JSON_MEDIA_TYPE = "application/json"


@dataclass(frozen=True)
class AnnotationFormat:
    """One format.

    Attributes:
        document: Returns the document of one photograph.
        media_type: Media type of that document.
        images: Folder of the images in a data set; "." is the data set's own.
        files: Contents of the files that a data set has for each image, by path, with {stem} for the name of
            the image without its suffix.
        joined: Contents of the files that a data set has for all images together, by path.
    """

    document: ImageDocument
    media_type: str = JSON_MEDIA_TYPE
    images: str = IMAGES_FOLDER
    files: Mapping[str, Callable[[ImageAnnotations, Categories], bytes]] = field(default_factory=dict)
    joined: Mapping[str, JoinedDocument] = field(default_factory=dict)


def _without_categories(document: Callable[[ImageAnnotations], str]) -> ImageDocument:
    return lambda image, _categories: document(image)


def _encoded(document: ImageDocument) -> Callable[[ImageAnnotations, Categories], bytes]:
    return lambda image, categories: document(image, categories).encode()


def _coco_document(image: ImageAnnotations, categories: Categories) -> str:
    return "".join(coco_chunks(lambda: [image], categories))


_labelme, _geojson, _voc, _sam, _label_studio = map(
    _without_categories,
    (labelme_document, geojson_document, voc_document, sam_document, label_studio_document),
)

FORMATS: Mapping[FormatName, AnnotationFormat] = {
    "coco": AnnotationFormat(_coco_document, joined={"annotations.json": coco_chunks}),
    "coco_panoptic": AnnotationFormat(
        panoptic_image_document,
        files={"panoptic/{stem}.png": lambda image, _categories: panoptic_png(image)},
        joined={"panoptic.json": panoptic_chunks},
    ),
    "yolo": AnnotationFormat(
        yolo_rows,
        "text/plain",
        YOLO_IMAGES,
        files={"labels/{stem}.txt": _encoded(yolo_rows)},
        joined={"data.yaml": yolo_yaml},
    ),
    "labelme": AnnotationFormat(_labelme, images=".", files={"{stem}.json": _encoded(_labelme)}),
    "geojson": AnnotationFormat(
        _geojson, GEOJSON_MEDIA_TYPE, files={f"{ANNOTATIONS_FOLDER}/{{stem}}.geojson": _encoded(_geojson)}
    ),
    "voc": AnnotationFormat(
        _voc,
        "application/xml",
        VOC_IMAGES,
        files={"Annotations/{stem}.xml": _encoded(_voc)},
        joined={"ImageSets/Main/default.txt": voc_image_set},
    ),
    "sam": AnnotationFormat(_sam, files={f"{ANNOTATIONS_FOLDER}/{{stem}}.json": _encoded(_sam)}),
    "label_studio": AnnotationFormat(
        _label_studio,
        joined={"tasks.json": label_studio_tasks, "label_config.xml": label_studio_config},
    ),
}
"""The formats by name."""

FORMAT_NAMES: tuple[FormatName, ...] = get_args(FormatName)
