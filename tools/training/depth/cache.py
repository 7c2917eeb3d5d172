"""Renders the training scenes once, into files that training maps into memory.

Each shard of scenes has a seed of its own, so that a resumed run gives the same scenes.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Rgb
from tools.training.depth.materials import Materials
from tools.training.depth.render import render
from tools.training.depth.scenes import scene

HEIGHT, WIDTH = 240, 320
"""Size of a rendered scene in pixels."""

SHARD = 100
"""Usual number of scenes in a shard."""


def fill(folder: Path, materials: Materials, shards: int, seed: int, shard_size: int = SHARD) -> None:
    """Render the shards that are missing.

    Shard n is `<n>-rgb.npy`, uint8 [S, HEIGHT, WIDTH, 3], and `<n>-inverse.npy`, 1/metres in float16
    [S, HEIGHT, WIDTH].

    Args:
        folder: Is made where it is missing.
        materials: The materials of the scenes.
        shards: Number of shards.
        seed: Seed of all shards.
        shard_size: Number of scenes S in a shard.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(shards):
        done = folder / f"{number:04}-inverse.npy"
        if done.exists():
            continue
        images, inverses = _shard(materials, np.random.default_rng([seed, number]), shard_size)
        np.save(folder / f"{number:04}-rgb.npy", images)
        partial = folder / "partial.npy"
        np.save(partial, inverses)
        partial.rename(done)
        print(f"rendered {(number + 1) * shard_size} of {shards * shard_size} scenes", flush=True)


class Scenes:
    """The rendered scenes, mapped into memory.

    Args:
        folder: The folder that `fill` wrote; all shards have the same size.
    """

    def __init__(self, folder: Path) -> None:
        numbers = sorted(path.name[:4] for path in folder.glob("*-inverse.npy"))
        self._images = [np.load(folder / f"{number}-rgb.npy", mmap_mode="r") for number in numbers]
        self._inverses = [np.load(folder / f"{number}-inverse.npy", mmap_mode="r") for number in numbers]

    def __len__(self) -> int:
        return sum(map(len, self._images))

    def __getitem__(self, index: int) -> tuple[Rgb, NDArray[np.float32]]:
        """Return image, uint8 [HEIGHT, WIDTH, 3], and inverse depth, 1/metres in float32 [HEIGHT, WIDTH]."""
        shard, place = divmod(index, len(self._images[0]))
        return np.array(self._images[shard][place]), self._inverses[shard][place].astype(np.float32)


def _shard(materials: Materials, rng: np.random.Generator, size: int) -> tuple[Rgb, NDArray[np.float16]]:
    rendered = [render(scene(rng, materials), HEIGHT, WIDTH) for _ in range(size)]
    images, inverses = zip(*rendered, strict=True)
    return np.stack(images), np.stack(inverses).astype(np.float16)
