"""Measures what work costs: seconds by the clock, and seconds of processor time in this process."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


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
