"""Runs a training in stages whose results are kept, so that one that was stopped goes on with the next."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch

T = TypeVar("T")


class Stages:
    """Results of stages in a folder.

    Args:
        folder: Made where it is missing. Delete it to begin again.
        seed: Set before every stage, so that a resumed training ends as an unbroken one does.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._seed = seed

    def run(self, name: str, stage: Callable[[], T]) -> T:
        """The kept result of the stage, or a new one, which is kept."""
        torch.manual_seed(self._seed)
        path = self._folder / f"{name}.pt"
        if path.exists():
            print(f"{name}: as kept in {path}")
            # Files of this folder were written below, by the same training.
            kept: T = torch.load(path, weights_only=False)
            return kept
        result = stage()
        unfinished = path.with_suffix(".part")
        torch.save(result, unfinished)
        unfinished.rename(path)
        return result
