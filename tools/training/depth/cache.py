"""Renders the training scenes once, into shards that training maps into memory.

A shard is made from its own seed, so an interrupted run goes on where it stopped and gives the same scenes.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Rgb
from tools.training.depth.materials import Materials
from tools.training.depth.render import render
from tools.training.depth.scenes import scene

HEIGHT, WIDTH = 240, 320
SHARD = 100


def fill(folder: Path, materials: Materials, shards: int, seed: int) -> None:
    """Render the shards that are missing: `<n>-rgb.npy` uint8 and `<n>-inverse.npy` float16, 1/metres."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(shards):
        done = folder / f"{number:04}-inverse.npy"
        if done.exists():
            continue
        pictures, inverses = _shard(materials, np.random.default_rng([seed, number]))
        np.save(folder / f"{number:04}-rgb.npy", pictures)
        partial = folder / "partial.npy"
        np.save(partial, inverses)
        partial.rename(done)
        print(f"rendered {(number + 1) * SHARD} of {shards * SHARD} scenes", flush=True)


class Scenes:
    """The rendered scenes, mapped from disk.

    Args:
        folder: What `fill` wrote.
    """

    def __init__(self, folder: Path) -> None:
        numbers = sorted(path.name[:4] for path in folder.glob("*-inverse.npy"))
        self._pictures = [np.load(folder / f"{number}-rgb.npy", mmap_mode="r") for number in numbers]
        self._inverses = [np.load(folder / f"{number}-inverse.npy", mmap_mode="r") for number in numbers]

    def __len__(self) -> int:
        return SHARD * len(self._pictures)

    def __getitem__(self, index: int) -> tuple[Rgb, NDArray[np.float32]]:
        """Picture and inverse depth."""
        shard, place = divmod(index, SHARD)
        return np.array(self._pictures[shard][place]), self._inverses[shard][place].astype(np.float32)


def _shard(materials: Materials, rng: np.random.Generator) -> tuple[Rgb, NDArray[np.float16]]:
    rendered = [render(scene(rng, materials), HEIGHT, WIDTH) for _ in range(SHARD)]
    pictures, inverses = zip(*rendered, strict=True)
    return np.stack(pictures), np.stack(inverses).astype(np.float16)
