"""The whole scene: regions, their names, depth, text, colours and how they lie in each other."""

from services.scene.colors import ColorShare
from services.scene.depths import RegionDepth
from services.scene.regions import RegionFacts
from services.scene.service import SceneOptions, SceneResult, SceneService

__all__ = ["ColorShare", "RegionDepth", "RegionFacts", "SceneOptions", "SceneResult", "SceneService"]
