"""What the services need from outside, as Protocols. Implementations live in models/ and adapters/."""

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
        """How many numbers were fitted."""
        return self.weight.size + self.bias.size

    def logits(self, features: Floats) -> Floats:
        """Of the classes for features [N, F]: [N, C]."""
        found: Floats = features @ self.weight + self.bias
        return found


@dataclass(frozen=True)
class TrainingSchedule:
    """How long a network is trained.

    Attributes:
        epochs: Passes through the examples, at least 1.
        seed: Of everything random.
    """

    epochs: int
    seed: int


@dataclass(frozen=True)
class NetworkInfo:
    """What a report says of a network.

    Attributes:
        name: E.g. "resnet18".
        weights: Where its first weights are from: a file with its hash, or "random".
        side: Pixels of the square that it looks at.
        parameters: Numbers in it, its last layer left out.
    """

    name: str
    weights: str
    side: int
    parameters: int


class PhotoClassifier(Protocol):
    """A trained network over a fixed list of classes."""

    def probabilities(self, images: Sequence[Rgb]) -> Floats:
        """Of the classes for each image, [N, C]."""


class ClassifierTrainer(Protocol):
    """A network that can be fitted to classes. Training leaves the network that it begins with as it was."""

    @property
    def facts(self) -> NetworkInfo:
        """What it is."""

    def features(self, images: Sequence[Rgb]) -> Floats:
        """What it sees, untrained: [N, F]; an image's features do not depend on the others."""

    def probe(self, features: Floats, targets: Targets, classes: int) -> LinearHead:
        """A linear classifier fitted to features [N, F]; the network itself stays as it is."""

    def fine_tune(
        self,
        images: Iterable[Rgb],
        targets: Targets,
        head: LinearHead,
        schedule: TrainingSchedule,
        report: Callable[[int, int], None],
    ) -> PhotoClassifier:
        """The whole network, trained on from its weights and from `head`.

        Args:
            images: N of them; each is read once.
            targets: Their classes.
            head: What the last layer begins with, as `probe` fits it.
            schedule: How long.
            report: Told of the steps done and the steps there are.
        """
