"""Defines the data of a comparison: the images of the split with their vectors and features."""

from dataclasses import dataclass

import numpy as np

from domain.labels import Vocabulary
from tools.compare.classifier import Targets
from tools.compare.cnn_methods import ImageFeatures
from tools.compare.cost import Cost
from tools.compare.encoder_methods import EncodedImages
from tools.compare.examples import LazyImages, RowIndices, first_per_class


@dataclass(frozen=True)
class LabelledImages:
    """The training or the test images.

    Attributes:
        images: N images.
        targets: Their classes, int64 [N].
        encoded: Their vectors from the encoder.
        features: Their features from the untrained network.
    """

    images: LazyImages
    targets: Targets
    encoded: EncodedImages
    features: ImageFeatures


@dataclass(frozen=True)
class ComparisonData:
    """The data that all methods share.

    Attributes:
        vocabulary: Names of the classes, in order.
        label_cost: Cost of encoding them.
        train: Training images; those of each class in random order.
        test: Test images.
    """

    vocabulary: Vocabulary
    label_cost: Cost
    train: LabelledImages
    test: LabelledImages

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.vocabulary.labels)

    @property
    def largest_class(self) -> int:
        """Number of training images in the largest class."""
        return int(np.bincount(self.train.targets).max())

    def shots(self, count: int) -> RowIndices:
        """Return the indices of the first `count` training images of each class."""
        return first_per_class(self.train.targets, count)
