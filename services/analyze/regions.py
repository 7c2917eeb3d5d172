"""Attributes of a region: its colours, its depth and the lines of text in it."""

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
"""Maximum number of sampled pixels of a region; more would change the fractions by 1 or 2 per cent."""

MIN_COLOR_FRACTION = 0.05


@dataclass(frozen=True)
class RegionColor:
    """One colour and the fraction of a region that has it.

    Attributes:
        hex: sRGB as "#rrggbb".
        share: Fraction of the pixels of the region, 0..1.
    """

    hex: str
    share: float


def region_colors(rgb: Rgb, region: Region, mask: Mask) -> tuple[RegionColor, ...]:
    """Return the main colours of a region, the most frequent first.

    Pillow's quantizer finds them: median cut followed by one round of k-means. The sample is deterministic.

    Args:
        rgb: The image, uint8 [H, W, 3].
        region: The region.
        mask: Its mask within its bounding box, bool [h, w].
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
        median: Median over the pixels of the region.
        min: Minimum.
        max: Maximum.
    """

    median: float
    min: float
    max: float


def region_depth(depth: DepthMap, region: Region, mask: Mask) -> RegionDepth:
    """Return the depth of a region whose mask within its bounding box is `mask`, bool [h, w]."""
    x, y, w, h = region.xywh
    values = depth.values[y : y + h, x : x + w][mask]
    return RegionDepth(float(np.median(values)), float(values.min()), float(values.max()))


def depth_ranks(depth: DepthMap, depths: Sequence[RegionDepth | None]) -> list[int | None]:
    """Return the rank of each region by its median depth; 1 is the nearest, and ties keep their order.

    A region without depth has no rank.
    """
    medians = np.array([np.nan if one is None else one.median for one in depths])
    order = np.argsort(medians if depth.kind == "metric" else -medians, kind="stable")
    rank = dict(zip(order.tolist(), range(1, len(order) + 1), strict=True))  # NaN comes last.
    return [None if one is None else rank[index] for index, one in enumerate(depths)]


MIN_COVERED_FRACTION = 0.5
"""Fraction of the area of a line that a region must cover; letters are often holes in the mask."""


@dataclass(frozen=True)
class LineMask:
    """The pixels of one line of text in the upright image.

    Attributes:
        x: Left column of `mask` in pixels of the image; it may lie outside the image.
        y: Top row of `mask` in pixels of the image; it may lie outside the image.
        mask: bool [h, w], never empty.
    """

    x: int
    y: int
    mask: Mask

    @classmethod
    def of(cls, quad: Quad) -> "LineMask":
        """Rasterise the quadrilateral with four corners in pixels of the image."""
        corners = np.rint(np.array(quad)).astype(np.int32)
        x, y, w, h = cv2.boundingRect(corners)
        drawn = cv2.fillConvexPoly(np.zeros((h, w), np.uint8), corners - [x, y], 1)
        return cls(x, y, np.asarray(drawn, np.uint8).view(np.bool_))

    def covered_fraction(self, region: Region, mask: Mask) -> float:
        """Return the fraction of the line inside a region whose mask in its bounding box is `mask`."""
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
    """Return the pixels of each line."""
    return [LineMask.of(line.quad) for line in lines]


def lines_in_region(lines: Sequence[LineMask], region: Region, mask: Mask) -> tuple[int, ...]:
    """Return the indices of the lines in a region whose mask in its bounding box is `mask`, bool [h, w]."""
    return tuple(
        index
        for index, line in enumerate(lines)
        if line.covered_fraction(region, mask) >= MIN_COVERED_FRACTION
    )


@dataclass(frozen=True)
class RegionAttributes:
    """Attributes of one region.

    Attributes:
        depth: Depth of the region; None where that of the image is unknown, or the mask is empty.
        lines: Indices of the lines of text in the region; None where text was not read.
        colors: Colours, the most frequent first; None where they were not requested.
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
    """Return the attributes of each region; a worker decodes one mask at a time.

    Args:
        regions: Regions of the upright image.
        depth: The depth map of the image; None leaves depth out.
        lines: The lines of text of the image; None leaves text out.
        rgb: The pixels of the image, uint8 [H, W, 3]; None leaves colours out.
        pool: Processes regions in parallel.
        check: Called before each region; raises when the result is no longer needed.
    """
    masks = None if lines is None else line_masks(lines)

    def attributes(region: Region) -> RegionAttributes:
        check()
        if not region.area:  # A prompt has no mask.
            return RegionAttributes(None, None if lines is None else (), None if rgb is None else ())
        mask = crop_mask(region.rle, region.xywh)
        return RegionAttributes(
            None if depth is None else region_depth(depth, region, mask),
            None if masks is None else lines_in_region(masks, region, mask),
            None if rgb is None else region_colors(rgb, region, mask),
        )

    return [*pool.map(attributes, regions)]
