"""What depth, text and pixels say of each region."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.arrays import Rgb
from domain.depth import DepthMap
from domain.masks import Region
from domain.ports.stores import WorkerPool
from domain.text import TextLine
from services.analyze.colors import ColorShare, region_colors
from services.analyze.depths import RegionDepth, region_depth
from services.analyze.lettering import areas, lines_on
from services.masks.formats import crop_mask
from services.progress import Check


@dataclass(frozen=True)
class RegionFacts:
    """One region of a scene.

    Attributes:
        depth: None where no depth is known.
        lines: Positions of the lines of text that lie in it; None where text was not read.
        colors: The largest share first; None where they were not asked for.
    """

    depth: RegionDepth | None
    lines: tuple[int, ...] | None
    colors: tuple[ColorShare, ...] | None


def region_facts(
    regions: Sequence[Region],
    depth: DepthMap | None,
    lines: Sequence[TextLine] | None,
    rgb: Rgb | None,
    pool: WorkerPool,
    check: Check,
) -> list[RegionFacts]:
    """The facts of each region; each worker decodes one mask at a time, and `check` is asked before each.

    Args:
        regions: Of the upright photograph.
        depth: Its depth; None leaves depth out.
        lines: Its text; None leaves text out.
        rgb: Its pixels; None leaves colours out.
        pool: Looks at regions side by side.
        check: Raises when the work is not wanted any more.
    """
    places = None if lines is None else areas(lines)

    def facts(region: Region) -> RegionFacts:
        check()
        mask = crop_mask(region.rle, region.xywh)
        return RegionFacts(
            None if depth is None else region_depth(depth, region, mask),
            None if places is None else lines_on(places, region, mask),
            None if rgb is None else region_colors(rgb, region, mask),
        )

    return [*pool.map(facts, regions)]
