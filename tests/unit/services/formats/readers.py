"""Reads each format's document of one image as its own readers do: labels and masks."""

import base64
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import shapely
from PIL import Image, ImageDraw
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from domain.arrays import Mask
from tests.unit.services.formats.filling import fill
from tests.unit.services.formats.shapes import CATEGORIES

Read = list[tuple[str, Mask]]


def read_coco(text: str, folder: Path) -> Read:
    """With pycocotools, from a file."""
    (folder / "coco.json").write_text(text)
    coco = COCO(folder / "coco.json")
    annotations = coco.loadAnns(coco.getAnnIds(imgIds=1))
    return [
        (coco.cats[one["category_id"]]["name"], coco.annToMask(one).astype(np.bool_)) for one in annotations
    ]


def read_coco_panoptic(text: str, _folder: Path) -> Read:
    """By the format's rules: ids from colours, segments by id."""
    document = json.loads(text)
    (annotation,) = document["annotations"]
    data = base64.b64decode(annotation["segmentation"].removeprefix("data:image/png;base64,"))
    colors = np.asarray(Image.open(io.BytesIO(data))).astype(np.int64)
    ids = colors @ [1, 256, 65536]
    names = {category["id"]: category["name"] for category in document["categories"]}
    assert set(np.unique(ids)) - {0} == {one["id"] for one in annotation["segments_info"]}
    return [(names[one["category_id"]], ids == one["id"]) for one in annotation["segments_info"]]


def read_yolo(text: str, folder: Path) -> Read:
    """By the rules of the format, filled by even-odd and by non-zero, which have to agree."""
    width, height = json.loads((folder / "size.json").read_text())
    read = []
    for line in text.splitlines():
        values = line.split(" ")
        ring = np.array(values[1:], np.float32).reshape(-1, 2)
        assert len(ring) >= 3
        assert ring.min() >= 0
        assert ring.max() <= 1
        pixels = ring * np.float32([width, height])
        filled = fill([pixels], (height, width), "even-odd")
        np.testing.assert_array_equal(fill([pixels], (height, width), "non-zero"), filled)
        read.append((CATEGORIES.names[int(values[0])], filled))
    return read


def read_labelme(text: str, _folder: Path) -> Read:
    """As labelme 6.3.1 does: LabelFile checks the shapes, shapes_to_label joins and paints them."""
    document = json.loads(text)
    shape = document["imageHeight"], document["imageWidth"]
    read: dict[tuple[str, object], Mask] = {}
    for number, entry in enumerate(document["shapes"]):
        assert isinstance(entry["label"], str)
        assert entry["points"]
        assert all(len(point) == 2 and {type(value) for value in point} == {int} for point in entry["points"])
        assert entry["group_id"] is None or type(entry["group_id"]) is int
        assert entry["flags"] == {}
        assert isinstance(entry["description"], str)
        group = number if entry["group_id"] is None else f"group {entry['group_id']}"
        painted = read.setdefault((entry["label"], group), np.zeros(shape, np.bool_))
        painted |= _painted_by_labelme(entry, shape)
    return [(label, mask) for (label, _), mask in read.items()]


def _painted_by_labelme(entry: dict[str, object], shape: tuple[int, int]) -> Mask:
    points = entry["points"]
    if entry["shape_type"] == "mask":
        mask = np.zeros(shape, np.bool_)
        (x1, y1), (x2, y2) = np.asarray(points).astype(int)
        png = io.BytesIO(base64.b64decode(str(entry["mask"])))
        mask[y1 : y2 + 1, x1 : x2 + 1] = np.array(Image.open(png)).astype(bool)
        return mask
    assert entry["shape_type"] == "polygon"
    assert entry["mask"] is None
    canvas = Image.fromarray(np.zeros(shape, np.uint8))
    assert isinstance(points, list)
    assert len(points) > 2
    ImageDraw.Draw(canvas).polygon(xy=[tuple(point) for point in points], outline=1, fill=1)
    return np.array(canvas, np.bool_)


def read_geojson(text: str, _folder: Path) -> Read:
    """With shapely, which checks that polygons are valid."""
    document = json.loads(text)
    assert document["type"] == "FeatureCollection"
    shape = document["image"]["height"], document["image"]["width"]
    read = []
    for feature in document["features"]:
        geometry = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shapely.is_valid(geometry), shapely.is_valid_reason(geometry)
        assert list(geometry.bounds) == feature["bbox"]
        parts = getattr(geometry, "geoms", [geometry])
        rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
        assert all(part.exterior.is_ccw and not any(hole.is_ccw for hole in part.interiors) for part in parts)
        vertices = [np.array(ring.coords)[:-1] for ring in rings]
        filled = fill(vertices, shape, "even-odd")
        np.testing.assert_array_equal(fill(vertices, shape, "non-zero"), filled)
        assert geometry.area == filled.sum()
        read.append((feature["properties"]["label"], filled))
    return read


def read_voc(text: str, _folder: Path) -> Read:
    """As the devkit: corners from 1, both inside; a box is a mask that fills it."""
    root = ET.fromstring(text)
    size = {child.tag: int(child.text or "") for child in root.find("size") or ()}
    read = []
    for entry in root.iter("object"):
        box = {child.tag: int(child.text or "") for child in entry.find("bndbox") or ()}
        mask = np.zeros((size["height"], size["width"]), np.bool_)
        mask[box["ymin"] - 1 : box["ymax"], box["xmin"] - 1 : box["xmax"]] = True
        read.append((entry.findtext("name") or "", mask))
    return read


def read_sam(text: str, _folder: Path) -> Read:
    """With pycocotools; box, area and point have to fit the mask."""
    read = []
    for record in json.loads(text):
        mask = coco_mask.decode(record["segmentation"]).astype(np.bool_)
        assert record["area"] == mask.sum()
        assert record["bbox"] == coco_mask.toBbox(record["segmentation"]).tolist()
        ((x, y),) = record["point_coords"]
        assert mask[int(y), int(x)]
        read.append((record["label"], mask))
    return read


def read_label_studio(text: str, _folder: Path) -> Read:
    """By the rules of rle-pack, as the editor unpacks brush strokes."""
    ((task,),) = [json.loads(text)]
    read = []
    for result in task["predictions"][0]["result"]:
        assert result["type"] == "brushlabels"
        assert result["value"]["format"] == "rle"
        shape = result["original_height"], result["original_width"], 4
        values = unpack_brush(result["value"]["rle"]).reshape(shape)
        assert np.isin(values, (0, 255)).all()
        assert (values == values[..., :1]).all()
        read.append((result["value"]["brushlabels"][0], values[..., 3] > 0))
    return read


def unpack_brush(code: list[int]) -> np.ndarray:
    """The bytes that a code of @thi.ng/rle-pack stands for."""
    bits = "".join(f"{byte:08b}" for byte in code)
    place = 0

    def take(count: int) -> int:
        nonlocal place
        place += count
        return int(bits[place - count : place], 2)

    total, word = take(32), take(5) + 1
    sizes = [take(4) + 1 for _ in range(4)]
    parts: list[np.ndarray] = []
    done = 0
    while done < total:
        run, size = take(1), sizes[take(2)]
        length = take(size) + 1
        parts.append(np.full(length, take(word)) if run else np.array([take(word) for _ in range(length)]))
        done += length
    assert done == total
    assert set(bits[place:]) <= {"0"}
    return np.concatenate(parts)


READERS: Mapping[str, Callable[[str, Path], Read]] = {
    "coco": read_coco,
    "coco_panoptic": read_coco_panoptic,
    "yolo": read_yolo,
    "labelme": read_labelme,
    "geojson": read_geojson,
    "voc": read_voc,
    "sam": read_sam,
    "label_studio": read_label_studio,
}
