"""Shows how a pull gets on: a bar on a terminal, a line every tenth elsewhere."""

import sys
from types import TracebackType
from typing import Any

import click
from tqdm import tqdm

from domain.types import WeightFile


class PullProgress:
    """What `models.store.puller.Puller` reports to. Leave it to close the bar.

    Args:
        bars: Whether to draw; None looks for a terminal.
    """

    def __init__(self, bars: bool | None = None) -> None:
        self._bars = sys.stderr.isatty() if bars is None else bars
        self._bar: tqdm[Any] | None = None
        self._file: WeightFile | None = None
        self._shown = 0

    def __enter__(self) -> "PullProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def __call__(self, file: WeightFile, size: int) -> None:
        """`size` bytes of `file` are here."""
        if file is not self._file:
            self._start(file, size)
        if self._bar is not None:
            self._bar.n = size
            self._bar.update(0)
        elif (tenth := 10 * size // file.bytes) != self._shown:
            self._shown = tenth
            click.echo(f"{file.name}: {tenth * 10} %")

    def _start(self, file: WeightFile, size: int) -> None:
        self._close()
        self._file, self._shown = file, 10 * size // file.bytes
        resumed = f", going on at {size / 1e6:,.1f} MB" if size else ""
        text = f"{file.name}: {file.bytes / 1e6:,.1f} MB{resumed}"
        click.echo(text)
        if self._bars:
            self._bar = tqdm(desc=file.name, total=file.bytes, initial=size, unit="B", unit_scale=True)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._bar = None
