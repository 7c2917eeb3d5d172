"""Crops to unit vectors: the image trunk, then the image head."""

from collections.abc import Sequence

import numpy as np

from domain.types import Floats, Rgb
from models.encoders.embedded.image_trunk import ImageTrunk
from models.runtimes.onnx import OnnxGraph


class ImageTower:
    """The trunk, and the head that brings its features into the texts' space.

    Args:
        trunk: Crops to features and ConSE vectors.
        head: `features` and `conse` to unit vectors [N, D]; its metadata hold logit_scale.

    Attributes:
        logit_scale: A cosine times this is a logit.
    """

    def __init__(self, trunk: ImageTrunk, head: OnnxGraph) -> None:
        self._trunk = trunk
        self._head = head
        self.logit_scale = float(head.metadata["logit_scale"])

    def encode(self, crops: Sequence[Rgb]) -> Floats:
        """Unit vectors, float32 [N, D], of crops of any size.

        Raises:
            ValueError: A crop is not uint8 [H, W, 3].
        """
        # A matrix product of one row and of many may round differently: each crop goes alone.
        vectors = [
            self._head.run({"features": features[None], "conse": conse[None]})[0]
            for features, conse in zip(*self._trunk.run(crops), strict=True)
        ]
        return np.concatenate(vectors)

    def reject_similarities(self, vectors: Floats) -> Floats:
        """The cosine [N] of image vectors [N, D] with the direction in which no text lies: the last axis."""
        return vectors[:, -1]
