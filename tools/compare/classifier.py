"""Defines the port of a trainable image classifier, and the values that pass through it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Rgb, check_shape

Targets: TypeAlias = NDArray[np.int64]
"""Class of each example, int64 [N], 0 to C - 1."""


@dataclass(frozen=True)
class LinearHead:
    """A linear classifier on features.

    Attributes:
        weight: float32 [F, C].
        bias: float32 [C].
    """

    weight: Floats
    bias: Floats

    def __post_init__(self) -> None:
        check_shape("weight", self.weight, (None, None))
        check_shape("bias", self.bias, (self.weight.shape[1],))

    @property
    def parameters(self) -> int:
        """Number of fitted parameters."""
        return self.weight.size + self.bias.size

    def logits(self, features: Floats) -> Floats:
        """Return the logits [N, C] of features [N, F]."""
        logits: Floats = features @ self.weight + self.bias
        return logits


@dataclass(frozen=True)
class TrainingSchedule:
    """The length and the seed of a training.

    Attributes:
        epochs: Number of passes through the examples, at least 1.
        seed: Seed of the order, the augmentation and the dropout.
    """

    epochs: int
    seed: int


@dataclass(frozen=True)
class NetworkInfo:
    """The facts of a network for the report.

    Attributes:
        name: Name in the manifest, e.g. "resnet18".
        weights: Origin of the initial weights: a file with its hash, or "random".
        input_size: Side of the square input in pixels.
        parameters: Number of parameters without the last layer.
    """

    name: str
    weights: str
    input_size: int
    parameters: int


class PhotoClassifier(Protocol):
    """A trained network over a fixed list of classes."""

    def probabilities(self, images: Sequence[Rgb]) -> Floats:
        """Return the probabilities of the classes for each image, [N, C]."""


class ClassifierTrainer(Protocol):
    """A network that can be fitted to classes. Training works on a copy of it."""

    @property
    def info(self) -> NetworkInfo:
        """The facts of the network."""

    def features(self, images: Sequence[Rgb]) -> Floats:
        """Return the features [N, F] of the untrained network; those of an image depend on it alone."""

    def probe(self, features: Floats, targets: Targets, classes: int) -> LinearHead:
        """Return a linear classifier fitted to features [N, F]."""

    def fine_tune(
        self,
        images: Iterable[Rgb],
        targets: Targets,
        head: LinearHead,
        schedule: TrainingSchedule,
        on_step: Callable[[int, int], None],
    ) -> PhotoClassifier:
        """Return the whole network, trained further from its weights and from `head`.

        Args:
            images: N images; each is read once.
            targets: Their classes, [N].
            head: Initial last layer, as `probe` fits it.
            schedule: Length and seed of the training.
            on_step: Called with the number of finished steps and the number of all steps.
        """
