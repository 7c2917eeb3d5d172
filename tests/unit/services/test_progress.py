"""Tests of services/progress.py."""

import pytest

from services.progress import PartProgress, Progress


def test_the_work_of_parts_adds_up_in_the_whole() -> None:
    steps: list[tuple[str, int, int, str]] = []
    whole = Progress(lambda *step: steps.append(step))
    first, second = PartProgress(whole, "crop 1 of 2", 0, 14), PartProgress(whole, "crop 2 of 2", 10, 14)
    for part in (first, second):
        with part.stage("decode"):
            part.step("decode", 3, 10, "3 of 10 points")
    assert steps == [
        ("decode", 3, 14, "crop 1 of 2: 3 of 10 points"),
        ("decode", 13, 14, "crop 2 of 2: 3 of 10 points"),
    ]
    assert set(first.timings_ms) == {"decode", "total"}
    assert first.timings_ms == second.timings_ms == whole.timings_ms


def test_a_part_is_cancelled_with_the_whole() -> None:
    def check() -> None:
        raise TimeoutError

    part = PartProgress(Progress(check=check), "crop 1 of 2", 0, 2)
    with pytest.raises(TimeoutError), part.stage("encode"):
        pass
