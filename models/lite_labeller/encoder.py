"""Embedded labeller behind the ports `DualEncoder` and `SceneEncoder`."""

from collections.abc import Sequence

import numpy as np

from domain.arrays import Floats, Rgb
from domain.models import ModelInfo, TextPrompting
from models.lite_labeller.towers import LiteImageTower, LiteTextTower

LITE_PROMPTING = TextPrompting(
    templates=("a photo of a {}",), view="twice", batch_size=1, single_threaded=True
)
"""Prompting of the labeller; the heads were trained on the blurred view, the first of the two views of
`twice`."""

BLURRED_VIEW_WEIGHT, PLAIN_VIEW_WEIGHT = 1.4 * 2 / 3, 1.4 / 3
"""Weights of the views; docs/models/labeller.md has the results of others. Two views agree less than one with
itself, so their sum is lengthened, and the reject class weakened: that keeps the confidence calibrated."""

REJECT_OFFSET = 0.065
"""Offset subtracted from the cosine of the reject class in the two-view mode."""


class LiteEncoder:
    """EfficientNet-Lite2 and MiniLM in one space. It is stateless between calls.

    Args:
        info: Name and digest of the model.
        images: Maps crops to vectors.
        texts: Maps texts to vectors of the same space.
    """

    def __init__(self, info: ModelInfo, images: LiteImageTower, texts: LiteTextTower) -> None:
        self._info = info
        self._images = images
        self._texts = texts

    @property
    def info(self) -> ModelInfo:
        """Name and digest of the model."""
        return self._info

    @property
    def prompting(self) -> TextPrompting:
        """Prompt template, default view and batch size."""
        return LITE_PROMPTING

    @property
    def logit_scale(self) -> float:
        """Factor from a cosine to a logit, calibrated on images that no head was fitted to."""
        return self._images.logit_scale

    @property
    def naming_dims(self) -> int:
        """Two: the reject score and the novelty bonus of unfamiliar labels."""
        return 2

    def encode_images(self, crops: Sequence[Rgb]) -> Floats:
        """Return unit vectors, float32 [N, D], of crops; a vector does not depend on the other crops.

        Raises:
            ValueError: A crop is not uint8 [H, W, 3].
        """
        return self._images.encode(crops)

    def encode_scene(self, rgb: Rgb) -> Floats:
        """Return the trunk's features, float32 [F], of the whole image.

        Raises:
            ValueError: It is not uint8 [H, W, 3].
        """
        return self._images.scene(rgb)

    def encode_crops(self, crops: Sequence[Rgb], scene: Floats) -> Floats:
        """Return unit vectors, float32 [N, D], of crops; each depends on itself and the scene.

        Raises:
            ValueError: A crop is not uint8 [H, W, 3].
        """
        return self._images.encode(crops, scene)

    def encode_two_views(self, blurred: Sequence[Rgb], plain: Sequence[Rgb], scene: Floats) -> Floats:
        """Return vectors, float32 [N, D], of regions; the plain crops are encoded at a lower resolution.

        Args:
            blurred: Crops uint8 [H, W, 3] with the surroundings of the region blurred.
            plain: The same crops without a blur.
            scene: Features of the image, from `encode_scene`.

        Raises:
            ValueError: A crop is not uint8 [H, W, 3].
        """
        views = self._images.encode(blurred, scene), self._images.encode(plain, scene, coarse=True)
        vectors: Floats = (
            np.float32(BLURRED_VIEW_WEIGHT) * views[0] + np.float32(PLAIN_VIEW_WEIGHT) * views[1]
        )
        vectors[:, -1] -= np.float32(REJECT_OFFSET)
        return vectors

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors, float32 [N, D], of texts; a vector does not depend on the other texts."""
        return self._texts.encode(texts)

    def token_ids(self, text: str) -> tuple[int, ...]:
        """Return the ids of the tokens; texts of equal ids have equal vectors."""
        return self._texts.token_ids(text)

    def can_read(self, text: str) -> bool:
        """Return whether the text tower knows at least one token of the text."""
        return self._texts.can_read(text)

    def reject_similarities(self, images: Floats) -> Floats:
        """Return the cosine [N] of the reject class for each image vector of `images` [N, D]."""
        return self._images.reject_similarities(images)
