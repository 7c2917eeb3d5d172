"""Measures how well depth is ordered."""

import numpy as np

from bootstrap import build_services
from config.settings import Settings
from tools.benchmarks.depth import by_scene
from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row


def evaluate(part: Part) -> tuple[str, list[Row]]:
    """Return a title, and the ordinal accuracy, mean over the images."""
    scenes = by_scene(build_services(Settings()).models.depth.get(), part.pack, part.keys)
    return f"depth, {len(scenes)} scenes, ordinal accuracy", [
        Row("depth network", float(np.mean([scene.network for scene in scenes])), 0.87),
        Row("by height in the image", float(np.mean([scene.baseline for scene in scenes]))),
    ]
