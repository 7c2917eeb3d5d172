"""Runs each method on the data of a comparison."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from services.labels.encode import ImageVectors
from services.labels.few_shot import softmax
from services.progress import Progress
from tools.compare.classifier import LinearHead, Targets, TrainingSchedule
from tools.compare.cnn_methods import CnnMethods
from tools.compare.cost import Cost
from tools.compare.data import ComparisonData
from tools.compare.encoder_methods import EncoderMethods, FewShotClassifier
from tools.compare.examples import RowIndices, held_out_classes
from tools.compare.result import (
    GeneralizedAccuracy,
    MethodResult,
    TemplateAccuracies,
    TemplateAccuracy,
    UnseenResult,
)

ZERO_SHOT, FEW_SHOT, PROBE, FINE_TUNED = "zero-shot", "few-shot", "linear probe", "fine-tuned"

PROMPT_TEMPLATES = ("{}", "a photo of a {}", "a {} in a picture")


@dataclass(frozen=True)
class Experiment:
    """Both models on the same images.

    Attributes:
        encoder: The image-text encoder.
        cnn: The convolutional network.
        data: The images.
    """

    encoder: EncoderMethods
    cnn: CnnMethods
    data: ComparisonData

    def label_logits(self) -> Floats:
        """Return the logits [T, C + 1] of the test images with the prompts of the service, reject last."""
        return self.encoder.label_logits(self.data.test.encoded.image_vectors, self.data.vocabulary)

    def zero_shot(self) -> MethodResult:
        """Predict from the labels alone, without the reject class; encoding the labels is the training."""
        test, cost = self.data.test, Cost()
        with cost.running():
            probabilities = softmax(self.label_logits()[:, :-1])
        return MethodResult(
            ZERO_SHOT, "encoder", probabilities, test.targets, 0, 0, self.data.label_cost,
            test.encoded.cost + cost,
        )  # fmt: skip

    def few_shot(self, rows: RowIndices) -> MethodResult:
        """Predict from the labels and the training images `rows`, without the reject class."""
        train, test, training, inference = self.data.train, self.data.test, Cost(), Cost()
        with training.running():
            encoded = train.encoded.image_vectors
            image_vectors = ImageVectors(encoded.vectors[rows], encoded.reject_similarities[rows])
            logits = self.encoder.label_logits(image_vectors, self.data.vocabulary)
            vectors = self.encoder.few_shot_vectors(image_vectors)
            head = FewShotClassifier.fit(logits, vectors, train.targets[rows])
        with inference.running():
            test_vectors = self.encoder.few_shot_vectors(test.encoded.image_vectors)
            probabilities = softmax(head.logits(self.label_logits(), test_vectors)[:, :-1])
        encoding = train.encoded.cost.times(len(rows) / len(train.targets))
        return MethodResult(
            FEW_SHOT, "encoder", probabilities, test.targets, len(rows), head.parameters,
            self.data.label_cost + encoding + training, test.encoded.cost + inference,
        )  # fmt: skip

    def probe(self, rows: RowIndices) -> tuple[MethodResult, LinearHead]:
        """Predict with a linear classifier on the network's features of the training images `rows`."""
        train, test, inference = self.data.train, self.data.test, Cost()
        features = train.features.values[rows]
        head, training = self.cnn.probe(features, train.targets[rows], self.data.classes)
        with inference.running():
            probabilities = softmax(head.logits(test.features.values))
        encoding = train.features.cost.times(len(rows) / len(train.targets))
        result = MethodResult(
            PROBE, "cnn", probabilities, test.targets, len(rows), head.parameters, encoding + training,
            test.features.cost + inference,
        )  # fmt: skip
        return result, head

    def fine_tuned(
        self, probe: tuple[MethodResult, LinearHead], schedule: TrainingSchedule, progress: Progress
    ) -> MethodResult:
        """Predict with the whole network, trained further from the probe; the probe's cost is included."""
        before, head = probe
        train, test = self.data.train, self.data.test
        found = self.cnn.fine_tune(train.images, train.targets, test.images, head, schedule, progress)
        return MethodResult(
            FINE_TUNED, "cnn", found.probabilities, test.targets, len(train.targets), found.parameters,
            before.training + found.training, found.inference,
        )  # fmt: skip

    def template_accuracies(self) -> TemplateAccuracies:
        """Evaluate zero-shot with each of `PROMPT_TEMPLATES`."""
        test, names = self.data.test, self.data.vocabulary.names
        logits = [
            self.encoder.template_logits(test.encoded.image_vectors, names, template)[:, :-1]
            for template in PROMPT_TEMPLATES
        ]
        predictions = np.stack([rows.argmax(axis=1) for rows in logits])
        accuracies = (predictions == test.targets).mean(axis=1).tolist()
        templates = tuple(TemplateAccuracy(*pair) for pair in zip(PROMPT_TEMPLATES, accuracies, strict=True))
        return TemplateAccuracies(templates, float((predictions != predictions[0]).any(axis=0).mean()))


def renumber_classes(targets: Targets, classes: RowIndices) -> Targets:
    """Return the position in the ascending `classes` of each target, all of which are among them."""
    return np.searchsorted(classes, targets).astype(np.int64)


def evaluate_unseen(experiment: Experiment, share: float, seed: int) -> UnseenResult | None:
    """Evaluate all methods but fine-tuning after training without a share of the classes.

    All classes are allowed as predictions. Fine-tuning is not repeated, since the network cannot predict a
    class without examples either way.

    Returns:
        None where no class is left out.
    """
    data = experiment.data
    unseen = held_out_classes(data.classes, share, seed)
    if not len(unseen):
        return None
    seen = np.setdiff1d(np.arange(data.classes), unseen)
    is_unseen = np.isin(data.test.targets, unseen)
    train_rows = np.flatnonzero(~np.isin(data.train.targets, unseen))
    logits = experiment.label_logits()[:, :-1]
    scores = {
        ZERO_SHOT: logits,
        FEW_SHOT: experiment.few_shot(train_rows).probabilities,
        PROBE: _probe_probabilities(experiment, train_rows, seen),
    }
    rows = tuple(
        _generalized_row(name, found, data.test.targets, is_unseen) for name, found in scores.items()
    )
    targets = renumber_classes(data.test.targets[is_unseen], unseen)
    unseen_only = logits[is_unseen][:, unseen].argmax(axis=1) == targets
    names = tuple(data.vocabulary.names[index] for index in unseen)
    return UnseenResult(names, rows, float(unseen_only.mean()))


def _probe_probabilities(experiment: Experiment, train_rows: RowIndices, seen: RowIndices) -> Floats:
    """Return probabilities [T, C] of a probe trained on the classes `seen`; those of the others are 0."""
    train, test = experiment.data.train, experiment.data.test
    targets = renumber_classes(train.targets[train_rows], seen)
    head, _ = experiment.cnn.probe(train.features.values[train_rows], targets, len(seen))
    probabilities = np.zeros((len(test.targets), experiment.data.classes), np.float32)
    probabilities[:, seen] = softmax(head.logits(test.features.values))
    return probabilities


def _generalized_row(
    name: str, scores: Floats, targets: RowIndices, is_unseen: NDArray[np.bool_]
) -> GeneralizedAccuracy:
    correct = scores.argmax(axis=1) == targets
    return GeneralizedAccuracy(name, float(correct[~is_unseen].mean()), float(correct[is_unseen].mean()))
