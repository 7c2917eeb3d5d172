"""Reads regions and whole images of the packs with the labels that they should get."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.segmentation import felzenszwalb

from domain.arrays import Mask, Rgb
from domain.masks import Region
from services.masks.formats import encode_rle
from tools.training.labeller.stuff import stuff_masks
from tools.training.packs import LabelMap, Pack

SMALLEST = 400
"""Smallest area of a region in pixels."""

VOC_VOID = 255
"""Number of pixels without annotation in VOC."""


@dataclass(frozen=True)
class Example:
    """One region and its label.

    Attributes:
        source: Name of the pack, sometimes followed by how the region was made.
        key: Key of the image in its pack.
        rgb: The image, uint8 [H, W, 3].
        region: The region.
        label: What the region shows; captions joined by newlines; empty where that is not known.
        kind: "object"; "stuff"; "photo", a whole image with a label; "scene", a whole image without; or of a
            segment "part" of an object, "mixture" or "background".
        iou: IoU with the true region.
    """

    source: str
    key: str
    rgb: Rgb
    region: Region
    label: str
    kind: str = "object"
    iou: float = 1.0


def region_of(mask: Mask, xywh: tuple[int, int, int, int] | None = None) -> Region:
    """Return the region of a mask; `xywh`, in pixels, replaces its tight box."""
    x, y, w, h = xywh or cv2.boundingRect(mask.astype(np.uint8))
    return Region(encode_rle(mask), (int(x), int(y), int(w), int(h)), int(mask.sum()), 1.0, 1.0)


def coco(packs: Path, pack_name: str = "coco_train") -> Iterator[Example]:
    """Yield every annotated object, and a copy whose box is inexact like that of a segmenter."""
    rng = np.random.default_rng(0)
    pack = Pack(packs / f"{pack_name}.zip")
    for key, entry in pack.index.items():
        rgb, labels = pack.image(key), pack.labels(key)
        for number, label in entry["regions"].items():
            mask = labels == int(number)
            if mask.sum() >= SMALLEST:
                region = region_of(mask)
                yield Example(pack_name, key, rgb, region, label)
                moved = region_of(mask, _jitter(region.xywh, mask.shape, rng))
                yield Example(f"{pack_name}+jitter", key, rgb, moved, label)


def large_objects(packs: Path, share: float) -> NDArray[np.bool_]:
    """Return bool [N], true for examples of `coco` that cover at least that share of their image."""
    pack = Pack(packs / "coco_train.zip")
    large = []
    for key, entry in pack.index.items():
        labels = pack.labels(key)
        sizes = [int((labels == int(number)).sum()) for number in entry["regions"]]
        large += [size >= share * labels.size for size in sizes if size >= SMALLEST for _ in range(2)]
    return np.array(large)


def coco_person(packs: Path) -> Iterator[Example]:
    """Yield the annotated person of each image, and a copy with an inexact box."""
    return coco(packs, "coco_person")


def voc(packs: Path) -> Iterator[Example]:
    """Yield the largest connected parts of every class."""
    pack = Pack(packs / "voc2012_aug.zip")
    for key in pack.index:
        rgb, labels = pack.image(key), pack.labels(key)
        labels = np.where(labels == VOC_VOID, 0, labels).astype(np.uint8)
        for mask, number in _parts(labels, SMALLEST, most=4):
            yield Example("voc2012_aug", key, rgb, region_of(mask), pack.classes[number])


def facades(packs: Path) -> Iterator[Example]:
    """Yield the largest connected parts of street scenes."""
    pack = Pack(packs / "labelmefacade.zip")
    for key in pack.index:
        rgb = pack.image(key)
        for mask, number in _parts(pack.labels(key), SMALLEST, most=8):
            yield Example("labelmefacade", key, rgb, region_of(mask), pack.classes[number], "stuff")


def caltech(packs: Path) -> Iterator[Example]:
    """Yield whole images of one object each."""
    pack = Pack(packs / "caltech101.zip")
    for key, entry in pack.index.items():
        yield _whole("caltech101", pack, key, entry["label"])


def flickr(packs: Path) -> Iterator[Example]:
    """Yield whole images with their captions."""
    pack = Pack(packs / "flickr8k_train.zip")
    for key, entry in pack.index.items():
        yield _whole("flickr8k_train", pack, key, "\n".join(entry["captions"]))


def scenes(packs: Path, pack_name: str) -> Iterator[Example]:
    """Yield whole images as context of the regions in them."""
    pack = Pack(packs / f"{pack_name}.zip")
    for key in pack.index:
        yield _whole(pack_name, pack, key, "", "scene")


def coco_stuff(packs: Path) -> Iterator[Example]:
    """Yield sky, grass, water and the like around the objects of COCO, found by colour and context."""
    pack = Pack(packs / "coco_train.zip")
    for key, entry in pack.index.items():
        rgb, free = pack.image(key), pack.labels(key) == 0
        for label, mask in stuff_masks(rgb, free, " ".join(sorted(set(entry["regions"].values())))):
            yield Example("coco_stuff", key, rgb, region_of(mask), label, "stuff")


def voc_stuff(packs: Path) -> Iterator[Example]:
    """Yield sky, grass, water and the like around the objects of VOC, found by colour and context."""
    pack = Pack(packs / "voc2012_aug.zip")
    for key, entry in pack.index.items():
        rgb, free = pack.image(key), pack.labels(key) == 0
        for label, mask in stuff_masks(rgb, free, " ".join(entry["classes"])):
            yield Example("voc_stuff", key, rgb, region_of(mask), label, "stuff")


def flickr_stuff(packs: Path) -> Iterator[Example]:
    """Yield sky, grass, water and the like that captions mention, found by colour."""
    pack = Pack(packs / "flickr8k_train.zip")
    for key, entry in pack.index.items():
        rgb, captions = pack.image(key), " ".join(entry["captions"]).lower()
        for label, mask in stuff_masks(rgb, np.ones(rgb.shape[:2], bool), captions):
            yield Example("flickr_stuff", key, rgb, region_of(mask), label, "stuff")


def coco_segments(packs: Path) -> Iterator[Example]:
    """Yield segments (Felzenszwalb and Huttenlocher, 2004), classified by the objects that they overlap."""
    rng = np.random.default_rng(0)
    pack = Pack(packs / "coco_train.zip")
    for key in pack.index:
        yield from segments(pack, key, rng)


def segments(pack: Pack, key: str, rng: np.random.Generator) -> Iterator[Example]:
    """Yield some segments of one image with annotated objects."""
    rgb, labels = pack.image(key), pack.labels(key)
    parts = felzenszwalb(rgb, scale=float(rng.choice([100, 300, 900])), sigma=0.8, min_size=SMALLEST)
    chosen = rng.permutation(np.unique(parts))[:8]
    classes = {int(number): name for number, name in pack.index[key]["regions"].items()}
    for mask in (parts == number for number in chosen):
        yield _segment(key, rgb, labels, mask, classes)


def _segment(key: str, rgb: Rgb, labels: LabelMap, mask: Mask, classes: Mapping[int, str]) -> Example:
    counts = np.bincount(labels[mask], minlength=max(classes) + 1)
    best = max(classes, key=lambda number: counts[number])
    inside = counts[best] / mask.sum()
    iou = counts[best] / (mask.sum() + (labels == best).sum() - counts[best])
    covered = counts[1:].sum() / mask.sum()
    kind = _kind(iou, inside, covered)
    return Example("coco_segments", key, rgb, region_of(mask), classes[best], kind, float(iou))


def _kind(iou: float, inside: float, covered: float) -> str:
    """Return the kind of a segment.

    Args:
        iou: IoU with the object that it overlaps most.
        inside: Share of the segment inside that object.
        covered: Share of the segment inside any object.
    """
    if iou >= 0.5:
        return "object"
    if inside >= 0.8:
        return "part"
    return "background" if covered < 0.05 else "mixture"


def _whole(source: str, pack: Pack, key: str, label: str, kind: str = "photo") -> Example:
    rgb = pack.image(key)
    return Example(source, key, rgb, region_of(np.ones(rgb.shape[:2], bool)), label, kind)


def _parts(labels: LabelMap, smallest: int, most: int) -> list[tuple[Mask, int]]:
    """Return mask and number of the `most` largest connected parts with the same number other than 0."""
    found: list[tuple[int, Mask, int]] = []
    for number in set(np.unique(labels).tolist()) - {0}:
        count, parts, stats, _ = cv2.connectedComponentsWithStats((labels == number).astype(np.uint8))
        found += [(int(stats[i, 4]), parts == i, number) for i in range(1, count) if stats[i, 4] >= smallest]
    found.sort(key=lambda item: -item[0])
    return [(mask, number) for _, mask, number in found[:most]]


def _jitter(
    xywh: tuple[int, int, int, int], shape: tuple[int, ...], rng: np.random.Generator
) -> tuple[int, int, int, int]:
    x, y, w, h = xywh
    left, top, right, bottom = rng.uniform(-0.15, 0.25, 4) * (w, h, w, h)
    x0, y0 = max(0, int(x - left)), max(0, int(y - top))
    x1, y1 = min(shape[1], int(x + w + right)), min(shape[0], int(y + h + bottom))
    return x0, y0, max(1, x1 - x0), max(1, y1 - y0)


SOURCES: Mapping[str, Callable[[Path], Iterator[Example]]] = {
    "coco_train": coco,
    "coco_person": coco_person,
    "voc2012_aug": voc,
    "labelmefacade": facades,
    "caltech101": caltech,
    "flickr8k_train": flickr,
    "coco_stuff": coco_stuff,
    "voc_stuff": voc_stuff,
    "flickr_stuff": flickr_stuff,
    "coco_segments": coco_segments,
    "coco_train_scenes": partial(scenes, pack_name="coco_train"),
    "coco_person_scenes": partial(scenes, pack_name="coco_person"),
    "voc2012_aug_scenes": partial(scenes, pack_name="voc2012_aug"),
    "labelmefacade_scenes": partial(scenes, pack_name="labelmefacade"),
}
"""Functions that yield the examples of a source from a folder of packs, by the name of the source."""
