"""The convolutional network's side: a linear probe on what it sees, and fine-tuning of all of it."""

from dataclasses import dataclass

from domain.arrays import Floats
from services.progress import Progress
from tools.compare.classifier import ClassifierTrainer, LinearHead, Schedule, Targets
from tools.compare.cost import Cost
from tools.compare.examples import Gallery
from tools.compare.seeing import show

BATCH = 16
"""Photographs that are decoded at a time; the network takes as many of them at once as suits it."""


@dataclass(frozen=True)
class Features:
    """What the untrained network made of photographs.

    Attributes:
        values: float32 [N, F].
        cost: What that took.
    """

    values: Floats
    cost: Cost


@dataclass(frozen=True)
class Answers:
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


class CnnSide:
    """Holds no state of a comparison.

    Args:
        trainer: The network.
    """

    def __init__(self, trainer: ClassifierTrainer) -> None:
        self.trainer = trainer

    def features(self, gallery: Gallery, stage: str, progress: Progress) -> Features:
        """See all photographs of a gallery; reading and decoding them is not counted."""
        return Features(*show(gallery, BATCH, self.trainer.features, stage, progress))

    def probe(self, train: Floats, targets: Targets, classes: int) -> tuple[LinearHead, Cost]:
        """A linear classifier on features, and what its fit took."""
        cost = Cost()
        with cost.running():
            head = self.trainer.probe(train, targets, classes)
        return head, cost

    def fine_tuned(
        self,
        train: Gallery,
        targets: Targets,
        test: Gallery,
        head: LinearHead,
        schedule: Schedule,
        progress: Progress,
    ) -> Answers:
        """What the whole network answers after it was trained on; reading photographs counts as training."""

        def report(done: int, total: int) -> None:
            progress.step("fine-tune", done, total, f"fine-tune {done}/{total}")

        training = Cost()
        with training.running():
            network = self.trainer.fine_tune(train, targets, head, schedule, report)
        answers, answering = show(test, BATCH, network.probabilities, "fine-tuned, test", progress)
        return Answers(answers, training, answering, self.trainer.facts.parameters + head.parameters)
