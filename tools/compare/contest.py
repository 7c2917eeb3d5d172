"""The contenders, each answering all test photographs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from services.labels.encode import ImageVectors
from services.progress import Progress
from tools.compare.classifier import LinearHead, Targets, TrainingSchedule
from tools.compare.cnn_side import CnnMethods
from tools.compare.cost import Cost
from tools.compare.encoder_side import EncoderMethods, FewShotClassifier
from tools.compare.examples import RowIndices, held_out_classes
from tools.compare.material import ComparisonData
from tools.compare.measures import softmax
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
    """Both sides before the same photographs.

    Attributes:
        encoder: The image-text model.
        cnn: The convolutional network.
        material: The photographs.
    """

    encoder: EncoderMethods
    cnn: CnnMethods
    material: ComparisonData

    def named(self) -> Floats:
        """Logits [T, C + 1] of the names as the service puts them; "none of these" stands last."""
        return self.encoder.named(self.material.test.seen.image_vectors, self.material.vocabulary)

    def zero_shot(self) -> MethodResult:
        """The encoder, told the names only, which is its training; one of them is taken to be right."""
        test, cost = self.material.test, Cost()
        with cost.running():
            answers = softmax(self.named()[:, :-1])
        return MethodResult(
            ZERO_SHOT, "encoder", answers, test.targets, 0, 0, self.material.naming, test.seen.cost + cost
        )

    def few_shot(self, rows: RowIndices) -> MethodResult:
        """The encoder, shown the training photographs `rows` besides."""
        train, test, training, answering = self.material.train, self.material.test, Cost(), Cost()
        with training.running():
            image_vectors = ImageVectors(
                train.seen.image_vectors.vectors[rows], train.seen.image_vectors.reject_similarities[rows]
            )
            named = self.encoder.named(image_vectors, self.material.vocabulary)
            head = FewShotClassifier.by(named, self.encoder.plain(image_vectors), train.targets[rows])
        with answering.running():
            logits = head.logits(self.named(), self.encoder.plain(test.seen.image_vectors))
            answers = softmax(logits[:, :-1])
        looked = train.seen.cost.times(len(rows) / len(train.targets))
        return MethodResult(
            FEW_SHOT, "encoder", answers, test.targets, len(rows), head.parameters,
            self.material.naming + looked + training, test.seen.cost + answering,
        )  # fmt: skip

    def probe(self, rows: RowIndices) -> tuple[MethodResult, LinearHead]:
        """A linear classifier on the network's features of the training photographs `rows`."""
        train, test, answering = self.material.train, self.material.test, Cost()
        head, training = self.cnn.probe(
            train.features.values[rows], train.targets[rows], self.material.classes
        )
        with answering.running():
            answers = softmax(head.logits(test.features.values))
        looked = train.features.cost.times(len(rows) / len(train.targets))
        contender = MethodResult(
            PROBE, "cnn", answers, test.targets, len(rows), head.parameters, looked + training,
            test.features.cost + answering,
        )  # fmt: skip
        return contender, head

    def fine_tuned(
        self, probe: tuple[MethodResult, LinearHead], schedule: TrainingSchedule, progress: Progress
    ) -> MethodResult:
        """The whole network, trained on from the probe; what that took is counted with it."""
        before, head = probe
        train, test = self.material.train, self.material.test
        found = self.cnn.fine_tuned(train.gallery, train.targets, test.gallery, head, schedule, progress)
        return MethodResult(
            FINE_TUNED, "cnn", found.probabilities, test.targets, len(train.targets), found.parameters,
            before.training + found.training, found.answering,
        )  # fmt: skip

    def prompts(self) -> TemplateAccuracies:
        """Zero-shot under each of PHRASINGS."""
        test, names = self.material.test, self.material.vocabulary.names
        rows = [
            self.encoder.phrased(test.seen.image_vectors, names, text)[:, :-1] for text in PROMPT_TEMPLATES
        ]
        answers = np.stack([row.argmax(axis=1) for row in rows])
        accuracies = (answers == test.targets).mean(axis=1).tolist()
        phrasings = tuple(TemplateAccuracy(*pair) for pair in zip(PROMPT_TEMPLATES, accuracies, strict=True))
        return TemplateAccuracies(phrasings, float((answers != answers[0]).any(axis=0).mean()))


def renumber_classes(targets: Targets, classes: RowIndices) -> Targets:
    """Targets that are all among `classes`, as positions in it."""
    return np.searchsorted(classes, targets).astype(np.int64)


def evaluate_unseen(contest: Experiment, share: float, seed: int) -> UnseenResult | None:
    """Every contender among all names; None where no class is left out.

    The network is probed and not fine-tuned again: what it cannot answer stays the same.
    """
    material = contest.material
    unseen = held_out_classes(material.classes, share, seed)
    if not len(unseen):
        return None
    seen = np.setdiff1d(np.arange(material.classes), unseen)
    new = np.isin(material.test.targets, unseen)
    taught = np.flatnonzero(~np.isin(material.train.targets, unseen))
    named = contest.named()[:, :-1]
    answers = {
        ZERO_SHOT: named,
        FEW_SHOT: contest.few_shot(taught).probabilities,
        PROBE: _probe_probabilities(contest, taught, seen),
    }
    rows = tuple(_generalized_row(name, found, material.test.targets, new) for name, found in answers.items())
    alone = named[new][:, unseen].argmax(axis=1) == renumber_classes(material.test.targets[new], unseen)
    names = tuple(material.vocabulary.names[row] for row in unseen)
    return UnseenResult(names, rows, float(alone.mean()))


def _probe_probabilities(contest: Experiment, taught: RowIndices, seen: RowIndices) -> Floats:
    """Probabilities [T, C]; those of classes that the probe does not know are 0."""
    train, test = contest.material.train, contest.material.test
    targets = renumber_classes(train.targets[taught], seen)
    head, _ = contest.cnn.probe(train.features.values[taught], targets, len(seen))
    answers = np.zeros((len(test.targets), contest.material.classes), np.float32)
    answers[:, seen] = softmax(head.logits(test.features.values))
    return answers


def _generalized_row(
    name: str, answers: Floats, targets: RowIndices, new: NDArray[np.bool_]
) -> GeneralizedAccuracy:
    right = answers.argmax(axis=1) == targets
    return GeneralizedAccuracy(name, float(right[~new].mean()), float(right[new].mean()))
