"""Pascal VOC: the boxes of an image in XML (host.robots.ox.ac.uk/pascal/VOC).

The format has boxes only, so masks are lost, holes with them, and confidences too. Pixels are counted from 1
and both corners belong to the box. Characters of labels that XML 1.0 cannot hold become U+FFFD.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from xml.etree import ElementTree

from services.formats.annotations import Annotation, Categories, ImageAnnotations, Images

VOC_IMAGES = "JPEGImages"
"""The folder of images in a data set."""

# XML 1.0, production 2, without the carriage return, which parsers turn into a line feed.
_NOT_IN_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def voc_document(image: ImageAnnotations) -> str:
    """Return the XML document of one image."""
    root = ElementTree.Element("annotation")
    _add(root, folder=VOC_IMAGES, filename=image.file_name)
    _add(ElementTree.SubElement(root, "source"), database="seglabel", annotation=image.model_version)
    _add(ElementTree.SubElement(root, "size"), width=image.width, height=image.height, depth=3)
    _add(root, segmented=0)
    for annotation in image.annotations:
        _add_object(root, annotation)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def voc_image_set(images: Images, _categories: Categories) -> Iterator[str]:
    """Yield the list of images that VOC's tools take: one name a line, without its suffix."""
    return (f"{PurePosixPath(image.file_name).stem}\n" for image in images())


def _add_object(root: ElementTree.Element, annotation: Annotation) -> None:
    entry = ElementTree.SubElement(root, "object")
    _add(entry, name=annotation.label, pose="Unspecified", truncated=0, difficult=0)
    x, y, width, height = annotation.region.xywh
    box = ElementTree.SubElement(entry, "bndbox")
    _add(box, xmin=x + 1, ymin=y + 1, xmax=x + width, ymax=y + height)


def _add(parent: ElementTree.Element, **texts: str | int) -> None:
    for name, text in texts.items():
        ElementTree.SubElement(parent, name).text = _NOT_IN_XML.sub("\ufffd", str(text))
