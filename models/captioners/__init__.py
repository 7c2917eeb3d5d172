"""Models that write sentences about photographs."""

from models.captioners.blip import BlipCaptioner, BlipNetwork
from models.captioners.word_pieces import WordPieces

__all__ = ["BlipCaptioner", "BlipNetwork", "WordPieces"]
