"""The labeller kept in the repository: EfficientNet-Lite2 and MiniLM, aligned by trained heads."""

from models.encoders.embedded.encoder import EmbeddedEncoder
from models.encoders.embedded.image_tower import ImageTower
from models.encoders.embedded.image_trunk import ImageTrunk
from models.encoders.embedded.text_tower import TextTower

__all__ = ["EmbeddedEncoder", "ImageTower", "ImageTrunk", "TextTower"]
