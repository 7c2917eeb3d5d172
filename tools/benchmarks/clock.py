"""Measures the seconds that calls take."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any


def seconds(call: Callable[[], object]) -> float:
    """Return the seconds that one call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def median_seconds(call: Callable[[], object], runs: int, warm_up: int = 1) -> float:
    """Return the median seconds of `runs` calls, after `warm_up` calls that are not counted."""
    return medians_in_turn({"": call}, runs, warm_up)[""]


def medians_in_turn(
    calls: Mapping[str, Callable[[], object]], runs: int, warm_up: int = 1
) -> dict[str, float]:
    """Return the median seconds of each call by its name.

    The calls take turns, so that other work of the machine slows all of them alike.

    Args:
        calls: The calls by their names.
        runs: Number of rounds that are counted.
        warm_up: Number of rounds before them.
    """
    rounds = [{name: seconds(call) for name, call in calls.items()} for _ in range(warm_up + runs)]
    return {name: statistics.median(times[name] for times in rounds[warm_up:]) for name in calls}


@contextmanager
def clocked(owner: Any, name: str) -> Iterator[list[float]]:
    """Collect the seconds of every call of a method that is made inside the block.

    Args:
        owner: An object or a class; its method is replaced for the time of the block.
        name: Name of the method.
    """
    spent: list[float] = []
    original = getattr(owner, name)

    def measured(*args: Any, **options: Any) -> Any:
        start = time.perf_counter()
        try:
            return original(*args, **options)
        finally:
            spent.append(time.perf_counter() - start)

    setattr(owner, name, measured)
    try:
        yield spent
    finally:
        setattr(owner, name, original)
