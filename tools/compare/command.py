"""Defines `cli.py compare`."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Never, Self

import click
from tqdm import tqdm

from adapters.memory_cache import ByteBudgetCache
from bootstrap import configure_logging
from commands.services import click_errors, open_services
from config.manifest import Manifest
from config.settings import Settings
from domain.arrays import Rgb
from models.store.weights import WeightStore
from services.images.files import display_path
from services.images.limits import ImageLimits
from services.labels.vectors import VocabularyEncoder
from services.progress import Progress
from tools.categorize.decoding import decode_reduced
from tools.categorize.folder import DiskFolder
from tools.categorize.types import PhotoFile
from tools.compare.cnn.baseline import REQUIRED_PACKAGES, CnnBaseline, load_cnn_baseline
from tools.compare.comparer import Comparer, ComparisonPlan
from tools.compare.encoder_methods import EncoderMethods
from tools.compare.examples import collect_files
from tools.compare.report import check_folder_free, publish_report, report_files, result_table
from tools.compare.result import Comparison


@dataclass(frozen=True)
class CompareOptions:
    """The arguments of the command, under the names of its options."""

    dataset: Path
    cnn: str
    out: Path | None
    weights: Path | None
    from_scratch: bool
    epochs: int
    no_fine_tune: bool
    size: int
    test_share: float
    shots: tuple[int, ...]
    unseen_share: float
    limit: int | None
    seed: int

    @property
    def folder(self) -> Path:
        """Absolute path of the data set."""
        return self.dataset.resolve()

    @property
    def report_folder(self) -> Path:
        """Absolute path of the folder of the report."""
        return self.out.resolve() if self.out else self.folder.parent / f"{self.folder.name}-comparison"

    def plan(self, threads: int) -> ComparisonPlan:
        """Return the parameters of the comparison for a network with this number of threads."""
        epochs = 0 if self.no_fine_tune else self.epochs
        return ComparisonPlan(
            self.folder.name, self.test_share, self.shots, self.seed, epochs, self.unseen_share, threads
        )

    def baseline(self, manifest: Manifest) -> CnnBaseline:
        """Return the network to train."""
        return CnnBaseline(manifest.models[self.cnn], self.size, self.seed, self.weights, self.from_scratch)


@click.command()
@click.argument("dataset", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--cnn", type=click.Choice(list(REQUIRED_PACKAGES)), required=True, help="Network to train.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder of the report.  [default: DATASET-comparison, beside it]",
)
@click.option(
    "--weights",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="State dictionary of the network instead of the one that `models pull` fetches.",
)
@click.option("--from-scratch", is_flag=True, help="Start from random weights.")
@click.option(
    "--epochs", type=click.IntRange(1), default=5, show_default=True, help="Number of epochs of fine-tuning."
)
@click.option("--no-fine-tune", is_flag=True, help="Train the linear probe only.")
@click.option(
    "--size",
    type=click.IntRange(32, 512),
    default=160,
    show_default=True,
    help="Side of the network's square input in pixels.",
)
@click.option(
    "--test-share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.3,
    show_default=True,
    help="Share of each class used for testing.",
)
@click.option(
    "--shots",
    type=click.IntRange(1),
    multiple=True,
    default=(1, 2, 4, 8),
    show_default=True,
    help="Number of training photographs per class, beside all of them; may be repeated.",
)
@click.option(
    "--unseen-share",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.2,
    show_default=True,
    help="Share of the classes left out of training in a second evaluation.",
)
@click.option("--limit", type=click.IntRange(2), help="Largest number of photographs per class.")
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of all random choices."
)
@click.pass_obj
def compare(settings: Settings, /, **arguments: Any) -> None:
    """Train a CNN on class folders and compare it with the labeller.

    DATASET is a folder with a folder of photographs for each class. The labeller predicts from the names of
    the folders alone, and from examples; all methods are tested on the same photographs. The report is
    written after everything is measured.
    """
    options = CompareOptions(**arguments)
    configure_logging("WARNING")  # Log lines would break the progress bars.
    if options.weights and options.from_scratch:
        raise click.UsageError("expected --weights or --from-scratch, got both")
    try:
        with click_errors():
            check_folder_free(options.report_folder)
            comparison = _run_comparison(options, settings)
            publish_report(options.report_folder, report_files(comparison))
    except KeyboardInterrupt:
        raise click.ClickException("Interrupted. Nothing was written.") from None
    _print_result(comparison, options.report_folder)


def _run_comparison(options: CompareOptions, settings: Settings) -> Comparison:
    """Build the adapters, collect the examples and compare."""
    baseline, plan = options.baseline(Manifest(settings.manifest)), options.plan(settings.model_threads)
    services = open_services(settings)
    store = WeightStore(settings.weights_dir, settings.checkpoint_dir)
    trainer = load_cnn_baseline(baseline, store, settings.device, settings.model_threads)
    folder = DiskFolder(options.folder, options.report_folder, [options.report_folder])
    read = partial(_read_image, folder, ImageLimits(settings.max_upload_bytes, settings.max_image_pixels))
    # The label vectors on the disk are not used: the cost of encoding must not depend on earlier runs.
    vocabulary_encoder = VocabularyEncoder(ByteBudgetCache(settings.text_cache_bytes))
    encoder = EncoderMethods(services.models.labeller.get(), vocabulary_encoder)
    comparer = Comparer(encoder, services.vocabularies, trainer, read)
    with StageProgressBars() as bars:
        progress = Progress(bars.step)
        examples = collect_files(
            folder.list_files(recursive=True), read, options.limit, options.seed, progress
        )
        return comparer.run(examples, plan, progress)


def _read_image(folder: DiskFolder, limits: ImageLimits, file: PhotoFile) -> Rgb:
    limits.check_file_size(file.size)
    return decode_reduced(folder.read(file), limits)


def _print_result(comparison: Comparison, report_folder: Path) -> None:
    """Print the unreadable files, the accuracy of each method, and the path of the report."""
    for problem in comparison.data.problems:
        click.echo(f"{display_path(problem.path)}: {problem.reason}", err=True)
    for row in result_table(comparison):
        click.echo(f"{row[0]:14} {row[1]:>8} {row[2]:>15} {row[3]:>18}")
    click.echo(display_path(report_folder / "report.md"))


class StageProgressBars:
    """Shows one progress bar after the other, one for each stage."""

    def __init__(self) -> None:
        self._stage: str | None = None
        self._bar: tqdm[Never] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def step(self, stage: str, done: int, total: int, _message: str) -> None:
        """Show a step, as the listener of a `Progress`."""
        if stage != self._stage or self._bar is None:
            self._close()
            self._stage, self._bar = stage, tqdm(desc=stage, total=total)
        self._bar.update(done - self._bar.n)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
