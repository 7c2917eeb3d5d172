"""The contenders, each answering all test photographs."""

from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats
from services.labels.encode import Looks
from services.progress import Progress
from tools.compare.classifier import LinearHead, Schedule, Targets
from tools.compare.cnn_side import CnnSide
from tools.compare.contender import Contender
from tools.compare.cost import Cost
from tools.compare.encoder_side import EncoderSide
from tools.compare.material import Material
from tools.compare.measures import softmax
from tools.compare.outcome import Phrasing, Prompts
from tools.compare.split import Rows
from tools.compare.taught import Taught

ZERO_SHOT, FEW_SHOT, PROBE, FINE_TUNED = "zero-shot", "few-shot", "linear probe", "fine-tuned"
PHRASINGS = ("{}", "a photo of a {}", "a {} in a picture")


@dataclass(frozen=True)
class Contest:
    """Both sides before the same photographs.

    Attributes:
        encoder: The image-text model.
        cnn: The convolutional network.
        material: The photographs.
    """

    encoder: EncoderSide
    cnn: CnnSide
    material: Material

    def named(self) -> Floats:
        """Logits [T, C + 1] of the names as the service puts them; "none of these" stands last."""
        return self.encoder.named(self.material.test.seen.looks, self.material.vocabulary)

    def zero_shot(self) -> Contender:
        """The encoder, told the names only, which is its training; one of them is taken to be right."""
        test, cost = self.material.test, Cost()
        with cost.running():
            answers = softmax(self.named()[:, :-1])
        return Contender(
            ZERO_SHOT, "encoder", answers, test.targets, 0, 0, self.material.naming, test.seen.cost + cost
        )

    def few_shot(self, rows: Rows) -> Contender:
        """The encoder, shown the training photographs `rows` besides."""
        train, test, training, answering = self.material.train, self.material.test, Cost(), Cost()
        with training.running():
            looks = Looks(train.seen.looks.vectors[rows], train.seen.looks.rejects[rows])
            named = self.encoder.named(looks, self.material.vocabulary)
            head = Taught.by(named, self.encoder.plain(looks), train.targets[rows])
        with answering.running():
            logits = head.logits(self.named(), self.encoder.plain(test.seen.looks))
            answers = softmax(logits[:, :-1])
        looked = train.seen.cost.times(len(rows) / len(train.targets))
        return Contender(
            FEW_SHOT, "encoder", answers, test.targets, len(rows), head.parameters,
            self.material.naming + looked + training, test.seen.cost + answering,
        )  # fmt: skip

    def probe(self, rows: Rows) -> tuple[Contender, LinearHead]:
        """A linear classifier on the network's features of the training photographs `rows`."""
        train, test, answering = self.material.train, self.material.test, Cost()
        head, training = self.cnn.probe(
            train.features.values[rows], train.targets[rows], self.material.classes
        )
        with answering.running():
            answers = softmax(head.logits(test.features.values))
        looked = train.features.cost.times(len(rows) / len(train.targets))
        contender = Contender(
            PROBE, "cnn", answers, test.targets, len(rows), head.parameters, looked + training,
            test.features.cost + answering,
        )  # fmt: skip
        return contender, head

    def fine_tuned(
        self, probe: tuple[Contender, LinearHead], schedule: Schedule, progress: Progress
    ) -> Contender:
        """The whole network, trained on from the probe; what that took is counted with it."""
        before, head = probe
        train, test = self.material.train, self.material.test
        found = self.cnn.fine_tuned(train.gallery, train.targets, test.gallery, head, schedule, progress)
        return Contender(
            FINE_TUNED, "cnn", found.probabilities, test.targets, len(train.targets), found.parameters,
            before.training + found.training, found.answering,
        )  # fmt: skip

    def prompts(self) -> Prompts:
        """Zero-shot under each of PHRASINGS."""
        test, names = self.material.test, self.material.vocabulary.names
        rows = [self.encoder.phrased(test.seen.looks, names, text)[:, :-1] for text in PHRASINGS]
        answers = np.stack([row.argmax(axis=1) for row in rows])
        accuracies = (answers == test.targets).mean(axis=1).tolist()
        phrasings = tuple(Phrasing(*pair) for pair in zip(PHRASINGS, accuracies, strict=True))
        return Prompts(phrasings, float((answers != answers[0]).any(axis=0).mean()))


def renumbered(targets: Targets, classes: Rows) -> Targets:
    """Targets that are all among `classes`, as positions in it."""
    return np.searchsorted(classes, targets).astype(np.int64)
