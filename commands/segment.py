"""`cli.py segment`."""

from pathlib import Path
from typing import Any

import click

from api.contract.segment import RegionEntry, SegmentAnswer, SegmentFields, segment_answer, to_options
from api.contract.segment_formats import FormatFields, add_cutouts
from commands.dataset import export_option, open_dataset, write_dataset
from commands.options import options_from, request_from_options
from commands.output import Output, OutputPlan, echo_label_notes, json_option, out_option, save_regions
from commands.photographs import (
    FileBatch,
    absolute_place,
    answer_file,
    example_photo_option,
    paths_argument,
    with_example_photo,
)
from commands.services import click_errors, open_services
from config.settings import Settings
from services.images.files import display_path
from services.images.photo import Photo
from services.progress import Progress

ANSWER_FIELDS = {"cutouts", "masks", "overlay"}
"""Options that are about the JSON answer, so that data sets do not depend on them."""


class SegmentCommandFields(SegmentFields, FormatFields):
    """The options of the command, whose format is that of a data set."""


@click.command()
@paths_argument
@out_option
@json_option
@export_option
@example_photo_option
@options_from(SegmentCommandFields, declared=("format",), defaults={"masks": "rle"})
@click.pass_obj
def segment(
    settings: Settings,
    /,
    paths: tuple[Path, ...],
    out: Path | None,
    json_out: Path | None,
    example_photo: Path | None,
    **options: Any,
) -> None:
    """Find and label the regions of photographs.

    PATHS are photographs and folders of them. The regions are printed, or drawn with --out, or saved with
    --json, or written as a data set with --export.
    """
    form = options["format"]
    overlay_out = None if form else out
    batch = FileBatch.of(paths, settings.log_level, out, json_out)
    outputs = OutputPlan.of(batch, Output("--out", overlay_out, ".png"), Output("--json", json_out, ".json"))
    body = request_from_options(SegmentCommandFields, options, overlay=overlay_out is not None)
    services = open_services(settings)
    with click_errors(click.UsageError):
        service_options = to_options(body, services.vocabularies, services.images)
    service_options = with_example_photo(service_options, services.images, example_photo)
    labels = service_options.labels
    echo_label_notes(None if labels is None else labels.vocabulary)
    if form is not None:
        run = {
            "profile": settings.profile,
            "example_photo": None if example_photo is None else str(absolute_place(example_photo)),
            **body.model_dump(mode="json", exclude=ANSWER_FIELDS),
        }
        dataset = open_dataset(form, out, json_out, service_options, run)
        write_dataset(services, batch, dataset, service_options)
        return

    def answer(photo: Photo, progress: Progress) -> SegmentAnswer:
        result = services.segment.segment(photo, service_options, progress)
        found = segment_answer(result, body.masks)
        add_cutouts(body, found.labels, result, photo, progress)
        return found

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
