"""Shows the stages of a long command, a progress bar for each."""

from types import TracebackType
from typing import Never, Self

from tqdm import tqdm


class StageBars:
    """One bar after the other, each while its stage lasts."""

    def __init__(self) -> None:
        self._stage: str | None = None
        self._bar: tqdm[Never] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def step(self, stage: str, done: int, total: int, _message: str) -> None:
        """Hears of a step, as the listener of a `Progress`."""
        if stage != self._stage or self._bar is None:
            self._close()
            self._stage, self._bar = stage, tqdm(desc=stage, total=total)
        self._bar.update(done - self._bar.n)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
