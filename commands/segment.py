"""`cli.py segment`."""

from pathlib import Path
from typing import Any

import click

from api.contract.segment import RegionEntry, SegmentAnswer, SegmentFields, segment_answer, to_options
from commands.options import options_from, request_from_options
from commands.output import Output, OutputPlan, echo_label_notes, json_option, out_option, save_regions
from commands.photographs import FileBatch, answer_file, paths_argument
from commands.services import click_errors, open_services
from config.settings import Settings
from services.images.files import display_path
from services.images.photo import Photo
from services.progress import Progress


@click.command()
@paths_argument
@out_option
@json_option
@options_from(SegmentFields, defaults={"masks": "rle"})
@click.pass_obj
def segment(
    settings: Settings, /, paths: tuple[Path, ...], out: Path | None, json_out: Path | None, **options: Any
) -> None:
    """Find and label the regions of photographs.

    PATHS are photographs and folders of them. The regions are printed, or drawn with --out, or saved with
    --json.
    """
    batch = FileBatch.of(paths, settings.log_level, out, json_out)
    outputs = OutputPlan.of(batch, Output("--out", out, ".png"), Output("--json", json_out, ".json"))
    body = request_from_options(SegmentFields, options, overlay=out is not None)
    services = open_services(settings)
    with click_errors(click.UsageError):
        service_options = to_options(body, services.vocabularies)
    labels = service_options.labels
    echo_label_notes(None if labels is None else labels.vocabulary)

    def answer(photo: Photo, progress: Progress) -> SegmentAnswer:
        return segment_answer(services.segment.segment(photo, service_options, progress), body.masks)

    batch.each(
        "segmented",
        lambda file: answer_file(services.images, file, answer),
        lambda found, file: save_regions(outputs, found, file, _print_regions),
    )


def _print_regions(answer: SegmentAnswer, file: Path) -> None:
    click.echo(f"{display_path(file)}: {answer.mask_count} regions")
    for entry in answer.labels:
        click.echo(f"  {format_region(entry)}")


def format_region(entry: RegionEntry) -> str:
    """Return one line of text about a region."""
    box = ", ".join(str(value) for value in entry.bbox)
    return f"{entry.label:20} {entry.confidence:6.1%}  {entry.area:>9} px  [{box}]"
