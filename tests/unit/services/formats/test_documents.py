"""Members of the documents, and readers beside the formats' own."""

import io
import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import supervision
from PIL import Image
from pycocotools.coco import COCO

from domain.labels import Label, Vocabulary
from services.formats.annotations import Categories
from services.formats.brush import brush_rle
from services.formats.coco import coco_chunks
from services.formats.coco_panoptic import panoptic_chunks, panoptic_png
from services.formats.label_studio import label_studio_config, label_studio_tasks
from services.formats.labelme import labelme_document
from services.formats.table import FORMATS, FormatName
from services.formats.voc import voc_document
from tests.unit.services.formats.shapes import CATEGORIES, NAMES, SHAPES, annotations_of, disjoint

SMALL = [name for name, mask in SHAPES.items() if mask.size < 10_000]


def document(form: FormatName, *shapes: str) -> str:
    return FORMATS[form].document(annotations_of([SHAPES[name] for name in shapes]), CATEGORIES)


def test_numbers_of_categories_are_places_in_the_vocabulary() -> None:
    vocabulary = Vocabulary.of("v", [Label("zebra"), Label("ape")])
    assert Categories.of(vocabulary).names == ("zebra", "ape", "unknown")
    assert Categories.of(Vocabulary.of("v", [Label("unknown"), Label("b")])).names == ("unknown", "b")
    assert Categories.of(None).names == ("unknown",)
    assert Categories.of(vocabulary).index("ape") == 1


def test_coco_numbers_annotations_through_all_images(tmp_path: Path) -> None:
    masks = [SHAPES["hole"], SHAPES["disc"]]
    images = [annotations_of(masks, "a.jpg", 1), annotations_of(masks[:1], "b.jpg", 2)]
    text = "".join(coco_chunks(lambda: images, CATEGORIES))
    (tmp_path / "coco.json").write_text(text)
    coco = COCO(tmp_path / "coco.json")
    assert sorted(coco.anns) == [1, 2, 3]
    assert [one["image_id"] for one in coco.anns.values()] == [1, 1, 2]
    assert {one["iscrowd"] for one in coco.anns.values()} == {0}
    assert coco.anns[1]["score"] == 0.875
    assert [coco.cats[number]["name"] for number in sorted(coco.cats)] == list(NAMES)
    assert coco.imgs[2] == {"id": 2, "file_name": "b.jpg", "width": 32, "height": 24}


def test_coco_results_are_the_annotations(tmp_path: Path) -> None:
    (tmp_path / "coco.json").write_text(document("coco", "hole", "noise"))
    coco = COCO(tmp_path / "coco.json")
    again = coco.loadRes(json.loads((tmp_path / "coco.json").read_text())["annotations"])
    np.testing.assert_array_equal(again.annToMask(again.anns[2]), SHAPES["noise"])


@pytest.mark.parametrize("shape", SMALL)
def test_supervision_reads_sams_records(shape: str) -> None:
    detections = supervision.Detections.from_sam(json.loads(document("sam", shape)))
    assert detections.mask is not None
    np.testing.assert_array_equal(detections.mask[0], SHAPES[shape])


def test_the_panoptic_document_has_areas_boxes_and_stuff() -> None:
    disc, rest = disjoint([SHAPES["disc"], SHAPES["everything"]])
    document = json.loads("".join(panoptic_chunks(lambda: [annotations_of([disc, rest])], CATEGORIES)))
    (annotation,) = document["annotations"]
    assert annotation["file_name"] == "a.png"
    assert [(one["id"], one["category_id"], one["area"]) for one in annotation["segments_info"]] == [
        (1, 1, int(disc.sum())),
        (2, 2, int(rest.sum())),
    ]
    assert annotation["segments_info"][1]["bbox"] == [0, 0, 32, 24]
    assert {category["isthing"] for category in document["categories"]} == {1}
    stuff = Categories.of(Vocabulary.of("v", [Label("cat"), Label("sky")]))
    categories = json.loads("".join(panoptic_chunks(lambda: [], stuff)))["categories"]
    assert [(one["name"], one["isthing"]) for one in categories] == [("cat", 1), ("sky", 0), ("unknown", 1)]


def test_a_panoptic_image_holds_more_than_255_segments() -> None:
    masks = []
    for place in range(300):
        mask = np.zeros((24, 32), np.bool_)
        mask[place // 32, place % 32] = True
        masks.append(mask)
    colors = np.asarray(Image.open(io.BytesIO(panoptic_png(annotations_of(masks))))).astype(int)
    expected = np.minimum(np.arange(1, 24 * 32 + 1), 301).reshape(24, 32) % 301
    np.testing.assert_array_equal(colors @ [1, 256, 65536], expected)


def test_labelme_draws_holes_as_masks_and_joins_parts() -> None:
    shapes = json.loads(document("labelme", "hole", "parts", "disc"))["shapes"]
    assert [shape["shape_type"] for shape in shapes] == ["mask", *["polygon"] * 5]
    assert [shape["group_id"] for shape in shapes] == [None, 1, 1, 1, 1, None]
    assert shapes[0]["points"] == [[4, 3], [28, 19]]
    assert (shapes[0]["description"], shapes[0]["score"]) == ("0.875", 0.875)
    whole = json.loads(labelme_document(annotations_of([SHAPES["disc"]], "näme.jpg")))
    assert (whole["imagePath"], whole["imageData"]) == ("näme.jpg", None)
    assert (whole["imageHeight"], whole["imageWidth"]) == (24, 32)


def test_geojson_has_the_class_where_qupath_looks_for_it() -> None:
    collection = json.loads(document("geojson", "disc", "parts"))
    first, second = collection["features"]
    assert (first["geometry"]["type"], second["geometry"]["type"]) == ("Polygon", "MultiPolygon")
    assert first["properties"]["classification"] == {"name": "cup"}
    assert first["properties"]["alternatives"][1] == {"label": "no", "confidence": 0.01}
    assert "crs" not in collection
    assert "y down" in collection["coordinates_are"]


def test_voc_counts_pixels_from_one_and_replaces_what_xml_cannot_hold() -> None:
    image = annotations_of([SHAPES["pixel"]], "a&b.jpg")
    root = ET.fromstring(voc_document(image))
    assert root.findtext("filename") == "a&b.jpg"
    assert [root.findtext(f"object/bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax")] == [
        "32",
        "24",
        "32",
        "24",
    ]
    odd = replace(image.annotations[0], label="a\x00b\x1b\r\ufffec")
    root = ET.fromstring(voc_document(replace(image, annotations=(odd,))))
    assert root.findtext("object/name") == "a\ufffdb\ufffd\ufffd\ufffdc"


def test_brush_codes_of_label_studio() -> None:
    diagonal = np.eye(2, dtype=np.bool_)
    assert brush_rle(diagonal, (0, 0, 2, 2), 2, 2) == [0, 0, 0, 16, 57, 27, 252, 127, 243, 128, 71, 254]
    bar = np.ones((1, 3), np.bool_)
    assert brush_rle(bar, (1, 1, 3, 1), 5, 3) == [0, 0, 0, 60, 57, 27, 254, 23, 0, 183, 255, 133, 192, 0]


def test_label_studio_tasks_fit_their_configuration() -> None:
    image = annotations_of([SHAPES["disc"], SHAPES["hole"]], "a b#ü.jpg")
    (task,) = json.loads("".join(label_studio_tasks(lambda: [image], CATEGORIES)))
    assert task["data"]["image"] == "/data/local-files/?d=images/a%20b%23%C3%BC.jpg"
    (prediction,) = task["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("seglabel+contour+lite", 0.87)
    view = ET.fromstring("".join(label_studio_config(lambda: [], CATEGORIES)))
    brush = view.find("BrushLabels")
    assert brush is not None
    image_tag = view.find("./Image[@name]")
    assert image_tag is not None
    assert [label.get("value") for label in brush] == list(NAMES)
    for region in prediction["result"]:
        assert region["from_name"] == brush.get("name")
        assert region["to_name"] == brush.get("toName") == image_tag.get("name")
        assert region["value"]["brushlabels"][0] in NAMES
        assert (region["original_width"], region["original_height"], region["image_rotation"]) == (32, 24, 0)
