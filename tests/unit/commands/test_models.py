"""What a pull shows."""

import pytest

from commands.models import PullProgress
from domain.models import WeightFile

FILES = [WeightFile("r", name, 2_000_000, "0" * 64, "MIT", "the test") for name in ("a.pt", "b.pt")]


def test_lines_by_tenths_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with PullProgress(bars=False) as progress:
        for size in (0, 150_000, 250_000, 260_000, 2_000_000):
            progress(FILES[0], size, 2_000_000)
        progress(FILES[1], 1_000_000, 2_000_000)
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "a.pt: 2.0 MB",
        "a.pt: 10 %",
        "a.pt: 100 %",
        "b.pt: 2.0 MB, going on at 1.0 MB",
    ]
    assert err == ""


def test_a_bar_a_file_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with PullProgress(bars=True) as progress:
        progress(FILES[0], 500_000, 2_000_000)
        progress(FILES[0], 2_000_000, 2_000_000)
        progress(FILES[1], 0, 2_000_000)
    out, err = capsys.readouterr()
    assert "going on at 0.5 MB" in out
    assert "a.pt: 100%" in err
    assert "2.00M/2.00M" in err
    assert "b.pt:   0%" in err


def test_a_size_that_nobody_states(capsys: pytest.CaptureFixture[str]) -> None:
    with PullProgress(bars=False) as progress:
        for size in (0, 9_000_000, 12_000_000, 25_000_000):
            progress(FILES[0], size, None)
    with PullProgress(bars=True) as progress:
        progress(FILES[0], 500_000, None)
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "a.pt: of unknown size",
        "a.pt: 10 MB",
        "a.pt: 20 MB",
        "a.pt: of unknown size, going on at 0.5 MB",
    ]
    assert "500kB" in err
