"""The embedded labeller behind the DualEncoder port."""

from collections.abc import Sequence

import numpy as np

from domain.arrays import Floats, Rgb
from domain.models import ModelInfo, TextPrompting
from models.lite_labeller.towers import LiteImageTower, LiteTextTower

LITE_PROMPTING = TextPrompting(
    templates=("a photo of a {}",), view="twice", batch_size=1, single_threaded=True
)
"""The heads were trained on the blurred view, which is the first of the two looks of `twice`."""

BLURRED_VIEW_WEIGHT, PLAIN_VIEW_WEIGHT = 1.4 * 2 / 3, 1.4 / 3
"""What each look counts; docs/models/labeller.md says what others gave. Two looks agree less than one with
itself, so their sum is lengthened, and eased towards names: that keeps confidences true."""

REJECT_OFFSET = 0.065
"""By how much of a cosine "none of these names" steps back."""


class LiteEncoder:
    """EfficientNet-Lite2 and MiniLM in one space, with no state between calls.

    Args:
        info: Name and hash.
        images: Crops to vectors.
        texts: Texts to vectors of the same space.
    """

    def __init__(self, info: ModelInfo, images: LiteImageTower, texts: LiteTextTower) -> None:
        self._info = info
        self._images = images
        self._texts = texts

    @property
    def info(self) -> ModelInfo:
        """Name and hash."""
        return self._info

    @property
    def prompting(self) -> TextPrompting:
        """Template, view and batch size that suit the encoder."""
        return LITE_PROMPTING

    @property
    def logit_scale(self) -> float:
        """A cosine times this is a logit; calibrated on photographs that no head was fitted to."""
        return self._images.logit_scale

    @property
    def naming_dims(self) -> int:
        """The slot of two numbers: where "none of these names" stands, and the bonus of unfamiliar names."""
        return 2

    def encode_images(self, crops: Sequence[Rgb]) -> Floats:
        """Unit vectors, float32 [N, D]; a crop's vector does not depend on the others.

        Raises:
            ValueError: A crop is not uint8 [H, W, 3].
        """
        return self._images.encode(crops)

    def encode_scene(self, rgb: Rgb) -> Floats:
        """The trunk's features, float32 [F], of the whole photograph.

        Raises:
            ValueError: It is not uint8 [H, W, 3].
        """
        return self._images.scene(rgb)

    def encode_crops(self, crops: Sequence[Rgb], scene: Floats) -> Floats:
        """Unit vectors, float32 [N, D], of crops of a photograph; each depends on itself and the photograph.

        Raises:
            ValueError: A crop is not uint8 [H, W, 3].
        """
        return self._images.encode(crops, scene)

    def encode_two_views(self, blurred: Sequence[Rgb], plain: Sequence[Rgb], scene: Floats) -> Floats:
        """Vectors, float32 [N, D], of regions of a photograph; plain crops are read at a lower resolution.

        Args:
            blurred: uint8 [H, W, 3] each, the surroundings of the region blurred.
            plain: The same places as they are.
            scene: Of the photograph, from `encode_scene`.

        Raises:
            ValueError: A crop is not uint8 [H, W, 3].
        """
        looks = self._images.encode(blurred, scene), self._images.encode(plain, scene, coarse=True)
        vectors: Floats = (
            np.float32(BLURRED_VIEW_WEIGHT) * looks[0] + np.float32(PLAIN_VIEW_WEIGHT) * looks[1]
        )
        vectors[:, -1] -= np.float32(REJECT_OFFSET)
        return vectors

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, float32 [N, D]; a text's vector does not depend on the others."""
        return self._texts.encode(texts)

    def reject_similarities(self, images: Floats) -> Floats:
        """Cosine [N] at which "none of these names" stands for each image vector [N, D]."""
        return self._images.reject_similarities(images)
