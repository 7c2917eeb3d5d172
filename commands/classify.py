"""`cli.py classify`."""

from pathlib import Path

import click

from commands.output import FileBatch, output_path
from commands.services import open_services, resolve_options
from config.settings import Settings
from domain.labels import UNKNOWN_LABEL, LabelScore
from services.classify.damage import ImageQuality
from services.classify.service import Classification
from services.images.photo import Photo
from services.labels.confidence import LabelOptions
from services.progress import Progress

BAR_WIDTH_CHARS = 30


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.argument("labels", nargs=-1)
@click.option("--vocabulary", help="A vocabulary of `cli.py labels` instead of names.")
@click.option("--lang", help="Language that names are answered in, e.g. de.")
@click.option("--top-k", type=click.IntRange(1), default=5, show_default=True, help="How many names to tell.")
@click.option(
    "--robust", is_flag=True, help="See through blur, noise, blocks and darkness, and tell of them."
)
@click.option("--plot", type=click.Path(path_type=Path), help="Bar chart PNG; a folder for several.")
@click.pass_obj
def classify(
    settings: Settings,
    /,
    path: Path,
    labels: tuple[str, ...],
    vocabulary: str | None,
    lang: str | None,
    top_k: int,
    robust: bool,
    plot: Path | None,
) -> None:
    """Say which of LABELS a photograph is, or each photograph of a folder; a bar for each name."""
    batch = FileBatch.of([path], settings.log_level)
    services = open_services(settings)
    names = resolve_options(lambda: services.vocabularies.resolve(labels or None, vocabulary, lang))
    options = LabelOptions(names, top_k=top_k)

    def answer(file: Path) -> Classification:
        photo = Photo.of(services.images.read(file.read_bytes()), str(file))
        prediction = services.classifier.prediction(photo, names, robust, Progress())
        return services.classifier.classification(prediction, options, plot is not None)

    def save(found: Classification, file: Path) -> None:
        click.echo(f"{file}: {found.label} {found.confidence:.1%}{_format_damage(found.quality)}")
        for score in [*found.scores, LabelScore(UNKNOWN_LABEL, found.unknown)]:
            click.echo(f"  {format_score_bar(score)}")
        if plot is not None and found.plot is not None:
            output_path(plot, file, ".png", batch.several).write_bytes(found.plot)

    batch.each("classified", answer, save)


def _format_damage(quality: ImageQuality | None) -> str:
    return "" if quality is None else f"  (blur {quality.blur:.1f} px, noise {quality.noise:.1f})"


def format_score_bar(score: LabelScore) -> str:
    """One name with its probability and a bar as long."""
    return f"{score.label[:24]:24} {score.confidence:6.1%} {'█' * round(score.confidence * BAR_WIDTH_CHARS)}"
