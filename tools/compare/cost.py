"""Measures what work costs: seconds by the clock, and seconds of processor time in this process."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats, Rgb
from services.progress import Progress
from tools.compare.examples import LazyImages


@dataclass
class Cost:
    """What has been spent so far; grows while it runs.

    Attributes:
        wall_s: Seconds by the clock.
        cpu_s: Seconds of processor time, all threads added: what a busy machine does not change.
    """

    wall_s: float = 0.0
    cpu_s: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count what happens inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.wall_s += time.perf_counter() - wall
            self.cpu_s += time.process_time() - cpu

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.wall_s + other.wall_s, self.cpu_s + other.cpu_s)

    def times(self, factor: float) -> "Cost":
        """The same for `factor` times the work."""
        return Cost(self.wall_s * factor, self.cpu_s * factor)


def run_in_batches(
    gallery: LazyImages, size: int, see: Callable[[list[Rgb]], Floats], stage: str, progress: Progress
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
