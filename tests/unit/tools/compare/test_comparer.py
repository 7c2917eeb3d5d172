"""A whole comparison over fakes on colours that both sides can distinguish, and its report."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from adapters.memory_cache import ByteBudgetCache
from config.settings import Settings
from domain.arrays import Floats, Rgb
from services.labels.vectors import VocabularyEncoder
from services.progress import Progress
from services.vocabularies.library import Vocabularies
from tests.fakes import ColorEncoder
from tools.categorize.types import FileProblem, FolderListing, PhotoFile
from tools.compare import cost
from tools.compare.classifier import LinearHead, NetworkInfo, Targets, TrainingSchedule
from tools.compare.comparer import Comparer, ComparisonPlan
from tools.compare.encoder_methods import EncoderMethods
from tools.compare.examples import collect_files
from tools.compare.findings import collect_findings
from tools.compare.method_comparison import MethodComparison, top_confusions
from tools.compare.report import report_files
from tools.compare.result import Comparison

COLORS = ("blue", "green", "red")
COUNT = 6
PNGS = {"accuracy.png", "classes.png", "confusion.png", "examples.png", "reliability.png"}


class MeanColor:
    """A trainer whose features are the mean colour and whose classifier is the nearest class mean."""

    info = NetworkInfo("fake", "random", 32, 7)

    def features(self, images: Sequence[Rgb]) -> Floats:
        return np.array([rgb.mean(axis=(0, 1)) / 255 for rgb in images], np.float32)

    def probe(self, features: Floats, targets: Targets, classes: int) -> LinearHead:
        means = np.stack([features[targets == target].mean(axis=0) for target in range(classes)])
        return LinearHead(means.T, -0.5 * (means**2).sum(axis=1))

    def fine_tune(
        self,
        images: Iterable[Rgb],
        targets: Targets,
        head: LinearHead,
        schedule: TrainingSchedule,
        on_step: Callable[[int, int], None],
    ) -> "ConstantClassifier":
        assert len(list(images)) == len(targets)
        assert head.parameters == 3 * 3 + 3
        for epoch in range(schedule.epochs):
            on_step(epoch + 1, schedule.epochs)
        return ConstantClassifier()


class ConstantClassifier:
    """A classifier that always predicts the first class."""

    def probabilities(self, images: Sequence[Rgb]) -> Floats:
        return np.tile(np.array([[0.8, 0.1, 0.1]], np.float32), (len(images), 1))


class Clock(ColorEncoder):
    """An encoder and a clock that advances by one second for each encoded text."""

    def perf_counter(self) -> float:
        return len(self.texts)

    process_time = perf_counter


def read(file: PhotoFile) -> Rgb:
    """Return noise around the colour that the folder is named after."""
    rgb = np.random.default_rng(len(file.path)).integers(0, 60, (8, 8, 3)).astype(np.uint8)
    rgb[..., ("red", "green", "blue").index(file.path.split("/")[0])] += 150
    return rgb


@pytest.fixture
def found(settings: Settings) -> Comparison:
    return compared(settings, ColorEncoder())


def compared(settings: Settings, encoder: ColorEncoder) -> Comparison:
    """Compare on three colours, COUNT images of each; one file is broken."""
    paths = [f"{color}/{'x' * number}.jpg" for color in COLORS for number in range(COUNT)]
    listing = FolderListing(tuple(PhotoFile(path, 1, 0) for path in sorted(paths)), passed_over={".txt": 2})
    side = EncoderMethods(encoder, VocabularyEncoder(ByteBudgetCache(10_000)))
    vocabularies = Vocabularies(settings.vocabulary_dir, "default")
    plan = ComparisonPlan("colours", 0.34, (1, 2, 99), 0, 2, 0.34, 1)
    stages: dict[str, tuple[int, int]] = {}

    def listen(stage: str, done: int, total: int, _message: str) -> None:
        stages[stage] = done, total

    progress = Progress(listen)
    collected = collect_files(listing, read, None, 0, progress)
    collected = replace(collected, problems=(FileProblem("red/[x].jpg", "is <no> image | at all"),))
    comparison = Comparer(side, vocabularies, MeanColor(), read).run(collected, plan, progress)
    assert all(done == total for done, total in stages.values())
    assert set(stages) == {
        "read", "encoder, training", "encoder, test", "network, training", "network, test",
        "few-shot and linear probes", "fine-tune", "fine-tuned, test",
    }  # fmt: skip
    return comparison


def test_all_methods_predict_the_same_images(found: Comparison) -> None:
    assert [it.name for it in found.methods] == ["zero-shot", "few-shot", "linear probe", "fine-tuned"]
    assert {tuple(it.targets.tolist()) for it in found.methods} == {(0, 0, 1, 1, 2, 2)}
    assert [it.examples for it in found.methods] == [0, 12, 12, 12]
    for it in found.methods:
        assert it.probabilities.sum(axis=1) == pytest.approx(np.ones(6))


def test_accuracies(found: Comparison) -> None:
    assert [round(it.accuracy, 3) for it in found.methods] == [1, 1, 1, 0.333]
    assert found.best("cnn").name == "linear probe"
    assert sorted({point.shots for point in found.curve}) == [1, 2, 4]


def test_classes_left_out_are_out_of_reach_of_the_network_alone(found: Comparison) -> None:
    assert found.unseen is not None
    assert len(found.unseen.class_names) == 1
    zero_shot, _, probe = found.unseen.rows
    assert (zero_shot.unseen, found.unseen.unseen_only) == (1, 1)
    assert (probe.seen, probe.unseen, probe.harmonic_mean) == (1, 0, 0)


def test_gaps_and_confusions(found: Comparison) -> None:
    zero_shot, tuned = found.methods[0], found.methods[-1]
    pair = MethodComparison(COLORS, zero_shot, tuned)
    assert [gap.class_name for gap in pair.first_better] == ["green", "red"]
    assert (pair.second_better, pair.ties, pair.only_first, pair.only_second) == ((), 1, 4, 0)
    assert pair.p_value == pytest.approx(2 / 16)
    assert [(it.class_name, it.predicted, it.count, it.total) for it in top_confusions(tuned, COLORS, 5)] == [
        ("green", "blue", 2, 2),
        ("red", "blue", 2, 2),
    ]


def test_findings_describe_this_comparison(found: Comparison) -> None:
    findings = collect_findings(found)
    assert any(text.startswith("Best against best") and "Chance" in text for text in findings.even)
    assert any("1 class left out" in text and "100.0 %" in text for text in findings.strong["encoder"])
    worse = collect_findings(replace(found, methods=(*found.methods[:2], found.methods[3])))
    assert any("zero-shot is ahead of fine-tuned in 2 of 3 classes" in text for text in worse.even)
    assert any("green for blue (2 of 2)" in text for text in worse.weak["cnn"])
    assert any("fine-tuned is overconfident" in text for text in worse.weak["cnn"])


def test_the_encoder_gets_batches_of_its_own_size(settings: Settings) -> None:
    encoder = ColorEncoder()
    compared(settings, encoder)
    assert encoder.batches == [10, 2, 6]


def test_encoding_the_labels_is_a_cost_of_the_methods_that_use_them(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(cost, "time", clock)
    found = compared(settings, clock)
    assert [it.training.cpu_s for it in found.methods] == [3, 3, 0, 0]
    assert [it.inference.cpu_s for it in found.methods] == [0, 0, 0, 0]


def test_the_report_is_two_pages_and_plots(found: Comparison) -> None:
    files = report_files(found)
    assert set(files) == {"report.md", "report.html"} | PNGS
    assert all(files[name].startswith(b"\x89PNG") for name in PNGS)
    page, markdown = files["report.html"].decode(), files["report.md"].decode()
    assert "| zero-shot | 100.0 % |" in markdown
    assert r"red/\[x\].jpg: is \<no\> image \| at all" in markdown
    assert "is &lt;no&gt; image | at all" in page
    assert all(f'src="{name}"' in page and f"({name})" in markdown for name in PNGS)


def test_a_report_without_unseen_classes_and_fine_tuning(found: Comparison) -> None:
    short = replace(found, unseen=None, epochs=0, methods=found.methods[:3])
    for name, data in report_files(short).items():
        if name.endswith((".md", ".html")):
            assert "left out of training" not in data.decode()
            assert "Nothing was fine-tuned." in data.decode()
