"""Measures the cost of computations in seconds of wall time and of processor time."""

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
    """A stopwatch that adds up what runs inside `running`.

    Attributes:
        wall_s: Seconds of wall time.
        cpu_s: Seconds of processor time over all threads, which other processes hardly change.
    """

    wall_s: float = 0.0
    cpu_s: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Add the cost of the body of the `with` statement."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.wall_s += time.perf_counter() - wall
            self.cpu_s += time.process_time() - cpu

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.wall_s + other.wall_s, self.cpu_s + other.cpu_s)

    def times(self, factor: float) -> "Cost":
        """Return the cost of `factor` times the work."""
        return Cost(self.wall_s * factor, self.cpu_s * factor)


def run_in_batches(
    images: LazyImages, size: int, compute: Callable[[list[Rgb]], Floats], stage: str, progress: Progress
) -> tuple[Floats, Cost]:
    """Return the rows that `compute` makes of the images, and its cost without reading and decoding.

    Args:
        images: N images.
        size: Number of images per call of `compute`.
        compute: Turns n images into n rows.
        stage: Name of the stage for `progress`.
        progress: Receives a step for each batch.
    """
    rows, cost, done = list[Floats](), Cost(), 0
    for batch in images.batches(size):
        with cost.running():
            rows.append(compute(batch))
        done += len(batch)
        progress.step(stage, done, len(images), f"{stage} {done}/{len(images)}")
    return np.concatenate(rows), cost
