"""`cli.py caption`."""

from pathlib import Path

import click

from api.contract.caption import (
    MAX_CAPTION_CANDIDATES,
    CaptionAnswer,
    CaptionFields,
    caption_answer,
    caption_options,
)
from commands.output import FileBatch, answer_file, output_path, write_json
from commands.services import open_services, resolve_options
from config.settings import Settings
from services.caption.result import DEFAULT_CAPTIONS
from services.images.photo import Photo
from services.progress import Progress


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--labels", metavar="NAME,NAME", help="Names that things may be called, English nouns.")
@click.option("--vocabulary", help="A vocabulary of `cli.py labels` instead.")
@click.option("--text/--no-text", default=None, help="Whether to say what is read.  [default: text]")
@click.option(
    "--candidates",
    type=click.IntRange(1, MAX_CAPTION_CANDIDATES),
    default=DEFAULT_CAPTIONS,
    show_default=True,
    help="How many sentences to tell.",
)
@click.option(
    "--json", "json_out", type=click.Path(path_type=Path), help="Answer as JSON; a folder for several."
)
@click.pass_obj
def caption(
    settings: Settings,
    /,
    paths: tuple[Path, ...],
    labels: str | None,
    vocabulary: str | None,
    text: bool | None,
    candidates: int,
    json_out: Path | None,
) -> None:
    """Say in a sentence what each photograph, or each one in folders, shows."""
    batch = FileBatch.of(paths, settings.log_level)
    names = None if labels is None else [name.strip() for name in labels.split(",")]
    body = CaptionFields(labels=names, vocabulary=vocabulary, text=text, candidates=candidates)
    services = open_services(settings)
    options = resolve_options(lambda: caption_options(body, services.captions, services.vocabularies))

    def answer(photo: Photo, progress: Progress) -> CaptionAnswer:
        return caption_answer(services.captions.caption(photo, options, progress))

    def save(found: CaptionAnswer, file: Path) -> None:
        if json_out is not None:
            write_json(found, output_path(json_out, file, ".json", batch.several))
            return
        click.echo(f"{file}: {found.caption}")
        for one in found.candidates:
            click.echo(f"  {one.score:6.2f}  {one.confidence:4.0%}  {one.caption}")

    batch.each("captioned", lambda file: answer_file(services.images, file, answer), save)
