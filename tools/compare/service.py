"""Compares both sides on one split of one folder."""

from dataclasses import dataclass

import numpy as np

from services.progress import Progress
from services.vocabularies.library import Vocabularies
from tools.compare.classifier import ClassifierTrainer, LinearHead, Schedule
from tools.compare.cnn_side import CnnSide
from tools.compare.contender import Contender
from tools.compare.contest import Contest
from tools.compare.encoder_side import EncoderSide
from tools.compare.examples import Collected, Read
from tools.compare.material import Material, prepare
from tools.compare.outcome import Comparison, Data, Point
from tools.compare.unseen import ask_unseen


@dataclass(frozen=True)
class Plan:
    """One comparison.

    Attributes:
        folder: What the report calls the data.
        test_share: Share of the photographs of a class to be asked about, 0..1.
        shots: Photographs of a class to learn from, beside all of them.
        seed: Of everything random.
        epochs: Of fine-tuning; 0: none.
        unseen_share: Share of the classes to leave out of training once more, 0..1.
        threads: Cores that one call of the network may use.
    """

    folder: str
    test_share: float
    shots: tuple[int, ...]
    seed: int
    epochs: int
    unseen_share: float
    threads: int


class Comparer:
    """Holds no state of a comparison.

    Args:
        encoder: The image-text model.
        vocabularies: Make names of folders.
        trainer: The convolutional network.
        read: Gives the pixels of a file.
    """

    def __init__(
        self, encoder: EncoderSide, vocabularies: Vocabularies, trainer: ClassifierTrainer, read: Read
    ) -> None:
        self._encoder = encoder
        self._vocabularies = vocabularies
        self._cnn = CnnSide(trainer)
        self._read = read

    def run(self, collected: Collected, plan: Plan, progress: Progress) -> Comparison:
        """All contenders on the same test photographs.

        Raises:
            InvalidRequest: A class folder cannot be a name.
        """
        material = prepare(
            collected.examples, self._vocabularies, self._encoder, self._cnn, self._read, plan.test_share,
            plan.seed, progress,
        )  # fmt: skip
        contest = Contest(self._encoder, self._cnn, material)
        learnt = _learn(contest, plan, progress)
        return Comparison(
            data=_data(collected, material, plan),
            network=self._cnn.trainer.facts,
            labeller=self._encoder.encoder.info,
            epochs=plan.epochs,
            threads=plan.threads,
            contenders=(contest.zero_shot(), *learnt.contenders),
            curve=learnt.curve,
            prompts=contest.prompts(),
            unseen=ask_unseen(contest, plan.unseen_share, plan.seed),
            unknown=float((contest.named().argmax(axis=1) == material.classes).mean()),
        )


@dataclass(frozen=True)
class _Learnt:
    """What came of examples.

    Attributes:
        contenders: Those that learnt from all examples.
        curve: Accuracy by examples a class.
    """

    contenders: tuple[Contender, ...]
    curve: tuple[Point, ...]


def _learn(contest: Contest, plan: Plan, progress: Progress) -> _Learnt:
    """Few-shot heads and probes from ever more examples, and fine-tuning from the last probe."""
    few, probes = list[Contender](), list[tuple[Contender, LinearHead]]()
    shots, curve = _shots(plan, contest.material), list[Point]()
    for done, count in enumerate(shots, 1):
        rows = contest.material.shots(count)
        few.append(contest.few_shot(rows))
        probes.append(contest.probe(rows))
        curve += [Point("encoder", count, few[-1].right), Point("cnn", count, probes[-1][0].right)]
        progress.step("few-shot and linear probes", done, len(shots), f"learnt from {count} a class")
    schedule = Schedule(plan.epochs, plan.seed)
    tuned = [contest.fine_tuned(probes[-1], schedule, progress)] if plan.epochs else []
    return _Learnt((few[-1], probes[-1][0], *tuned), tuple(curve))


def _shots(plan: Plan, material: Material) -> list[int]:
    """Photographs of a class to learn from, fewest first; all of them last."""
    return [*sorted(count for count in set(plan.shots) if count < material.most), material.most]


def _data(collected: Collected, material: Material, plan: Plan) -> Data:
    counts = np.bincount(material.test.targets)
    return Data(
        folder=plan.folder,
        names=collected.examples.names,
        train=len(material.train.targets),
        test=len(material.test.targets),
        per_class=(int(counts.min()), int(counts.max())),
        seed=plan.seed,
        problems=collected.problems,
        ignored=collected.ignored,
    )
