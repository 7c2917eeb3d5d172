"""Data sets are loaded by the readers of their formats, and are the same after interruptions."""

import json
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
import supervision
from PIL import Image
from pycocotools.coco import COCO

from domain.arrays import Mask
from domain.errors import InvalidRequest
from services.formats.dataset import STATE_FOLDER, DatasetWriter
from services.formats.seams import joined_ring
from services.formats.table import FORMAT_NAMES, FORMATS, FormatName
from services.images.decode import decode_image
from services.images.photo import Photo
from services.masks.formats import mask_polygons
from services.progress import Progress
from tests.unit.services.formats.filling import fill_poly
from tests.unit.services.formats.readers import READERS
from tests.unit.services.formats.shapes import CATEGORIES, NAMES, SHAPES, annotations_of, disjoint

OPTIONS = {"points_per_side": 16}

PLAIN, TURNED = "plain.jpg", "sub/plain.jpg"

MASKS: Mapping[str, list[Mask]] = {
    PLAIN: [SHAPES["hole"], SHAPES["disc"], SHAPES["pixel"]],
    TURNED: [SHAPES["parts"].T.copy(), SHAPES["nested"].T.copy()],
}
"""Masks of the upright photographs."""


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """Two photographs of one name, the second turned by EXIF: 24 x 32 as it is stored, upright 32 x 24."""
    exif = Image.Exif()
    exif[0x0112] = 6
    folder = tmp_path / "photographs"
    (folder / "sub").mkdir(parents=True)
    pixels = np.random.default_rng(0).integers(0, 255, (24, 32, 3), np.uint8)
    Image.fromarray(pixels).save(folder / PLAIN)
    Image.fromarray(pixels).save(folder / TURNED, exif=exif)
    return folder


def add(dataset: DatasetWriter, photograph: Path, masks: list[Mask]) -> None:
    data, progress = photograph.read_bytes(), Progress()
    photo = Photo.of(decode_image(data), str(photograph))
    assert (photo.height, photo.width) == masks[0].shape
    dataset.add(photograph, data, photo, annotations_of(masks), progress)


def masks_for(form: FormatName, masks: list[Mask]) -> list[Mask]:
    """Return the masks, which in panoptic data sets do not overlap."""
    return disjoint(masks) if form == "coco_panoptic" else masks


def write(folder: Path, form: FormatName, photographs: Path) -> Path:
    dataset = DatasetWriter(folder, form, CATEGORIES, OPTIONS)
    for name, masks in MASKS.items():
        if not dataset.has(photographs / name):
            add(dataset, photographs / name, masks_for(form, masks))
    dataset.join()
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def decoded(path: Path) -> np.ndarray:
    """The pixels of an image file as OpenCV reads them, RGB."""
    return cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


@pytest.mark.parametrize("form", FORMAT_NAMES)
def test_images_are_upright_and_each_has_its_files(
    form: FormatName, tmp_path: Path, photographs: Path
) -> None:
    folder = write(tmp_path / "set", form, photographs)
    images = folder / FORMATS[form].images
    assert {path.name for path in images.iterdir() if path.suffix in (".jpg", ".png")} == {
        "plain.jpg",
        "sub_plain.png",
    }
    assert (images / "plain.jpg").read_bytes() == (photographs / PLAIN).read_bytes()
    turned = (photographs / TURNED).read_bytes()
    np.testing.assert_array_equal(decoded(images / "sub_plain.png"), decode_image(turned))
    for path in FORMATS[form].files:
        assert all((folder / path.format(stem=stem)).is_file() for stem in ("plain", "sub_plain"))
    assert all((folder / path).is_file() for path in FORMATS[form].joined)


def test_coco_is_loaded_by_pycocotools_and_supervision(tmp_path: Path, photographs: Path) -> None:
    folder = write(tmp_path / "set", "coco", photographs)
    coco = COCO(folder / "annotations.json")
    assert [(image["id"], image["file_name"]) for image in coco.dataset["images"]] == [
        (1, "plain.jpg"),
        (2, "sub_plain.png"),
    ]
    for image_id, masks in enumerate(MASKS.values(), 1):
        read = [coco.annToMask(one) for one in coco.loadAnns(coco.getAnnIds(imgIds=image_id))]
        np.testing.assert_array_equal(read, masks)
    loaded = supervision.DetectionDataset.from_coco(str(folder / "images"), str(folder / "annotations.json"))
    assert loaded.classes == list(NAMES)
    for (_, image, detections), masks in zip(loaded, MASKS.values(), strict=True):
        assert image.shape[:2] == masks[0].shape
        np.testing.assert_array_equal(detections.mask, masks)
        assert detections.class_id.tolist() == list(range(len(masks)))


def test_yolo_is_loaded_by_supervision_with_the_known_loss(tmp_path: Path, photographs: Path) -> None:
    folder = write(tmp_path / "set", "yolo", photographs)
    loaded = supervision.DetectionDataset.from_yolo(
        str(folder / "images"), str(folder / "labels"), str(folder / "data.yaml")
    )
    assert loaded.classes == list(NAMES)
    read = {Path(path).name: detections for path, _, detections in loaded}
    for name, masks in (("plain.jpg", MASKS[PLAIN]), ("sub_plain.png", MASKS[TURNED])):
        painted = [fill_poly([joined_ring(mask_polygons(mask))], mask.shape) for mask in masks]
        np.testing.assert_array_equal(read[name].mask, painted)
        assert read[name].class_id.tolist() == list(range(len(masks)))


def test_labelme_is_loaded_by_supervision_but_for_masks(tmp_path: Path, photographs: Path) -> None:
    folder = write(tmp_path / "set", "labelme", photographs)
    with pytest.warns(UserWarning, match="mask"):
        loaded = supervision.DetectionDataset.from_labelme(str(folder), str(folder))
    read = {Path(path).name: detections for path, _, detections in loaded}
    np.testing.assert_array_equal(read["plain.jpg"].mask, [SHAPES["disc"], SHAPES["pixel"]])
    np.testing.assert_array_equal(read["sub_plain.png"].mask, [SHAPES["parts"].T])


def test_voc_is_loaded_by_supervision(tmp_path: Path, photographs: Path) -> None:
    folder = write(tmp_path / "set", "voc", photographs)
    loaded = supervision.DetectionDataset.from_pascal_voc(
        str(folder / "JPEGImages"), str(folder / "Annotations")
    )
    for path, _, detections in loaded:
        masks = MASKS[PLAIN if Path(path).name == "plain.jpg" else TURNED]
        expected = np.add(supervision.mask_to_xyxy(np.array(masks)), (0, 0, 1, 1))
        np.testing.assert_array_equal(detections.xyxy, expected)
        assert [loaded.classes[number] for number in detections.class_id] == list(NAMES[: len(masks)])
    assert (folder / "ImageSets/Main/default.txt").read_text() == "plain\nsub_plain\n"


def test_panoptic_pngs_are_read_by_the_rules_of_the_format(tmp_path: Path, photographs: Path) -> None:
    folder = write(tmp_path / "set", "coco_panoptic", photographs)
    annotations = json.loads((folder / "panoptic.json").read_text())["annotations"]
    for annotation, masks in zip(annotations, MASKS.values(), strict=True):
        colors = decoded(folder / "panoptic" / annotation["file_name"]).astype(int)
        ids = colors @ [1, 256, 65536]
        for number, mask in enumerate(disjoint(masks), 1):
            np.testing.assert_array_equal(ids == number, mask)
        assert [(one["id"], one["area"]) for one in annotation["segments_info"]] == [
            (number, int(mask.sum())) for number, mask in enumerate(disjoint(masks), 1)
        ]


def test_the_tasks_of_label_studio_have_the_strokes_of_each_upright_image(
    tmp_path: Path, photographs: Path
) -> None:
    folder = write(tmp_path / "set", "label_studio", photographs)
    tasks = json.loads((folder / "tasks.json").read_text())
    assert [task["data"]["image"].rpartition("/")[2] for task in tasks] == ["plain.jpg", "sub_plain.png"]
    for task, masks in zip(tasks, MASKS.values(), strict=True):
        read = READERS["label_studio"](json.dumps([task]), tmp_path)
        assert [label for label, _ in read] == list(NAMES[: len(masks)])
        np.testing.assert_array_equal([mask for _, mask in read], masks)


@pytest.mark.parametrize("form", ["labelme", "geojson", "sam"])
def test_the_document_of_an_image_is_read_back(form: FormatName, tmp_path: Path, photographs: Path) -> None:
    folder = write(tmp_path / "set", form, photographs)
    (path,) = FORMATS[form].files
    read = READERS[form]((folder / path.format(stem="sub_plain")).read_text(), tmp_path)
    for (_, mask), expected in zip(read, MASKS[TURNED], strict=True):
        np.testing.assert_array_equal(mask, expected)


@pytest.mark.parametrize("form", FORMAT_NAMES)
def test_a_run_goes_on_to_the_same_data_set(form: FormatName, tmp_path: Path, photographs: Path) -> None:
    whole = contents(write(tmp_path / "whole", form, photographs))
    begun = DatasetWriter(tmp_path / "set", form, CATEGORIES, OPTIONS)
    add(begun, photographs / PLAIN, masks_for(form, MASKS[PLAIN]))
    again = DatasetWriter(tmp_path / "set", form, CATEGORIES, OPTIONS)
    assert again.has(photographs / PLAIN)
    assert not again.has(photographs / TURNED)
    assert contents(write(tmp_path / "set", form, photographs)) == whole


@pytest.mark.parametrize("form", FORMAT_NAMES)
def test_a_failing_disk_leaves_nothing_half_done(
    form: FormatName, tmp_path: Path, photographs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = contents(write(tmp_path / "whole", form, photographs))
    real, allowed = Path.replace, 3

    def replace(self: Path, target: Path) -> Path:
        nonlocal allowed
        allowed -= 1
        if allowed < 0:
            raise OSError("no space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    for attempt in range(3, 9):
        allowed = attempt
        try:
            write(tmp_path / "set", form, photographs)
            break
        except OSError:
            continue
    monkeypatch.undo()
    assert contents(write(tmp_path / "set", form, photographs)) == whole


def test_a_photograph_that_changed_is_written_again(tmp_path: Path, photographs: Path) -> None:
    folder = write(tmp_path / "set", "yolo", photographs)
    Image.fromarray(np.zeros((24, 32, 3), np.uint8)).save(photographs / PLAIN, "GIF")
    write(folder, "yolo", photographs)
    assert {path.name for path in (folder / "images").iterdir()} == {"plain.png", "sub_plain.png"}
    assert not decoded(folder / "images" / "plain.png").any()


def test_a_folder_of_other_files_or_another_run_is_refused(tmp_path: Path, photographs: Path) -> None:
    with pytest.raises(InvalidRequest, match="new or empty folder"):
        DatasetWriter(photographs, "coco", CATEGORIES, OPTIONS)
    with pytest.raises(InvalidRequest, match="new or empty folder"):
        DatasetWriter(photographs / PLAIN, "coco", CATEGORIES, OPTIONS)
    assert not (photographs / STATE_FOLDER).exists()
    folder = write(tmp_path / "set", "coco", photographs)
    with pytest.raises(InvalidRequest, match="another format, points_per_side"):
        DatasetWriter(folder, "yolo", CATEGORIES, {"points_per_side": 8})


def test_images_inside_of_the_data_set_are_not_photographs_for_it(photographs: Path) -> None:
    folder = write(photographs / "set", "coco", photographs)
    dataset = DatasetWriter(folder, "coco", CATEGORIES, OPTIONS)
    assert dataset.has(folder / "images" / "plain.jpg")
