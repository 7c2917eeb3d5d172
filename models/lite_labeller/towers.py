"""Crops to unit vectors: the image trunk, then the image head, which may know the whole photograph."""

from collections.abc import Sequence

import numpy as np

from domain.arrays import Floats, Rgb
from models.lite_labeller.image_trunk import ImageTrunk
from models.runtime.onnx import OnnxGraph


class ImageTower:
    """The trunk, and the head that brings its features into the texts' space.

    Args:
        trunk: Crops to features and ConSE vectors.
        head: `features`, `conse` and `scene` to unit vectors [N, D]; its metadata hold logit_scale.

    Attributes:
        logit_scale: A cosine times this is a logit.
    """

    def __init__(self, trunk: ImageTrunk, head: OnnxGraph) -> None:
        self._trunk = trunk
        self._head = head
        self.logit_scale = float(head.metadata["logit_scale"])

    def scene(self, rgb: Rgb) -> Floats:
        """The trunk's features [F] of the whole photograph, for `encode`.

        Raises:
            ValueError: It is not uint8 [H, W, 3].
        """
        features: Floats = self._trunk.run([rgb])[0][0]
        return features

    def encode(self, crops: Sequence[Rgb], scene: Floats | None = None, coarse: bool = False) -> Floats:
        """Unit vectors, float32 [N, D], of crops of any size.

        Args:
            crops: uint8 [H, W, 3] each.
            scene: Of the photograph they are from; None: they speak for themselves.
            coarse: Read them at a lower resolution, in half the time.

        Raises:
            ValueError: A crop is not uint8 [H, W, 3].
        """
        # A matrix product of one row and of many may round differently: each crop goes alone.
        vectors = [
            self._vector(features[None], conse[None], scene)
            for features, conse in zip(*self._trunk.run(crops, coarse), strict=True)
        ]
        return np.concatenate(vectors)

    def reject_similarities(self, vectors: Floats) -> Floats:
        """The cosine [N] of image vectors [N, D] with the direction in which no text lies: the last axis."""
        return vectors[:, -1]

    def _vector(self, features: Floats, conse: Floats, scene: Floats | None) -> Floats:
        # The head takes a scene of zeros for one that is not known.
        known = np.zeros_like(features) if scene is None else scene[None]
        vector: Floats = self._head.run({"features": features, "conse": conse, "scene": known})[0]
        return vector
