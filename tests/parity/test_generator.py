"""Tests of the grid pipeline against Meta's SAM2AutomaticMaskGenerator on the same predictions."""

import numpy as np
import pytest
from pycocotools import mask as coco
from sam2.utils import amg
from skimage import data

from adapters.memory_cache import ByteBudgetCache
from adapters.threads import ThreadDecoder, ThreadWorkerPool
from domain.arrays import Rgb
from domain.masks import Region
from models.provider import LazyModel
from services.images.photo import Photo
from services.masks.crops import generate_crop_boxes
from services.masks.find import MaskFinder
from services.masks.formats import decode_rle
from services.masks.options import CropLayers, Deduplication, MaskOptions, PointGrid
from services.progress import Progress
from tests.parity.predictions import POINTS, RecordedSegmenter, Recording, meta_generator, record

PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "rocket")
ALL = 10_000


@pytest.fixture(scope="module", params=PHOTOGRAPHS)
def rgb(request: pytest.FixtureRequest) -> Rgb:
    """Return a photograph: 512 x 512, 400 x 600, 300 x 451 or 427 x 640."""
    return np.ascontiguousarray(getattr(data, request.param)())


@pytest.fixture(scope="module")
def recording(rgb: Rgb) -> Recording:
    """Return predictions like SAM's for the photograph."""
    return record(rgb)


def _ours(
    recording: Recording, rgb: Rgb, deduplication: Deduplication, layers: int = 0, **thresholds: float
) -> list[Region]:
    segmenter, pool = RecordedSegmenter(recording), ThreadWorkerPool(2)
    provider = LazyModel(segmenter.info, lambda: segmenter)
    finder = MaskFinder(
        provider,
        ThreadDecoder(provider, pool),
        pool,
        ByteBudgetCache(10**6),
        ByteBudgetCache(0),
    )
    grid = PointGrid(POINTS, adaptive=False, deduplication=deduplication, crops=CropLayers(layers))
    options = MaskOptions(
        grid, ALL, min_area=0, max_area=rgb.shape[0] * rgb.shape[1], clean=False, **thresholds
    )
    return [*finder.find(Photo.of(rgb, ""), options, Progress()).regions]


def _codes(regions: list[Region]) -> list[dict[str, object]]:
    return [{"size": [r.rle.height, r.rle.width], "counts": r.rle.counts.encode()} for r in regions]


def test_without_thresholds_and_deduplication_the_masks_are_the_same(rgb: Rgb, recording: Recording) -> None:
    generator = meta_generator(recording, pred_iou_thresh=0.0, stability_score_thresh=0.0, box_nms_thresh=1.0)
    theirs = [found for found in generator.generate(rgb) if found["area"]]
    ours = _ours(recording, rgb, "none", quality_threshold=0.0, stability_threshold=0.0)
    theirs.sort(key=lambda found: -found["predicted_iou"])
    assert len(ours) == len(theirs) > 500
    assert [region.quality for region in ours] == [found["predicted_iou"] for found in theirs]
    pairs = zip(ours, theirs, strict=True)
    wrong = sum(np.count_nonzero(decode_rle(region.rle) != found["segmentation"]) for region, found in pairs)
    assert wrong == 0


def test_at_metas_defaults_the_masks_match_both_ways(rgb: Rgb, recording: Recording) -> None:
    generator = meta_generator(recording, output_mode="coco_rle")
    theirs = [found["segmentation"] for found in generator.generate(rgb)]
    ours = _codes(_ours(recording, rgb, "box"))
    iou = coco.iou(ours, theirs, [0] * len(theirs))
    assert len(theirs) > 20
    # Boxes are rounded differently: one pair may overlap by 0.7 for Meta and not for us; another mask stays.
    assert np.count_nonzero(iou.max(axis=1) <= 0.98) <= 1
    assert np.count_nonzero(iou.max(axis=0) <= 0.98) <= 1


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (4000, 3000), (1001, 777), (1600, 801)])
@pytest.mark.parametrize("overlap", [0.0, 0.2, 512 / 1500])
def test_crops_are_those_of_meta(size: tuple[int, int], overlap: float) -> None:
    width, height = size
    boxes, layers = amg.generate_crop_boxes((height, width), 2, overlap)
    ours = generate_crop_boxes(width, height, CropLayers(2, overlap))
    assert [[c.x, c.y, c.x + c.width, c.y + c.height] for c in ours] == boxes
    assert [crop.layer for crop in ours] == layers


def test_with_a_layer_of_crops_the_masks_match_both_ways() -> None:
    rgb = np.ascontiguousarray(data.chelsea())
    recording = record(rgb)
    generator = meta_generator(recording, output_mode="coco_rle", crop_n_layers=1)
    theirs = [found["segmentation"] for found in generator.generate(rgb)]
    iou = coco.iou(_codes(_ours(recording, rgb, "box", layers=1)), theirs, [0] * len(theirs))
    assert len(theirs) > 50
    # Boxes are rounded differently, as without crops.
    assert np.count_nonzero(iou.max(axis=1) <= 0.98) <= 1
    assert np.count_nonzero(iou.max(axis=0) <= 0.98) <= 1
