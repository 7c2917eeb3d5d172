"""`cli.py text`."""

from pathlib import Path

import click

from api.contract.extract_text import DEFAULT_MIN_TEXT_CONFIDENCE, ExtractTextAnswer, extract_text_answer
from commands.output import FileBatch, answer_file, output_path, write_json
from commands.services import open_services
from config.settings import Settings
from services.images.photo import Photo
from services.progress import Progress
from services.text.service import TextOptions


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--json", "json_out", type=click.Path(path_type=Path), help="Answer as JSON; a folder for several."
)
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    default=DEFAULT_MIN_TEXT_CONFIDENCE,
    show_default=True,
    help="Lines read with less are left out.",
)
@click.pass_obj
def text(
    settings: Settings, /, paths: tuple[Path, ...], json_out: Path | None, min_confidence: float
) -> None:
    """Read the text of photographs, or of all photographs in folders, and print or save it."""
    batch = FileBatch.of(paths, settings.log_level)
    services, options = open_services(settings), TextOptions(min_confidence)

    def answer(photo: Photo, progress: Progress) -> ExtractTextAnswer:
        return extract_text_answer(services.text.read(photo, options, progress))

    batch.each(
        "read",
        lambda file: answer_file(services.images, file, answer),
        lambda found, file: _save_text(found, file, json_out, batch.several),
    )


def _save_text(answer: ExtractTextAnswer, file: Path, json_out: Path | None, several: bool) -> None:
    if json_out is not None:
        write_json(answer, output_path(json_out, file, ".json", several))
        return
    if several:
        click.echo(f"# {file}")
    click.echo(answer.text)
