"""Compares the network and the encoder on one split of one folder."""

from dataclasses import dataclass

import numpy as np

from services.progress import Progress
from services.vocabularies.library import Vocabularies
from tools.compare.classifier import ClassifierTrainer, LinearHead, TrainingSchedule
from tools.compare.cnn_methods import CnnMethods
from tools.compare.data import ComparisonData, LabelledImages
from tools.compare.encoder_methods import EncoderMethods
from tools.compare.examples import (
    LabelledFiles,
    LabelledFolder,
    LazyImages,
    ReadImage,
    RowIndices,
    stratified_split,
)
from tools.compare.experiment import Experiment, evaluate_unseen
from tools.compare.result import Comparison, CurvePoint, DataSummary, MethodResult


@dataclass(frozen=True)
class ComparisonPlan:
    """The parameters of a comparison.

    Attributes:
        folder: Name of the data in the report.
        test_share: Share of the images of each class used for testing, 0 to 1.
        shots: Numbers of training images per class, beside all of them.
        seed: Seed of the split, the training and the choice of unseen classes.
        epochs: Epochs of fine-tuning; 0 for none.
        unseen_share: Share of the classes left out of training in the second evaluation, 0 to 1.
        threads: Number of threads that one call of the network may use.
    """

    folder: str
    test_share: float
    shots: tuple[int, ...]
    seed: int
    epochs: int
    unseen_share: float
    threads: int


class Comparer:
    """Runs comparisons; it keeps no state between them.

    Args:
        encoder: The image-text encoder.
        vocabularies: Turn the class names into a vocabulary.
        trainer: The convolutional network.
        read: Reads the pixels of a file.
    """

    def __init__(
        self, encoder: EncoderMethods, vocabularies: Vocabularies, trainer: ClassifierTrainer, read: ReadImage
    ) -> None:
        self._encoder = encoder
        self._vocabularies = vocabularies
        self._cnn = CnnMethods(trainer)
        self._read = read

    def run(self, folder: LabelledFolder, plan: ComparisonPlan, progress: Progress) -> Comparison:
        """Run all methods on the same test images.

        Raises:
            InvalidRequest: The name of a class folder cannot be a label.
        """
        data = self._prepare_data(folder.examples, plan, progress)
        experiment = Experiment(self._encoder, self._cnn, data)
        trained = _train_methods(experiment, plan, progress)
        return Comparison(
            data=_summarize_data(folder, data, plan),
            network=self._cnn.trainer.info,
            labeller=self._encoder.encoder.info,
            epochs=plan.epochs,
            threads=plan.threads,
            methods=(experiment.zero_shot(), *trained.methods),
            curve=trained.curve,
            templates=experiment.template_accuracies(),
            unseen=evaluate_unseen(experiment, plan.unseen_share, plan.seed),
            unknown_share=float((experiment.label_logits().argmax(axis=1) == data.classes).mean()),
        )

    def _prepare_data(
        self, examples: LabelledFiles, plan: ComparisonPlan, progress: Progress
    ) -> ComparisonData:
        """Split the images and compute their vectors and features."""
        vocabulary = self._vocabularies.resolve(examples.class_names, None)
        split = stratified_split(examples.targets, plan.test_share, plan.seed)

        def prepare(rows: RowIndices, part: str) -> LabelledImages:
            images = LazyImages([examples.files[row] for row in rows], self._read)
            encoded = self._encoder.encode(images, f"encoder, {part}", progress)
            features = self._cnn.features(images, f"network, {part}", progress)
            return LabelledImages(images, examples.targets[rows], encoded, features)

        label_cost = self._encoder.encode_labels(vocabulary)
        return ComparisonData(
            vocabulary, label_cost, prepare(split.train, "training"), prepare(split.test, "test")
        )


@dataclass(frozen=True)
class _TrainedMethods:
    """The results of the methods that use examples.

    Attributes:
        methods: Few-shot, linear probe and fine-tuned, each with all examples.
        curve: Accuracy by examples per class.
    """

    methods: tuple[MethodResult, ...]
    curve: tuple[CurvePoint, ...]


def _train_methods(experiment: Experiment, plan: ComparisonPlan, progress: Progress) -> _TrainedMethods:
    """Train few-shot heads and probes from ever more examples, then fine-tune from the last probe."""
    few_shot, probes = list[MethodResult](), list[tuple[MethodResult, LinearHead]]()
    shot_counts, curve = _shot_counts(plan, experiment.data), list[CurvePoint]()
    for done, shots in enumerate(shot_counts, 1):
        rows = experiment.data.shots(shots)
        few_shot.append(experiment.few_shot(rows))
        probes.append(experiment.probe(rows))
        curve.append(CurvePoint("encoder", shots, few_shot[-1].correct))
        curve.append(CurvePoint("cnn", shots, probes[-1][0].correct))
        message = f"trained with {shots} examples per class"
        progress.step("few-shot and linear probes", done, len(shot_counts), message)
    schedule = TrainingSchedule(plan.epochs, plan.seed)
    fine_tuned = [experiment.fine_tuned(probes[-1], schedule, progress)] if plan.epochs else []
    return _TrainedMethods((few_shot[-1], probes[-1][0], *fine_tuned), tuple(curve))


def _shot_counts(plan: ComparisonPlan, data: ComparisonData) -> list[int]:
    """Return the numbers of training images per class, ascending; the last one means all of them."""
    return [*sorted(count for count in set(plan.shots) if count < data.largest_class), data.largest_class]


def _summarize_data(folder: LabelledFolder, data: ComparisonData, plan: ComparisonPlan) -> DataSummary:
    counts = np.bincount(data.test.targets)
    return DataSummary(
        folder=plan.folder,
        class_names=folder.examples.class_names,
        train=len(data.train.targets),
        test=len(data.test.targets),
        per_class=(int(counts.min()), int(counts.max())),
        seed=plan.seed,
        problems=folder.problems,
        ignored=folder.ignored,
    )
