"""Compares both sides on one split of one folder."""

from dataclasses import dataclass

import numpy as np

from services.progress import Progress
from services.vocabularies.library import Vocabularies
from tools.compare.classifier import ClassifierTrainer, LinearHead, TrainingSchedule
from tools.compare.cnn_side import CnnMethods
from tools.compare.contest import Experiment, evaluate_unseen
from tools.compare.encoder_side import EncoderMethods
from tools.compare.examples import LabelledFolder, ReadImage
from tools.compare.material import ComparisonData, prepare_data
from tools.compare.result import Comparison, CurvePoint, DataSummary, MethodResult


@dataclass(frozen=True)
class ComparisonPlan:
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
        self, encoder: EncoderMethods, vocabularies: Vocabularies, trainer: ClassifierTrainer, read: ReadImage
    ) -> None:
        self._encoder = encoder
        self._vocabularies = vocabularies
        self._cnn = CnnMethods(trainer)
        self._read = read

    def run(self, collected: LabelledFolder, plan: ComparisonPlan, progress: Progress) -> Comparison:
        """All contenders on the same test photographs.

        Raises:
            InvalidRequest: A class folder cannot be a name.
        """
        material = prepare_data(
            collected.examples, self._vocabularies, self._encoder, self._cnn, self._read, plan.test_share,
            plan.seed, progress,
        )  # fmt: skip
        contest = Experiment(self._encoder, self._cnn, material)
        learnt = _train_methods(contest, plan, progress)
        return Comparison(
            data=_summarize_data(collected, material, plan),
            network=self._cnn.trainer.facts,
            labeller=self._encoder.encoder.info,
            epochs=plan.epochs,
            threads=plan.threads,
            contenders=(contest.zero_shot(), *learnt.contenders),
            curve=learnt.curve,
            prompts=contest.prompts(),
            unseen=evaluate_unseen(contest, plan.unseen_share, plan.seed),
            unknown=float((contest.named().argmax(axis=1) == material.classes).mean()),
        )


@dataclass(frozen=True)
class _TrainedMethods:
    """What came of examples.

    Attributes:
        contenders: Those that learnt from all examples.
        curve: Accuracy by examples a class.
    """

    contenders: tuple[MethodResult, ...]
    curve: tuple[CurvePoint, ...]


def _train_methods(contest: Experiment, plan: ComparisonPlan, progress: Progress) -> _TrainedMethods:
    """Few-shot heads and probes from ever more examples, and fine-tuning from the last probe."""
    few, probes = list[MethodResult](), list[tuple[MethodResult, LinearHead]]()
    shots, curve = _shot_counts(plan, contest.material), list[CurvePoint]()
    for done, count in enumerate(shots, 1):
        rows = contest.material.shots(count)
        few.append(contest.few_shot(rows))
        probes.append(contest.probe(rows))
        curve += [CurvePoint("encoder", count, few[-1].right), CurvePoint("cnn", count, probes[-1][0].right)]
        progress.step("few-shot and linear probes", done, len(shots), f"learnt from {count} a class")
    schedule = TrainingSchedule(plan.epochs, plan.seed)
    tuned = [contest.fine_tuned(probes[-1], schedule, progress)] if plan.epochs else []
    return _TrainedMethods((few[-1], probes[-1][0], *tuned), tuple(curve))


def _shot_counts(plan: ComparisonPlan, material: ComparisonData) -> list[int]:
    """Photographs of a class to learn from, fewest first; all of them last."""
    return [*sorted(count for count in set(plan.shots) if count < material.most), material.most]


def _summarize_data(collected: LabelledFolder, material: ComparisonData, plan: ComparisonPlan) -> DataSummary:
    counts = np.bincount(material.test.targets)
    return DataSummary(
        folder=plan.folder,
        names=collected.examples.names,
        train=len(material.train.targets),
        test=len(material.test.targets),
        per_class=(int(counts.min()), int(counts.max())),
        seed=plan.seed,
        problems=collected.problems,
        ignored=collected.ignored,
    )
