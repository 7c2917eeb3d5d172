"""Runs a training in stages and keeps their results, so that a training that was stopped can be resumed."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch

T = TypeVar("T")


class Stages:
    """Keeps the results of stages in a folder.

    Args:
        folder: Folder of the results; it is made where it is missing. Delete it to start again.
        seed: Seed that is set before every stage, so that a resumed training ends like an uninterrupted one.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._seed = seed

    def run(self, name: str, stage: Callable[[], T]) -> T:
        """Return the kept result of the stage, or run the stage and keep its result."""
        torch.manual_seed(self._seed)
        path = self._folder / f"{name}.pt"
        if path.exists():
            print(f"{name}: read from {path}")
            # Files of this folder were written below, by the same training.
            kept: T = torch.load(path, weights_only=False)
            return kept
        result = stage()
        unfinished = path.with_suffix(".part")
        torch.save(result, unfinished)
        unfinished.rename(path)
        return result
