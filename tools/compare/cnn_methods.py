"""Runs the methods of the convolutional network: a linear probe on its features, and fine-tuning."""

from dataclasses import dataclass

from domain.arrays import Floats
from services.progress import Progress
from tools.compare.classifier import ClassifierTrainer, LinearHead, Targets, TrainingSchedule
from tools.compare.cost import Cost, run_in_batches
from tools.compare.examples import LazyImages

DECODE_BATCH_SIZE = 16
"""Number of images decoded at a time; the network splits them into batches of its own."""


@dataclass(frozen=True)
class ImageFeatures:
    """The features of images from the untrained network.

    Attributes:
        values: float32 [N, F].
        cost: Cost of computing them.
    """

    values: Floats
    cost: Cost


@dataclass(frozen=True)
class Predictions:
    """The predictions of the fine-tuned network for T test images.

    Attributes:
        probabilities: Probabilities of the classes, [T, C].
        training: Cost of the training.
        inference: Cost of the predictions.
        parameters: Number of fitted parameters.
    """

    probabilities: Floats
    training: Cost
    inference: Cost
    parameters: int


class CnnMethods:
    """The convolutional network with the cost of its use; it keeps no state of a comparison.

    Args:
        trainer: The network.
    """

    def __init__(self, trainer: ClassifierTrainer) -> None:
        self.trainer = trainer

    def features(self, images: LazyImages, stage: str, progress: Progress) -> ImageFeatures:
        """Return the features of all images; the cost does not include reading and decoding them."""
        return ImageFeatures(
            *run_in_batches(images, DECODE_BATCH_SIZE, self.trainer.features, stage, progress)
        )

    def probe(self, features: Floats, targets: Targets, classes: int) -> tuple[LinearHead, Cost]:
        """Return a linear classifier fitted to features [N, F], and the cost of the fit."""
        cost = Cost()
        with cost.running():
            head = self.trainer.probe(features, targets, classes)
        return head, cost

    def fine_tune(
        self,
        train: LazyImages,
        targets: Targets,
        test: LazyImages,
        head: LinearHead,
        schedule: TrainingSchedule,
        progress: Progress,
    ) -> Predictions:
        """Fine-tune the network from `head` on `train`, and return its predictions for `test`.

        The cost of the training includes reading the training images.
        """

        def on_step(done: int, total: int) -> None:
            progress.step("fine-tune", done, total, f"fine-tune {done}/{total}")

        training = Cost()
        with training.running():
            network = self.trainer.fine_tune(train, targets, head, schedule, on_step)
        probabilities, inference = run_in_batches(
            test, DECODE_BATCH_SIZE, network.probabilities, "fine-tuned, test", progress
        )
        parameters = self.trainer.info.parameters + head.parameters
        return Predictions(probabilities, training, inference, parameters)
