"""Tests of services/masks/crops.py, through the finder where the whole search matters."""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
import pytest

from adapters.memory_cache import ByteBudgetCache
from adapters.threads import ThreadDecoder, ThreadWorkerPool
from domain.arrays import Mask, Rgb
from domain.masks import Candidates, Embedding, FoundMasks, Prompt, Region
from domain.models import ModelInfo, SegmenterDefaults
from services.images.photo import Photo
from services.masks.crops import Crop, find_in_crops, generate_crop_boxes, without_cut_masks
from services.masks.find import MaskFinder
from services.masks.formats import decode_rle, encode_rle
from services.masks.options import CropLayers, MaskOptions, PointGrid, ResolvedMaskOptions
from services.progress import Progress, ignore
from tests.conftest import lazy
from tests.unit.services.masks.fakes import cropped, squares

WIDTH, HEIGHT = 480, 400
LARGE, ACROSS, SMALL = (24, 30, 120, 130), (204, 60, 276, 120), (330, 304, 342, 316)
"""Boxes x, y, x1, y1: a large object in one crop, one across the middle, and one of 12 x 12 pixels."""


class ShrinkingSegmenter:
    """Answers a point with the bright object under it, in the image shrunk to 40 pixels a side."""

    info = ModelInfo("fake-shrinking", "4" * 64)
    defaults = SegmenterDefaults(quality_threshold=0.5, stability_threshold=0.0, prompts_per_batch=64)

    def __init__(self) -> None:
        self.encoded: list[tuple[int, int]] = []

    def encode(self, rgb: Rgb) -> Embedding:
        self.encoded.append((rgb.shape[1], rgb.shape[0]))
        bright = cv2.resize(rgb[..., 0], (40, 40), interpolation=cv2.INTER_AREA) > 200
        _, objects = cv2.connectedComponents(bright.astype(np.uint8))
        return Embedding({"objects": objects}, *rgb.shape[:2])

    def decode(
        self, embedding: Embedding, prompts: Sequence[Prompt], quality_threshold: float = 0.0
    ) -> Candidates:
        objects = embedding.arrays["objects"]
        points = np.array([prompt.points[0] for prompt in prompts]) / [embedding.width, embedding.height]
        columns, rows = (points * 40).astype(np.int64).T
        number = objects[rows, columns]
        logits = np.where(objects[None] == number[:, None, None], np.int8(1), np.int8(-1))
        quality = np.where(number > 0, 0.9, 0.1).astype(np.float32)
        found = Candidates(logits, np.arange(len(prompts)), quality, np.ones(len(prompts), np.float32))
        return found.take(quality >= quality_threshold)


def _image(*boxes: tuple[int, int, int, int]) -> Rgb:
    """Bright boxes on a dark ground, with a mark of another kind in each crop so that none shows nothing."""
    rgb = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    rgb[::40, :] = rgb[:, ::40] = 90
    for x0, y0, x1, y1 in boxes:
        rgb[y0:y1, x0:x1] = 255
    return rgb


def _finder(segmenter: ShrinkingSegmenter) -> tuple[MaskFinder, ByteBudgetCache]:
    pool, embeddings, provider = ThreadWorkerPool(2), ByteBudgetCache(10**7), lazy(segmenter)
    finder = MaskFinder(provider, ThreadDecoder(provider, pool), pool, embeddings, ByteBudgetCache(10**7))
    return finder, embeddings


def _find(
    rgb: Rgb, layers: int, segmenter: ShrinkingSegmenter | None = None, max_masks: int = 64, **options: Any
) -> FoundMasks:
    limits = {name: options.pop(name) for name in ("min_area", "max_area") if name in options}
    grid = PointGrid(20, crops=CropLayers(layers), **options)
    finder, _ = _finder(segmenter or ShrinkingSegmenter())
    photo = Photo.of(rgb, "image")
    return finder.find(photo, MaskOptions(grid, max_masks, **{"min_area": 1, **limits}), Progress())


def _boxes(found: FoundMasks) -> set[tuple[int, ...]]:
    return {(x, y, x + w, y + h) for x, y, w, h in (region.xywh for region in found.regions)}


def _is_near(box: tuple[int, ...], expected: tuple[int, ...], pixels: int) -> bool:
    return bool(np.abs(np.subtract(box, expected)).max() <= pixels)


def test_crops_are_those_of_sams_generator() -> None:
    crops = generate_crop_boxes(1500, 1000, CropLayers(2))
    assert [crop.layer for crop in crops] == [0] + [1] * 4 + [2] * 16
    assert crops[0] == Crop(0, 0, 0, 1500, 1000)
    # overlap 341 and 170: the crops of SAM's generate_crop_boxes((1000, 1500), 2, 512 / 1500)
    assert crops[1:5] == [
        Crop(1, 0, 0, 921, 671),
        Crop(1, 0, 330, 921, 670),
        Crop(1, 580, 0, 920, 671),
        Crop(1, 580, 330, 920, 670),
    ]
    assert crops[-1] == Crop(2, 999, 624, 501, 376)


def test_long_images_are_cut_along_their_longer_side() -> None:
    page = generate_crop_boxes(640, 5400, CropLayers(2))
    assert [crop.layer for crop in page] == [0] + [1] * 4 + [2] * 16
    assert {(crop.x, crop.width) for crop in page} == {(0, 640)}
    assert max(crop.height for crop in page if crop.layer == 1) == 1514  # (5400 + 3 * 218) / 4
    wide = generate_crop_boxes(5400, 640, CropLayers(2))
    assert [(crop.y, crop.x, crop.height, crop.width) for crop in wide] == [
        (crop.x, crop.y, crop.width, crop.height) for crop in page
    ]


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (16, 16), (30_000, 40), (640, 480)])
@pytest.mark.parametrize("overlap", [0.0, 512 / 1500, 1.0])
def test_crops_lie_inside_the_image_and_cover_it(size: tuple[int, int], overlap: float) -> None:
    width, height = size
    for layer in (1, 2):
        crops = [
            crop for crop in generate_crop_boxes(width, height, CropLayers(2, overlap)) if crop.layer == layer
        ]
        columns, rows = np.zeros(width, np.bool_), np.zeros(height, np.bool_)
        for crop in crops:
            assert 0 <= crop.x < crop.x + crop.width <= width
            assert 0 <= crop.y < crop.y + crop.height <= height
            columns[crop.x : crop.x + crop.width] = rows[crop.y : crop.y + crop.height] = True
        assert columns.all()
        assert rows.all()


def test_masks_that_an_edge_of_the_crop_cuts_off_are_left_out() -> None:
    # In a crop of 200 x 200 pixels, the candidates have 2 pixels a sample.
    boxes = [(30, 30, 60, 60), (0, 30, 60, 60), (30, 0, 60, 60), (30, 30, 100, 60), (30, 30, 60, 100)]
    found = cropped(squares(*boxes))

    def kept(crop: Crop, width: int, height: int) -> list[int]:
        left = without_cut_masks(found, crop, width, height)
        return [boxes.index(tuple(box)) for box in (left.boxes * 100).round().astype(int).tolist()]

    assert kept(Crop(1, 100, 100, 200, 200), 500, 500) == [0]
    assert kept(Crop(1, 0, 0, 200, 200), 500, 500) == [0, 1, 2]
    assert kept(Crop(1, 300, 300, 200, 200), 500, 500) == [0, 3, 4]
    assert kept(Crop(0, 0, 0, 200, 200), 200, 200) == [0, 1, 2, 3, 4]


def test_an_edge_cuts_off_what_is_20_pixels_from_it() -> None:
    found = cropped(squares((10, 30, 60, 60), (11, 30, 60, 60)))
    left = without_cut_masks(found, Crop(1, 100, 100, 200, 200), 500, 500)
    assert left.boxes[:, 0].tolist() == [0.11]


def test_a_small_object_is_found_in_a_crop_at_its_place() -> None:
    rgb = _image(LARGE, SMALL)
    assert not any(_is_near(box, SMALL, 5) for box in _boxes(_find(rgb, 0)))
    found = _find(rgb, 2)
    (region,) = [each for each in found.regions if each.area < 300]
    x, y, width, height = region.xywh
    assert _is_near((x, y, x + width, y + height), SMALL, 5)
    mask: Mask = decode_rle(region.rle)
    assert mask.shape == (HEIGHT, WIDTH)
    assert region.area == np.count_nonzero(mask)
    assert region.xywh == cv2.boundingRect(mask.astype(np.uint8))
    assert encode_rle(mask) == region.rle


@pytest.mark.parametrize("layers", [1, 2])
def test_an_object_that_crops_cut_is_found_once_and_whole(layers: int) -> None:
    found = _find(_image(ACROSS), layers)
    assert len(found.regions) == 1
    assert _is_near(next(iter(_boxes(found))), ACROSS, 14)


def test_of_duplicates_the_one_of_the_smaller_crop_stays() -> None:
    object_ = (26, 33, 130, 137)
    (whole,), (in_crop,) = _find(_image(object_), 0).regions, _find(_image(object_), 1).regions
    truth = np.zeros((HEIGHT, WIDTH), np.bool_)
    truth[33:137, 26:130] = True

    def differing(region: Region) -> int:
        return int(np.count_nonzero(decode_rle(region.rle) != truth))

    assert differing(in_crop) < differing(whole)


@pytest.mark.parametrize("deduplication", ["box", "none"])
def test_the_other_kinds_of_deduplication(deduplication: str) -> None:
    found = _find(_image(LARGE), 1, deduplication=deduplication, adaptive=False, max_masks=1000)
    assert len(found.regions) == 1 if deduplication == "box" else len(found.regions) > 20
    assert all(_is_near(box, LARGE, 14) for box in _boxes(found))


def test_areas_and_the_number_of_regions_are_limited_as_in_the_whole_image() -> None:
    rgb = _image(LARGE, SMALL, ACROSS)
    assert [region.area >= 300 for region in _find(rgb, 2, min_area=300).regions] == [True, True]
    assert [region.area <= 300 for region in _find(rgb, 2, max_area=300).regions] == [True]
    assert _find(rgb, 2, max_masks=2).regions == _find(rgb, 2).regions[:2]


def test_each_layer_has_fewer_points() -> None:
    segmenter = ShrinkingSegmenter()
    finder, _ = _finder(segmenter)
    grid = PointGrid(8, adaptive=False, crops=CropLayers(2, points_downscale=4))
    found = finder.find(Photo.of(_image(LARGE), "image"), MaskOptions(grid, 64), Progress())
    assert found.prompts == 64 + 4 * 4 + 16 * 1
    assert len(segmenter.encoded) == 21


def test_only_the_embedding_of_the_whole_image_is_kept() -> None:
    segmenter = ShrinkingSegmenter()
    finder, embeddings = _finder(segmenter)
    photo = Photo.of(_image(LARGE, SMALL), "image")
    for max_masks in (5, 6):
        grid = PointGrid(8, crops=CropLayers(1))
        finder.find(photo, MaskOptions(grid, max_masks), Progress())
    assert (embeddings.misses, embeddings.hits) == (1, 1)
    assert segmenter.encoded.count((WIDTH, HEIGHT)) == 1
    assert len(segmenter.encoded) == 1 + 2 * 4


def test_steps_say_which_crop_and_crops_that_show_nothing_are_passed_over() -> None:
    rgb = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    rgb[30:90, 30:90] = 255
    segmenter, steps = ShrinkingSegmenter(), list[tuple[str, int, int, str]]()
    finder, _ = _finder(segmenter)
    options = MaskOptions(PointGrid(8, crops=CropLayers(1)), 64)
    finder.find(Photo.of(rgb, "image"), options, Progress(lambda *step: steps.append(step)))
    assert len(segmenter.encoded) == 2
    decoding = [step for step in steps if step[0] == "decode"]
    assert [done for _, done, _, _ in decoding] == sorted(done for _, done, _, _ in decoding)
    assert {total for _, _, total, _ in decoding} == {5 * 64}
    assert decoding[-1] == ("decode", 320, 320, "crop 5 of 5: it shows nothing")
    assert any(message.startswith("crop 2 of 5: 64 of 64 grid points") for *_, message in decoding)


def test_a_search_ends_between_crops_when_it_is_cancelled() -> None:
    class Stopped(Exception):
        pass

    segmenter = ShrinkingSegmenter()

    def check() -> None:
        if len(segmenter.encoded) == 2:
            raise Stopped

    finder, _ = _finder(segmenter)
    options = MaskOptions(PointGrid(8, crops=CropLayers(2)), 64)
    with pytest.raises(Stopped):
        finder.find(Photo.of(_image(LARGE), "image"), options, Progress(check=check))
    assert len(segmenter.encoded) == 2


def test_the_whole_image_is_searched_first_as_without_layers() -> None:
    searched: list[tuple[Photo, PointGrid, ResolvedMaskOptions]] = []

    def search(
        part: Photo,
        grid: PointGrid,
        options: ResolvedMaskOptions,
        keep: Callable[..., Any],
        progress: Progress,
    ) -> tuple[list[Region], int]:
        found = cropped(squares((0, 0, 50, 50), (90, 90, 100, 100)))
        searched.append((part, grid, options))
        assert len(keep(found)) == (2 if part is photo else len(keep(found)))
        progress.step("decode", 1, 1, "")
        return [], 1

    photo = Photo.of(_image(LARGE), "image")
    grid = PointGrid(crops=CropLayers(1))
    options = MaskOptions(grid, 64)
    resolved = ResolvedMaskOptions.of(options, ShrinkingSegmenter.defaults, WIDTH * HEIGHT)
    assert find_in_crops(photo, grid, resolved, search, Progress(ignore)) == ([], 5)
    assert searched[0] == (photo, PointGrid(), resolved)
    assert all(part.rgb(Progress()).base is not None for part, _, _ in searched[1:])
