"""`cli.py classify`."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from api.contract.classify import ClassifyFields, to_options
from commands.options import options_from, parse_label_arguments, request_from_options
from commands.output import Output, OutputPath, OutputPlan, echo_label_notes
from commands.photographs import FileBatch
from commands.services import click_errors, open_services
from config.settings import Settings
from domain.labels import UNKNOWN_LABEL, LabelScore
from services.classify.damage import ImageQuality
from services.classify.service import Classification
from services.images.files import display_path
from services.progress import Progress

BAR_WIDTH_CHARS = 30


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.argument("labels", nargs=-1, callback=parse_label_arguments)
@options_from(ClassifyFields, declared=("labels", "plot"))
@click.option(
    "--plot",
    type=OutputPath(),
    help="PNG file for a bar chart of the best labels; a folder for several photographs.",
)
@click.pass_obj
def classify(settings: Settings, /, path: Path, plot: Path | None, **options: Any) -> None:
    """Choose the one of LABELS that fits each whole photograph.

    PATH is a photograph or a folder of photographs. Without LABELS, the labels of a vocabulary are used. The
    best labels are printed with their probabilities and bars.
    """
    batch = FileBatch.of([path], settings.log_level, plot)
    outputs = OutputPlan.of(batch, Output("--plot", plot, ".png"))
    body = request_from_options(ClassifyFields, options, plot=plot is not None)
    services = open_services(settings)
    with click_errors(click.UsageError):
        label_options = to_options(body, services.vocabularies)
    echo_label_notes(label_options.vocabulary)

    def answer(file: Path) -> Classification:
        photo = services.images.sent_photo(services.images.read_file(file))
        prediction = services.classifier.prediction(photo, label_options.vocabulary, body.robust, Progress())
        return services.classifier.classification(prediction, label_options, body.plot)

    def save(found: Classification, file: Path) -> None:
        if found.plot is not None:
            outputs.write("--plot", file, found.plot)
        try:
            _print_classification(found, file)
        except BrokenPipeError:
            if "--plot" not in outputs:
                raise
            # The plots are made although nobody reads the lines any more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    batch.each("classified", answer, save)


def _print_classification(found: Classification, file: Path) -> None:
    click.echo(f"{display_path(file)}: {found.label} {found.confidence:.1%}{_format_damage(found.quality)}")
    for score in [*found.scores, LabelScore(UNKNOWN_LABEL, found.unknown)]:
        click.echo(f"  {_format_score_bar(score)}")


def _format_damage(quality: ImageQuality | None) -> str:
    return "" if quality is None else f"  (blur {quality.blur:.1f} px, noise {quality.noise:.1f})"


def _format_score_bar(score: LabelScore) -> str:
    """Return a label with its probability and a bar of that length."""
    bar = _bar_char() * round(score.confidence * BAR_WIDTH_CHARS)
    return f"{score.label:24} {score.confidence:6.1%} {bar}"


def _bar_char() -> str:
    """Return a block, or a # where standard output cannot show it."""
    try:
        "█".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return "#"
    return "█"
