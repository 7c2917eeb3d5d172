"""`cli.py text`."""

from pathlib import Path
from typing import Any

import click

from api.contract.extract_text import ExtractTextAnswer, ExtractTextRequest, extract_text_answer
from commands.options import options_from, request_from_options
from commands.output import Output, OutputPlan, json_option, save_json
from commands.photographs import FileBatch, answer_file, paths_argument
from commands.services import open_services
from config.settings import Settings
from services.images.files import display_path
from services.images.photo import Photo
from services.progress import Progress
from services.text.service import TextOptions


@click.command()
@paths_argument
@json_option
@options_from(ExtractTextRequest)
@click.pass_obj
def text(settings: Settings, /, paths: tuple[Path, ...], json_out: Path | None, **options: Any) -> None:
    """Read the text in photographs.

    PATHS are photographs and folders of them. The text is printed, or saved with --json.
    """
    batch = FileBatch.of(paths, settings.log_level, json_out)
    outputs = OutputPlan.of(batch, Output("--json", json_out, ".json"))
    body = request_from_options(ExtractTextRequest, options)
    services, text_options = open_services(settings), TextOptions(body.min_confidence)

    def answer(photo: Photo, progress: Progress) -> ExtractTextAnswer:
        return extract_text_answer(services.text.read(photo, text_options, progress))

    def print_text(found: ExtractTextAnswer, file: Path) -> None:
        if batch.several:
            click.echo(f"# {display_path(file)}")
        click.echo(found.text)

    batch.each(
        "read",
        lambda file: answer_file(services.images, file, answer),
        lambda found, file: save_json(outputs, found, file, print_text),
    )
