"""`cli.py caption`."""

from pathlib import Path
from typing import Any

import click

from api.contract.caption import CaptionAnswer, CaptionFields, caption_answer, to_options
from commands.options import options_from, request_from_options
from commands.output import Output, OutputPlan, echo_label_notes, json_option, save_json
from commands.photographs import FileBatch, answer_file, paths_argument
from commands.services import click_errors, open_services
from config.settings import Settings
from services.images.files import display_path
from services.images.photo import Photo
from services.progress import Progress


@click.command()
@paths_argument
@options_from(CaptionFields)
@json_option
@click.pass_obj
def caption(settings: Settings, /, paths: tuple[Path, ...], json_out: Path | None, **options: Any) -> None:
    """Describe each photograph in an English sentence.

    PATHS are photographs and folders of them. Sentences are printed with their scores and confidences, best
    first, or saved with --json.
    """
    batch = FileBatch.of(paths, settings.log_level, json_out)
    outputs = OutputPlan.of(batch, Output("--json", json_out, ".json"))
    body = request_from_options(CaptionFields, options)
    services = open_services(settings)
    with click_errors(click.UsageError):
        service_options = to_options(body, services.captions, services.vocabularies)
    echo_label_notes(service_options.vocabulary)

    def answer(photo: Photo, progress: Progress) -> CaptionAnswer:
        return caption_answer(services.captions.caption(photo, service_options, progress), service_options)

    batch.each(
        "captioned",
        lambda file: answer_file(services.images, file, answer),
        lambda found, file: save_json(outputs, found, file, _print_captions),
    )


def _print_captions(found: CaptionAnswer, file: Path) -> None:
    click.echo(f"{display_path(file)}: {found.caption}")
    for one in found.candidates:
        click.echo(f"  {one.score:6.2f}  {one.confidence:4.0%}  {one.caption}")
