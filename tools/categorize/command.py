"""`cli.py categorize`."""

from pathlib import Path
from typing import Never, get_args

import click
from tqdm import tqdm

from adapters.threads import ThreadWorkerPool
from bootstrap import Services, configure_logging
from commands.output import IMAGE_SUFFIXES
from commands.services import open_services
from config.settings import Settings
from domain.errors import ServiceError
from services.images.decode import ImageLimits
from services.labels.confidence import LabelOptions
from services.progress import Progress, ProgressListener
from tools.categorize.folder import DiskFolder
from tools.categorize.labelling import BatchLabeller
from tools.categorize.notes import DiskSortLog, NullSortLog
from tools.categorize.places import category_folder_names
from tools.categorize.reports import REPORT_NAMES, write_reports
from tools.categorize.service import Categorizer
from tools.categorize.types import FileAction, SortPlan, SortResult, category_names

ACTION_TEXTS = {"copy": "copied to", "move": "moved to", "link": "linked from"}


def print_summary(outcome: SortResult, order: SortPlan) -> None:
    """What came of it.

    Raises:
        click.ClickException: Some photographs could not be sorted; the others are.
    """
    for category, count in outcome.counts.items():
        if count:
            click.echo(f"{count:7,}  {category}")
    for problem in outcome.problems:
        click.echo(f"{click.format_filename(problem.path)}: {problem.reason}", err=True)
    click.echo(summary_sentence(outcome, order))
    if outcome.problems:
        raise click.ClickException(f"{len(outcome.problems):,} could not be sorted")


def summary_sentence(outcome: SortResult, order: SortPlan) -> str:
    """One sentence."""
    found, done = len(outcome.photographs), "looked at; to sort them, --copy, --move or --link"
    if order.deed:
        done = f"{ACTION_TEXTS[order.deed]} {order.out}"
    said = [f"{found:,} photographs {done}"]
    if not found and not outcome.problems:
        said = [f"no photographs in {order.folder}"]
    if outcome.ignored:
        said.append(f"{outcome.ignored:,} other files were ignored")
    if outcome.linked_folders:
        said.append(f"{outcome.linked_folders:,} linked folders were not followed")
    return "; ".join(said)


REPORTED_LABELS = 3


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--labels", metavar="NAME,NAME", help="Names to sort by.")
@click.option("--vocabulary", help="A vocabulary of `cli.py labels` instead of names.")
@click.option("--lang", help="Language that names are answered in, e.g. de.")
@click.option("--copy", is_flag=True, help="Copy each photograph into the folder of its name.")
@click.option("--move", is_flag=True, help="Move it there.")
@click.option("--link", is_flag=True, help="Put a symbolic link to it there.")
@click.option("--dry-run", is_flag=True, help="Only look.  [default]")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the folders of the names go.  [default: FOLDER-sorted, beside it]",
)
@click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    help=f"Where {', '.join(REPORT_NAMES)} go.  [default: --out; a dry run writes none]",
)
@click.option(
    "--threshold", type=click.FloatRange(0, 1), default=0.0, help="A less sure name becomes `unknown`."
)
@click.option("--recursive/--flat", default=True, help="Whether folders inside FOLDER count.")
@click.pass_obj
def categorize(
    settings: Settings,
    /,
    folder: Path,
    labels: str | None,
    vocabulary: str | None,
    lang: str | None,
    out: Path | None,
    report: Path | None,
    threshold: float,
    recursive: bool,
    **deeds: bool,
) -> None:
    """Sort the photographs of FOLDER by what they show, one folder for each name and one for `unknown`.

    The same command again goes on after an interruption. Nothing is ever overwritten.
    """
    configure_logging("WARNING")  # nothing between the lines of the bar
    services = open_services(settings)
    listed = None if labels is None else [name.strip() for name in labels.split(",")]
    try:
        names = services.vocabularies.resolve(listed, vocabulary, lang)
        naming = LabelOptions(
            names, top_k=min(REPORTED_LABELS, len(names.labels)), confidence_threshold=threshold
        )
        order = _sort_plan(folder, out, report, naming, recursive, _file_action(deeds))
        outcome = _sort(order, settings, services, report is not None)
    except ServiceError as error:
        raise click.ClickException(error.message) from error
    print_summary(outcome, order)


def _file_action(asked: dict[str, bool]) -> FileAction | None:
    chosen = [option for option, wanted in asked.items() if wanted]
    if len(chosen) > 1:
        raise click.UsageError(f"expected one of --copy, --move, --link and --dry-run, got {len(chosen)}")
    return next((deed for deed in get_args(FileAction) if deed in chosen), None)


def _sort_plan(
    folder: Path,
    out: Path | None,
    report: Path | None,
    naming: LabelOptions,
    recursive: bool,
    deed: FileAction | None,
) -> SortPlan:
    folder = folder.resolve()
    out = out.resolve() if out else folder.parent / f"{folder.name}-sorted"
    if folder == out or any(folder.is_relative_to(place) for place in _category_folders(out, naming)):
        raise click.UsageError(f"--out: expected a folder of its own, got one that {folder} belongs to")
    return SortPlan(folder, out, (report or out).resolve(), naming, recursive, deed)


def _category_folders(out: Path, naming: LabelOptions) -> list[Path]:
    """The folders of the categories."""
    return [
        out / name
        for name in category_folder_names(category_names(naming.vocabulary.names), REPORT_NAMES).values()
    ]


def _sort(order: SortPlan, settings: Settings, services: Services, report: bool) -> SortResult:
    inside = order.out.is_relative_to(order.folder)
    without = [order.out] if inside else _category_folders(order.out, order.naming)
    disk = DiskFolder(order.folder, order.out, IMAGE_SUFFIXES, without)
    limits = ImageLimits(settings.max_upload_bytes, settings.max_image_pixels)
    pool = ThreadWorkerPool(settings.decode_workers)
    namer = BatchLabeller(services.models.labeller, services.texts, pool, limits)
    keep = DiskSortLog(order.reports, REPORT_NAMES) if order.deed or report else NullSortLog()
    try:
        with keep as notes, tqdm(unit="photo") as bar:
            outcome = Categorizer(namer, disk, notes).run(order, Progress(_bar_listener(bar)))
            write_reports(outcome, order, notes)
            return outcome
    except KeyboardInterrupt:
        goes_on = "; the same command goes on from here" if keep.keeps else ""
        raise click.ClickException(f"interrupted{goes_on}") from None
    finally:
        pool.shutdown()


def _bar_listener(bar: "tqdm[Never]") -> ProgressListener:
    def step(_stage: str, done: int, total: int, _message: str) -> None:
        bar.total = total
        bar.update(done - bar.n)

    return step
