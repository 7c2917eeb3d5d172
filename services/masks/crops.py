"""Finds masks in crops of a large image too, as SAM's automatic mask generator does with `crop_n_layers`.

The segmenter shrinks what it encodes to its own input size, so a crop shows small objects in more detail than
the whole image does. Crops are searched one after another, and only their regions are kept, see
docs/decisions/0026-crop-layers.md.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

import numpy as np

from domain.masks import Region
from services.images.photo import Photo
from services.masks.candidates import CroppedCandidates
from services.masks.merge import CropRegions
from services.masks.nms import SelectCandidates
from services.masks.options import CropLayers, PointGrid, ResolvedMaskOptions
from services.progress import PartProgress, Progress

EDGE_TOLERANCE_PX = 20
"""Distance up to which a mask touches an edge of a crop: `atol` of SAM's `is_box_near_crop_edge`."""

SearchPart = Callable[
    [Photo, PointGrid, ResolvedMaskOptions, SelectCandidates, Progress], tuple[list[Region], int]
]
"""A function that searches an image or a crop of it, among the candidates that the selection leaves.

It returns the regions, in pixels of that part, and the number of prompts that were decoded.
"""


@dataclass(frozen=True)
class Crop:
    """A rectangle of the image in which a grid is searched, in pixels.

    Attributes:
        layer: Layer of the crop; 0 is the whole image.
        x: Left edge.
        y: Top edge.
        width: Width.
        height: Height.
    """

    layer: int
    x: int
    y: int
    width: int
    height: int


def generate_crop_boxes(width: int, height: int, layers: CropLayers) -> list[Crop]:
    """Return the whole image and the crops of each layer, as SAM's function of that name does.

    An image of a ratio of sides above 2 is cut into as many crops, but more of them along its longer side, so
    that they are nearly square. Crops that are empty, which images of few pixels have, are left out.
    """
    crops = [Crop(0, 0, 0, width, height)]
    for layer in range(1, layers.layers + 1):
        overlap = int(layers.overlap * min(width, height) * (2 / 2**layer))
        columns, rows = _crops_per_side(width, height, layer)
        across, down = _crop_length(width, columns, overlap), _crop_length(height, rows, overlap)
        for column, row in product(range(columns), range(rows)):
            x, y = column * (across - overlap), row * (down - overlap)
            crops.append(Crop(layer, x, y, min(across, width - x), min(down, height - y)))
    return [crop for crop in crops if crop.width > 0 and crop.height > 0]


def _crops_per_side(width: int, height: int, layer: int) -> tuple[int, int]:
    """Return the number of columns and rows whose (2 ** layer) ** 2 crops are nearest to squares."""
    doublings = round(math.log2(width / height) / 2)
    extra = max(-layer, min(layer, doublings))
    return 2 ** (layer + extra), 2 ** (layer - extra)


def _crop_length(length: int, count: int, overlap: int) -> int:
    return math.ceil((overlap * (count - 1) + length) / count)


def without_cut_masks(found: CroppedCandidates, crop: Crop, width: int, height: int) -> CroppedCandidates:
    """Return the candidates of a crop that do not touch an edge of it, unless the image ends there too.

    Args:
        found: The candidates.
        crop: The crop that was searched.
        width: Width of the whole image in pixels.
        height: Height of the whole image in pixels.
    """
    corner = np.array([crop.x, crop.y] * 2)
    boxes = found.boxes * ([crop.width, crop.height] * 2) + corner
    crop_edges = corner + np.array([0, 0, crop.width, crop.height])
    near_crop_edge = np.abs(boxes - crop_edges) <= EDGE_TOLERANCE_PX
    near_image_edge = np.abs(boxes - [0, 0, width, height]) <= EDGE_TOLERANCE_PX
    return found.take(np.flatnonzero(~(near_crop_edge & ~near_image_edge).any(axis=1)))


def find_in_crops(
    photo: Photo, grid: PointGrid, resolved: ResolvedMaskOptions, search: SearchPart, progress: Progress
) -> tuple[list[Region], int]:
    """Return the regions of an image and its crops, best first, and the number of prompts that were decoded.

    Of duplicates the one of the smaller crop stays, as in SAM's generator. Crops that show nothing are passed
    over.

    Args:
        photo: The whole image.
        grid: The grid, with at least one layer of crops.
        resolved: Options for the whole image.
        search: Searches the image and each crop.
        progress: Receives the steps of all crops; it is asked before each of them whether to go on.
    """
    crops = generate_crop_boxes(photo.width, photo.height, grid.crops)
    grids = [_grid_of_layer(grid, crop.layer) for crop in crops]
    total = sum(each.points_per_side**2 for each in grids)
    found, done, prompts = CropRegions(photo.width, photo.height), 0, 0
    for number, (crop, crop_grid) in enumerate(zip(crops, grids, strict=True), 1):
        progress.check()
        part = PartProgress(progress, f"crop {number} of {len(crops)}", done, total)
        view = photo.crop((crop.x, crop.y, crop.width, crop.height)) if crop.layer else photo
        done += crop_grid.points_per_side**2
        if view.shows_nothing(progress):
            part.step("decode", crop_grid.points_per_side**2, total, "it shows nothing")
            continue
        options = resolved.in_crop(crop.width * crop.height)
        keep = partial(without_cut_masks, crop=crop, width=photo.width, height=photo.height)
        regions, decoded = search(view, crop_grid, options, keep, part)
        prompts += decoded
        with progress.stage("refine"):
            found.add(regions, crop.x, crop.y, crop.layer)
    with progress.stage("refine"):
        return found.select(grid.deduplication, resolved.max_masks), prompts


def _grid_of_layer(grid: PointGrid, layer: int) -> PointGrid:
    """Return the grid of a crop, which is SAM's `build_all_layer_point_grids` with at least one point."""
    points = max(1, int(grid.points_per_side / grid.crops.points_downscale**layer))
    return replace(grid, points_per_side=points, crops=CropLayers())
