"""`cli.py segment`."""

from pathlib import Path
from typing import Any

import click

from api.contract.segment import RegionEntry, SegmentAnswer, SegmentRequest, segment_answer, segment_options
from commands.options import mask_options, request_from_options
from commands.output import FileBatch, OutputPaths, answer_file
from commands.services import open_services, resolve_options
from config.settings import Settings
from services.images.photo import Photo
from services.progress import Progress


@click.command()
@mask_options
@click.pass_obj
def segment(
    settings: Settings, /, paths: tuple[Path, ...], out: Path | None, json_out: Path | None, **options: Any
) -> None:
    """Segment photographs, or all photographs in folders, and print, draw or save what is found."""
    batch = FileBatch.of(paths, settings.log_level)
    body = request_from_options(SegmentRequest, options, overlay=out is not None)
    services, destination = open_services(settings), OutputPaths(out, json_out, batch.several)
    service_options = resolve_options(lambda: segment_options(body, services.vocabularies))

    def answer(photo: Photo, progress: Progress) -> SegmentAnswer:
        return segment_answer(services.segment.segment(photo, service_options, progress), body.masks)

    batch.each(
        "segmented",
        lambda file: answer_file(services.images, file, answer),
        lambda found, file: destination.save(found, file, _print_regions),
    )


def _print_regions(answer: SegmentAnswer, file: Path) -> None:
    click.echo(f"{file}: {answer.mask_count} regions")
    for entry in answer.labels:
        click.echo(f"  {format_region(entry)}")


def format_region(entry: RegionEntry) -> str:
    """One region in a line of text."""
    box = ", ".join(str(value) for value in entry.bbox)
    return f"{entry.label:20} {entry.confidence:6.1%}  {entry.area:>9} px  [{box}]"
