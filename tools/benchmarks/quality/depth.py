"""How well depth is ordered."""

import numpy as np

from bootstrap import build_services
from config.settings import Settings
from tools.benchmarks.depth import by_scene
from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row


def judge(part: Part) -> tuple[str, list[Row]]:
    """A title, and ordinal accuracy, mean over the scenes."""
    scenes = by_scene(build_services(Settings()).models.depth.get(), part.pack, part.keys)
    return f"depth, {len(scenes)} scenes, ordinal accuracy", [
        Row("depth network", float(np.mean([scene.ours for scene in scenes])), 0.87),
        Row("by picture height", float(np.mean([scene.height for scene in scenes]))),
    ]
