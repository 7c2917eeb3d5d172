"""The colours of a region."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from domain.arrays import Mask, Rgb
from domain.depth import DepthMap
from domain.masks import Region
from domain.ports.compute import WorkerPool
from domain.text import Quad, TextLine
from services.masks.formats import crop_mask
from services.progress import CancelCheck

MAX_COLORS = 4

SAMPLED_PIXELS = 256
"""At most so many pixels are looked at, always the same ones; more move the shares by a percent or two."""

MIN_COLOR_FRACTION = 0.05


@dataclass(frozen=True)
class RegionColor:
    """One colour and how much of a region has it.

    Attributes:
        hex: sRGB as "#rrggbb".
        share: 0..1.
    """

    hex: str
    share: float


def region_colors(rgb: Rgb, region: Region, mask: Mask) -> tuple[RegionColor, ...]:
    """The main colours of a region, the largest share first (median cut, then k-means; Pillow's quantizer).

    Args:
        rgb: The photograph, uint8 [H, W, 3].
        region: Where it is.
        mask: Its mask within its box, bool [h, w].
    """
    x, y, w, h = region.xywh
    pixels = rgb[y : y + h, x : x + w][mask]
    if len(pixels) > SAMPLED_PIXELS:
        pixels = pixels[np.random.default_rng(0).integers(len(pixels), size=SAMPLED_PIXELS)]
    found = Image.fromarray(pixels[None]).quantize(MAX_COLORS, Image.Quantize.MEDIANCUT, kmeans=1)
    counts = np.bincount(np.asarray(found).ravel(), minlength=MAX_COLORS)
    palette = np.array(found.getpalette(), np.uint8).reshape(-1, 3)
    main_colors = [
        RegionColor("#" + palette[index].tobytes().hex(), float(counts[index] / len(pixels)))
        for index in np.argsort(-counts, kind="stable")
        if counts[index] >= MIN_COLOR_FRACTION * len(pixels)
    ]
    return tuple(main_colors)


@dataclass(frozen=True)
class RegionDepth:
    """Depth inside one region, in the unit of the depth map.

    Attributes:
        median: Half of its pixels are nearer.
        min: Least value.
        max: Largest value.
    """

    median: float
    min: float
    max: float


def region_depth(depth: DepthMap, region: Region, mask: Mask) -> RegionDepth:
    """Depth inside a region whose mask within its box is `mask`, bool [h, w]."""
    x, y, w, h = region.xywh
    values = depth.values[y : y + h, x : x + w][mask]
    return RegionDepth(float(np.median(values)), float(values.min()), float(values.max()))


def depth_ranks(depth: DepthMap, depths: Sequence[RegionDepth]) -> list[int]:
    """The rank of each region by its median: 1 is the nearest; of equal ones the first comes first."""
    medians = np.array([one.median for one in depths])
    order = np.argsort(medians if depth.kind == "metric" else -medians, kind="stable")
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(1, len(order) + 1)
    return [int(rank) for rank in ranks]


MIN_COVERED_FRACTION = 0.5
"""Share of a line's area that a region must cover; letters are often holes in the mask of what bears them."""


@dataclass(frozen=True)
class LineMask:
    """The pixels of one line of text.

    Attributes:
        x: Of the left column of `mask` in the upright image; may lie outside it.
        y: Of its top row.
        mask: bool [h, w], never empty.
    """

    x: int
    y: int
    mask: Mask

    @classmethod
    def of(cls, quad: Quad) -> "LineMask":
        """The pixels between four corners."""
        corners = np.rint(np.array(quad)).astype(np.int32)
        x, y, w, h = cv2.boundingRect(corners)
        drawn = cv2.fillConvexPoly(np.zeros((h, w), np.uint8), corners - [x, y], 1)
        return cls(x, y, np.asarray(drawn, np.uint8).view(np.bool_))

    def covered_fraction(self, region: Region, mask: Mask) -> float:
        """The share of it that a region covers whose mask within its box is `mask`, bool [h, w]."""
        x, y, w, h = region.xywh
        rows, columns = self.mask.shape
        left, top = max(x, self.x), max(y, self.y)
        right, bottom = min(x + w, self.x + columns), min(y + h, self.y + rows)
        if left >= right or top >= bottom:
            return 0.0
        ours = self.mask[top - self.y : bottom - self.y, left - self.x : right - self.x]
        theirs = mask[top - y : bottom - y, left - x : right - x]
        return float(np.count_nonzero(ours & theirs) / np.count_nonzero(self.mask))


def line_masks(lines: Sequence[TextLine]) -> list[LineMask]:
    """The pixels of each line."""
    return [LineMask.of(line.quad) for line in lines]


def lines_in_region(lines: Sequence[LineMask], region: Region, mask: Mask) -> tuple[int, ...]:
    """Positions of the lines that lie in a region whose mask within its box is `mask`, bool [h, w]."""
    return tuple(
        index
        for index, line in enumerate(lines)
        if line.covered_fraction(region, mask) >= MIN_COVERED_FRACTION
    )


@dataclass(frozen=True)
class RegionAttributes:
    """One region of a scene.

    Attributes:
        depth: None where no depth is known.
        lines: Positions of the lines of text that lie in it; None where text was not read.
        colors: The largest share first; None where they were not asked for.
    """

    depth: RegionDepth | None
    lines: tuple[int, ...] | None
    colors: tuple[RegionColor, ...] | None


def region_attributes(
    regions: Sequence[Region],
    depth: DepthMap | None,
    lines: Sequence[TextLine] | None,
    rgb: Rgb | None,
    pool: WorkerPool,
    check: CancelCheck,
) -> list[RegionAttributes]:
    """The facts of each region; each worker decodes one mask at a time, and `check` is asked before each.

    Args:
        regions: Of the upright photograph.
        depth: Its depth; None leaves depth out.
        lines: Its text; None leaves text out.
        rgb: Its pixels; None leaves colours out.
        pool: Looks at regions side by side.
        check: Raises when the work is not wanted any more.
    """
    places = None if lines is None else line_masks(lines)

    def facts(region: Region) -> RegionAttributes:
        check()
        mask = crop_mask(region.rle, region.xywh)
        return RegionAttributes(
            None if depth is None else region_depth(depth, region, mask),
            None if places is None else lines_in_region(places, region, mask),
            None if rgb is None else region_colors(rgb, region, mask),
        )

    return [*pool.map(facts, regions)]
