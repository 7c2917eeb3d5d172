"""Shows how a pull gets on: a bar on a terminal; elsewhere a line every tenth, or every 10 MB."""

import sys
from types import TracebackType
from typing import Any

import click
from tqdm import tqdm

from domain.models import WeightFile

STEP = 10_000_000
"""Bytes from line to line where nobody says how many there are."""


class PullProgress:
    """What `models.store.pull.WeightPuller` reports to. Leave it to close the bar.

    Args:
        bars: Whether to draw; None looks for a terminal.
    """

    def __init__(self, bars: bool | None = None) -> None:
        self._bars = sys.stderr.isatty() if bars is None else bars
        self._bar: tqdm[Any] | None = None
        self._file: WeightFile | None = None
        self._shown = ""

    def __enter__(self) -> "PullProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def __call__(self, file: WeightFile, size: int, total: int | None) -> None:
        """`size` of `total` bytes of `file` are here; None: nobody says how many there are."""
        if file is not self._file:
            self._start(file, size, total)
        if self._bar is not None:
            self._bar.n = size
            self._bar.update(0)
        elif (step := _step(size, total)) != self._shown:
            self._shown = step
            click.echo(f"{file.name}: {step}")

    def _start(self, file: WeightFile, size: int, total: int | None) -> None:
        self._close()
        self._file, self._shown = file, _step(size, total)
        resumed = f", going on at {size / 1e6:,.1f} MB" if size else ""
        whole = f"{total / 1e6:,.1f} MB" if total else "of unknown size"
        click.echo(f"{file.name}: {whole}{resumed}")
        if self._bars:
            self._bar = tqdm(desc=file.name, total=total, initial=size, unit="B", unit_scale=True)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._bar = None


def _step(size: int, total: int | None) -> str:
    """How far it is, in words that change seldom."""
    return f"{10 * size // total * 10} %" if total else f"{size // STEP * STEP // 1_000_000} MB"
