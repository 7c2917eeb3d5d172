"""`cli.py segment`."""

from pathlib import Path
from typing import Any

import click

from api.contract.render import segment_answer
from api.contract.segment import SegmentRequest
from api.contract.segment_answer import LabelEntry, SegmentAnswer
from api.contract.segment_options import segment_options
from commands.answering import answered
from commands.options import body_of, mask_options
from commands.output import Batch
from commands.saving import Destination
from commands.services import open_services, usable
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
    batch = Batch.of(paths, settings.log_level)
    body = body_of(SegmentRequest, options, overlay=out is not None)
    services, destination = open_services(settings), Destination(out, json_out, batch.several)
    asked = usable(lambda: segment_options(body, services.vocabularies))

    def answer(photo: Photo, progress: Progress) -> SegmentAnswer:
        return segment_answer(services.segment.segment(photo, asked, progress), body.masks)

    batch.each(
        "segmented",
        lambda file: answered(services.images, file, answer),
        lambda found, file: destination.save(found, file, _print),
    )


def _print(answer: SegmentAnswer, file: Path) -> None:
    click.echo(f"{file}: {answer.mask_count} regions")
    for entry in answer.labels:
        click.echo(f"  {region_line(entry)}")


def region_line(entry: LabelEntry) -> str:
    """One region in a line of text."""
    box = ", ".join(str(value) for value in entry.bbox)
    return f"{entry.label:20} {entry.confidence:6.1%}  {entry.area:>9} px  [{box}]"
