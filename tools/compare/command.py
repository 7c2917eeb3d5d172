"""`cli.py compare`."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Never, Self

import click
from tqdm import tqdm

from adapters.memory_cache import ByteBudgetCache
from bootstrap import Services, configure_logging
from commands.output import IMAGE_SUFFIXES
from commands.services import open_services
from config.manifest import Manifest
from config.settings import Settings
from domain.arrays import Rgb
from domain.errors import ServiceError
from models.store.weights import WeightStore
from services.images.decode import ImageLimits
from services.labels.vectors import VocabularyEncoder
from services.progress import Progress
from tools.categorize.folder import DiskFolder
from tools.categorize.reading import check_file_size, decode_reduced
from tools.categorize.types import PhotoFile
from tools.compare.cnn.baselines import REQUIRED_PACKAGES, CnnBaseline, load_cnn_baseline
from tools.compare.encoder_side import EncoderMethods
from tools.compare.examples import collect_files
from tools.compare.report import check_folder_free, publish_report, report_files, result_table
from tools.compare.result import Comparison
from tools.compare.service import Comparer, ComparisonPlan


class StageProgressBars:
    """One bar after the other, each while its stage lasts."""

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
        """Hears of a step, as the listener of a `Progress`."""
        if stage != self._stage or self._bar is None:
            self._close()
            self._stage, self._bar = stage, tqdm(desc=stage, total=total)
        self._bar.update(done - self._bar.n)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()


@click.command()
@click.argument("dataset", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--cnn", type=click.Choice(list(REQUIRED_PACKAGES)), required=True, help="The network that is trained."
)
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
@click.option("--from-scratch", is_flag=True, help="Random weights instead.")
@click.option("--epochs", type=click.IntRange(1), default=5, show_default=True, help="Of fine-tuning.")
@click.option("--no-fine-tune", is_flag=True, help="Only the linear probe.")
@click.option(
    "--size", type=click.IntRange(32, 512), default=160, show_default=True, help="Pixels the network sees."
)
@click.option(
    "--test-share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.3,
    show_default=True,
    help="Share of each class that is asked about.",
)
@click.option(
    "--shots",
    type=click.IntRange(1),
    multiple=True,
    default=(1, 2, 4, 8),
    show_default=True,
    help="Photographs a class to learn from, beside all; may be given again.",
)
@click.option(
    "--unseen-share",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.2,
    show_default=True,
    help="Share of the classes to leave out of training once more.",
)
@click.option("--limit", type=click.IntRange(2), help="At most so many photographs of a class.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of everything random.")
@click.pass_obj
def compare(
    settings: Settings,
    /,
    dataset: Path,
    cnn: str,
    out: Path | None,
    weights: Path | None,
    from_scratch: bool,
    epochs: int,
    no_fine_tune: bool,
    size: int,
    test_share: float,
    shots: tuple[int, ...],
    unseen_share: float,
    limit: int | None,
    seed: int,
) -> None:
    """Train a network on DATASET, a folder of class folders, and compare it with the labeller.

    The labeller answers from the names of the folders alone, and from examples; all are asked about the same
    photographs. Nothing is written before everything is measured.
    """
    configure_logging("WARNING")  # nothing between the lines of the bars
    if weights and from_scratch:
        raise click.UsageError("expected --weights or --from-scratch, got both")
    dataset = dataset.resolve()
    out = out.resolve() if out else dataset.parent / f"{dataset.name}-comparison"
    epochs = 0 if no_fine_tune else epochs
    plan = ComparisonPlan(dataset.name, test_share, shots, seed, epochs, unseen_share, settings.model_threads)
    with _click_errors():
        check_folder_free(out)
        manifest = Manifest(settings.manifest)
        baseline = CnnBaseline(manifest.models[cnn], size, seed, weights, from_scratch)
        found = _run_comparison(settings, dataset, out, baseline, plan, limit)
        publish_report(out, report_files(found))
    _print_result(found, out)


@contextmanager
def _click_errors() -> Iterator[None]:
    """What goes wrong inside, without a traceback."""
    try:
        yield
    except ServiceError as error:
        raise click.ClickException(error.message) from error
    except KeyboardInterrupt:
        raise click.ClickException("interrupted; nothing was written") from None


def _run_comparison(
    settings: Settings,
    dataset: Path,
    out: Path,
    baseline: CnnBaseline,
    plan: ComparisonPlan,
    limit: int | None,
) -> Comparison:
    services = open_services(settings)
    store = WeightStore(settings.weights_dir, settings.checkpoint_dir)
    trainer = load_cnn_baseline(baseline, store, settings.device, settings.model_threads)
    disk = DiskFolder(dataset, out, IMAGE_SUFFIXES, [out])
    read = partial(_read_image, disk, ImageLimits(settings.max_upload_bytes, settings.max_image_pixels))
    with StageProgressBars() as bars:
        progress = Progress(bars.step)
        collected = collect_files(disk.listing(recursive=True), read, limit, plan.seed, progress)
        return Comparer(_encoder_side(services, settings), services.vocabularies, trainer, read).run(
            collected, plan, progress
        )


def _encoder_side(services: Services, settings: Settings) -> EncoderMethods:
    # Nothing from the disk: what names cost must not depend on what was asked before.
    return EncoderMethods(
        services.models.labeller.get(), VocabularyEncoder(ByteBudgetCache(settings.text_cache_bytes))
    )


def _read_image(disk: DiskFolder, limits: ImageLimits, file: PhotoFile) -> Rgb:
    check_file_size(file.size, limits)
    return decode_reduced(disk.read(file), limits)


def _print_result(found: Comparison, out: Path) -> None:
    """A line for each unreadable file and for each contender, and where the report is."""
    for problem in found.data.problems:
        click.echo(f"{problem.path}: {problem.reason}", err=True)
    for row in result_table(found):
        click.echo(f"{row[0]:14} {row[1]:>8} {row[2]:>15} {row[3]:>18}")
    click.echo(out / "report.md")
