"""Defines `cli.py categorize`."""

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Never, get_args

import click
from tqdm import tqdm

from adapters.threads import ThreadWorkerPool
from bootstrap import Services, configure_logging
from commands.options import parse_labels
from commands.output import echo_label_notes
from commands.services import click_errors, open_services
from config.settings import Settings
from services.images.files import describe_passed_over, display_path
from services.images.limits import ImageLimits
from services.labels.confidence import LabelOptions
from services.progress import Progress, ProgressListener
from services.vocabularies.library import Vocabularies
from tools.categorize.categorizer import Categorizer
from tools.categorize.folder import DiskFolder
from tools.categorize.labelling import BatchLabeller
from tools.categorize.reports import REPORT_NAMES, write_reports
from tools.categorize.sort_log import DiskSortLog
from tools.categorize.target_paths import category_folders
from tools.categorize.types import FileAction, SortPlan, SortResult

ACTION_TEXTS = {"copy": "copied to", "move": "moved to", "link": "linked from"}

REPORTED_LABELS = 3
"""Number of alternatives in the reports."""


@dataclass(frozen=True)
class CategorizeOptions:
    """The arguments of the command, under the names of its options."""

    folder: Path
    labels: list[str] | None
    labels_lang: str | None
    vocabulary: str | None
    lang: str | None
    copy: bool
    move: bool
    link: bool
    dry_run: bool
    out: Path | None
    report: Path | None
    threshold: float
    recursive: bool

    @property
    def action(self) -> FileAction | None:
        """The chosen action; None for a dry run.

        Raises:
            click.UsageError: More than one was chosen.
        """
        chosen = [name for name in ("copy", "move", "link", "dry_run") if getattr(self, name)]
        if len(chosen) > 1:
            raise click.UsageError(f"expected one of --copy, --move, --link and --dry-run, got {len(chosen)}")
        return next((action for action in get_args(FileAction) if action in chosen), None)

    def plan(self, vocabularies: Vocabularies) -> SortPlan:
        """Return the plan of the run.

        Raises:
            click.UsageError: Options contradict each other, or --out cannot be used.
            InvalidRequest: The labels or the vocabulary cannot be used.
        """
        vocabulary = vocabularies.resolve(self.labels, self.vocabulary, self.lang, self.labels_lang)
        top_k = min(REPORTED_LABELS, len(vocabulary.labels))
        label_options = LabelOptions(vocabulary, top_k=top_k, confidence_threshold=self.threshold)
        folder = self.folder.resolve()
        out = self.out.resolve() if self.out else folder.parent / f"{folder.name}-sorted"
        plan = SortPlan(
            folder, out, (self.report or out).resolve(), label_options, self.recursive, self.action
        )
        if folder == out or any(folder.is_relative_to(path) for path in _category_paths(plan)):
            raise click.UsageError(f"--out: expected a folder of its own, got one that {folder} belongs to")
        return plan


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--labels", type=parse_labels, metavar="NAME,NAME", help="Labels to sort by.")
@click.option("--labels-lang", help="Language code of the words in --labels, such as de.")
@click.option("--vocabulary", help="Vocabulary of `cli.py labels` to sort by, instead of --labels.")
@click.option("--lang", help="Language code in which labels are named, such as de.")
@click.option("--copy", is_flag=True, help="Copy each photograph into the folder of its label.")
@click.option("--move", is_flag=True, help="Move each photograph into the folder of its label.")
@click.option("--link", is_flag=True, help="Put a symbolic link into the folder of its label.")
@click.option("--dry-run", is_flag=True, help="Only label the photographs and count.  [default]")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that receives the folders of the labels.  [default: FOLDER-sorted, beside it]",
)
@click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    help=f"Folder of {', '.join(REPORT_NAMES)}.  [default: --out; a dry run writes none]",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=0.0,
    help="Least confidence; a photograph below it is sorted into `unknown`.",
)
@click.option("--recursive/--flat", default=True, help="Whether to include the folders inside FOLDER.")
@click.pass_obj
def categorize(settings: Settings, /, **arguments: Any) -> None:
    """Sort photographs into folders by what they show.

    The photographs of FOLDER go into a folder for each label and one for `unknown`. After an interruption
    the same command resumes. Nothing is ever overwritten.
    """
    options = CategorizeOptions(**arguments)
    configure_logging("WARNING")  # Log lines would break the progress bar.
    services = open_services(settings)
    with click_errors():
        plan = options.plan(services.vocabularies)
        write_log = plan.action is not None or options.report is not None
        echo_label_notes(plan.label_options.vocabulary)
        result = _sort(plan, settings, services, write_log)
    print_summary(result, plan)


def _category_paths(plan: SortPlan) -> list[Path]:
    return [plan.out / name for name in category_folders(plan).values()]


def _sort(plan: SortPlan, settings: Settings, services: Services, write_log: bool) -> SortResult:
    """Build the adapters, sort, and write the reports unless this is a dry run without --report."""
    excluded = [plan.out] if plan.out.is_relative_to(plan.folder) else _category_paths(plan)
    folder = DiskFolder(plan.folder, plan.out, excluded)
    limits = ImageLimits(settings.max_upload_bytes, settings.max_image_pixels)
    pool = ThreadWorkerPool(settings.decode_workers)
    labeller = BatchLabeller(services.models.labeller, services.texts, pool, limits)
    opened = DiskSortLog(plan.report_folder, REPORT_NAMES) if write_log else nullcontext()
    try:
        with opened as log, tqdm(unit="photo") as bar:
            result = Categorizer(labeller, folder, log).run(plan, Progress(_bar_listener(bar)))
            if log is not None:
                write_reports(result, plan, log)
            return result
    except KeyboardInterrupt:
        resume = " Run the same command again to resume." if write_log else ""
        raise click.ClickException(f"Interrupted.{resume}") from None
    finally:
        pool.shutdown()


def _bar_listener(bar: "tqdm[Never]") -> ProgressListener:
    def step(_stage: str, done: int, total: int, _message: str) -> None:
        bar.total = total
        bar.update(done - bar.n)

    return step


def print_summary(result: SortResult, plan: SortPlan) -> None:
    """Print the counts, the problems and a summary.

    Raises:
        click.ClickException: Some photographs could not be sorted; the others are.
    """
    for category, count in result.counts.items():
        if count:
            click.echo(f"{count:7,}  {category}")
    for problem in result.problems:
        click.echo(f"{display_path(problem.path)}: {problem.reason}", err=True)
    click.echo(summary_sentence(result, plan))
    if result.problems:
        raise click.ClickException(f"{len(result.problems):,} could not be sorted")


def summary_sentence(result: SortResult, plan: SortPlan) -> str:
    """Return one sentence about the result."""
    count, done = len(result.sorted_files), "labelled; add --copy, --move or --link to sort them"
    if plan.action:
        done = f"{ACTION_TEXTS[plan.action]} {display_path(plan.out)}"
    parts = [f"{count:,} photographs {done}"]
    if not count and not result.problems:
        parts = [f"no photographs in {display_path(plan.folder)}"]
    if result.passed_over:
        parts.append(describe_passed_over(result.passed_over))
    if result.linked_folders:
        parts.append(f"{result.linked_folders:,} linked folders were not followed")
    return "; ".join(parts)
