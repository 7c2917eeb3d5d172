"""`cli.py categorize`."""

from pathlib import Path
from typing import Never, get_args

import click
from tqdm import tqdm

from adapters.threads import ThreadWorkerPool
from app import Services, configure_logging
from commands.photographs import SUFFIXES
from commands.services import open_services
from config.settings import Settings
from domain.errors import ServiceError
from services.images.decode import ImageLimits
from services.labels.confidence import NamingOptions
from services.progress import Listener, Progress
from tools.categorize.folder import DiskFolder
from tools.categorize.folder_types import Deed
from tools.categorize.labelling import BatchNamer
from tools.categorize.notes import DiskNotes, NoNotes
from tools.categorize.order import Order
from tools.categorize.outcome import Outcome, categories
from tools.categorize.places import folder_names
from tools.categorize.reports import REPORTS, write_reports
from tools.categorize.service import Categorizer
from tools.categorize.summary import tell

NAMES_TOLD = 3


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
    help=f"Where {', '.join(REPORTS)} go.  [default: --out; a dry run writes none]",
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
        naming = NamingOptions(
            names, top_k=min(NAMES_TOLD, len(names.labels)), confidence_threshold=threshold
        )
        order = _order(folder, out, report, naming, recursive, _deed(deeds))
        outcome = _sort(order, settings, services, report is not None)
    except ServiceError as error:
        raise click.ClickException(error.message) from error
    tell(outcome, order)


def _deed(asked: dict[str, bool]) -> Deed | None:
    chosen = [option for option, wanted in asked.items() if wanted]
    if len(chosen) > 1:
        raise click.UsageError(f"expected one of --copy, --move, --link and --dry-run, got {len(chosen)}")
    return next((deed for deed in get_args(Deed) if deed in chosen), None)


def _order(
    folder: Path,
    out: Path | None,
    report: Path | None,
    naming: NamingOptions,
    recursive: bool,
    deed: Deed | None,
) -> Order:
    folder = folder.resolve()
    out = out.resolve() if out else folder.parent / f"{folder.name}-sorted"
    if folder == out or any(folder.is_relative_to(place) for place in _categories(out, naming)):
        raise click.UsageError(f"--out: expected a folder of its own, got one that {folder} belongs to")
    return Order(folder, out, (report or out).resolve(), naming, recursive, deed)


def _categories(out: Path, naming: NamingOptions) -> list[Path]:
    """The folders of the categories."""
    return [out / name for name in folder_names(categories(naming.vocabulary.names), REPORTS).values()]


def _sort(order: Order, settings: Settings, services: Services, report: bool) -> Outcome:
    inside = order.out.is_relative_to(order.folder)
    without = [order.out] if inside else _categories(order.out, order.naming)
    disk = DiskFolder(order.folder, order.out, SUFFIXES, without)
    limits = ImageLimits(settings.max_upload_bytes, settings.max_image_pixels)
    pool = ThreadWorkerPool(settings.decode_workers)
    namer = BatchNamer(services.models.labeller, services.texts, pool, limits)
    keep = DiskNotes(order.reports, REPORTS) if order.deed or report else NoNotes()
    try:
        with keep as notes, tqdm(unit="photo") as bar:
            outcome = Categorizer(namer, disk, notes).run(order, Progress(_onto(bar)))
            write_reports(outcome, order, notes)
            return outcome
    except KeyboardInterrupt:
        goes_on = "; the same command goes on from here" if keep.keeps else ""
        raise click.ClickException(f"interrupted{goes_on}") from None
    finally:
        pool.shutdown()


def _onto(bar: "tqdm[Never]") -> Listener:
    def step(_stage: str, done: int, total: int, _message: str) -> None:
        bar.total = total
        bar.update(done - bar.n)

    return step
