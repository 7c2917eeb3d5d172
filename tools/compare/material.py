"""The photographs of a comparison, seen once by both sides."""

from dataclasses import dataclass

import numpy as np

from domain.labels import Vocabulary
from services.progress import Progress
from services.vocabularies.library import Vocabularies
from tools.compare.classifier import Targets
from tools.compare.cnn_side import CnnMethods, ImageFeatures
from tools.compare.cost import Cost
from tools.compare.encoder_side import EncodedImages, EncoderMethods
from tools.compare.examples import (
    LabelledFiles,
    LazyImages,
    ReadImage,
    RowIndices,
    first_per_class,
    stratified_split,
)


@dataclass(frozen=True)
class LabelledImages:
    """The photographs to learn from, or those to be asked about.

    Attributes:
        gallery: N photographs.
        targets: Their classes, [N].
        seen: What the encoder made of them.
        features: What the untrained network did.
    """

    gallery: LazyImages
    targets: Targets
    seen: EncodedImages
    features: ImageFeatures


@dataclass(frozen=True)
class ComparisonData:
    """What all contenders share.

    Attributes:
        vocabulary: The names of the classes, in order.
        naming: What it took to encode them.
        train: To learn from; those of each class in random order.
        test: To be asked about.
    """

    vocabulary: Vocabulary
    naming: Cost
    train: LabelledImages
    test: LabelledImages

    @property
    def classes(self) -> int:
        """How many there are."""
        return len(self.vocabulary.labels)

    @property
    def most(self) -> int:
        """Photographs to learn from in the largest class."""
        return int(np.bincount(self.train.targets).max())

    def shots(self, count: int) -> RowIndices:
        """Rows of `train`: the first `count` of each class."""
        return first_per_class(self.train.targets, count)


def prepare_data(
    examples: LabelledFiles,
    vocabularies: Vocabularies,
    encoder: EncoderMethods,
    cnn: CnnMethods,
    read: ReadImage,
    test_share: float,
    seed: int,
    progress: Progress,
) -> ComparisonData:
    """Split the photographs, and let both sides look at all of them.

    Raises:
        InvalidRequest: A class folder cannot be a name.
    """
    vocabulary = vocabularies.resolve(examples.names, None)
    split = stratified_split(examples.targets, test_share, seed)

    def half(rows: RowIndices, kind: str) -> LabelledImages:
        gallery = LazyImages([examples.files[row] for row in rows], read)
        seen = encoder.look(gallery, f"encoder, {kind}", progress)
        return LabelledImages(
            gallery, examples.targets[rows], seen, cnn.features(gallery, f"network, {kind}", progress)
        )

    return ComparisonData(
        vocabulary, encoder.read(vocabulary), half(split.train, "training"), half(split.test, "test")
    )
