"""Shows photographs to a model in batches, and measures what that takes."""

from collections.abc import Callable

import numpy as np

from domain.arrays import Floats, Rgb
from services.progress import Progress
from tools.compare.cost import Cost
from tools.compare.examples import Gallery


def show(
    gallery: Gallery, size: int, see: Callable[[list[Rgb]], Floats], stage: str, progress: Progress
) -> tuple[Floats, Cost]:
    """What `see` makes of all photographs, a row for each, and its cost without reading and decoding.

    Args:
        gallery: The photographs.
        size: How many `see` gets at a time.
        see: Gives a row for each.
        stage: What it is called to `progress`.
        progress: Told how far it is.
    """
    rows, cost, done = list[Floats](), Cost(), 0
    for images in gallery.batches(size):
        with cost.running():
            rows.append(see(images))
        done += len(images)
        progress.step(stage, done, len(gallery), f"{stage} {done}/{len(gallery)}")
    return np.concatenate(rows), cost
