"""The convolutional network's side: a linear probe on what it sees, and fine-tuning of all of it."""

from dataclasses import dataclass

from domain.arrays import Floats
from services.progress import Progress
from tools.compare.classifier import ClassifierTrainer, LinearHead, Targets, TrainingSchedule
from tools.compare.cost import Cost, run_in_batches
from tools.compare.examples import LazyImages

DECODE_BATCH_SIZE = 16
"""Photographs that are decoded at a time; the network takes as many of them at once as suits it."""


@dataclass(frozen=True)
class ImageFeatures:
    """What the untrained network made of photographs.

    Attributes:
        values: float32 [N, F].
        cost: What that took.
    """

    values: Floats
    cost: Cost


@dataclass(frozen=True)
class Predictions:
    """Answers to test photographs.

    Attributes:
        probabilities: [T, C].
        training: What it took to be able to answer.
        answering: What the answers took.
        parameters: How many numbers were fitted.
    """

    probabilities: Floats
    training: Cost
    answering: Cost
    parameters: int


class CnnMethods:
    """Holds no state of a comparison.

    Args:
        trainer: The network.
    """

    def __init__(self, trainer: ClassifierTrainer) -> None:
        self.trainer = trainer

    def features(self, gallery: LazyImages, stage: str, progress: Progress) -> ImageFeatures:
        """See all photographs of a gallery; reading and decoding them is not counted."""
        return ImageFeatures(
            *run_in_batches(gallery, DECODE_BATCH_SIZE, self.trainer.features, stage, progress)
        )

    def probe(self, train: Floats, targets: Targets, classes: int) -> tuple[LinearHead, Cost]:
        """A linear classifier on features, and what its fit took."""
        cost = Cost()
        with cost.running():
            head = self.trainer.probe(train, targets, classes)
        return head, cost

    def fine_tuned(
        self,
        train: LazyImages,
        targets: Targets,
        test: LazyImages,
        head: LinearHead,
        schedule: TrainingSchedule,
        progress: Progress,
    ) -> Predictions:
        """What the whole network answers after it was trained on; reading photographs counts as training."""

        def report(done: int, total: int) -> None:
            progress.step("fine-tune", done, total, f"fine-tune {done}/{total}")

        training = Cost()
        with training.running():
            network = self.trainer.fine_tune(train, targets, head, schedule, report)
        answers, answering = run_in_batches(
            test, DECODE_BATCH_SIZE, network.probabilities, "fine-tuned, test", progress
        )
        return Predictions(answers, training, answering, self.trainer.facts.parameters + head.parameters)
