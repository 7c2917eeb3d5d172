"""`cli.py analyze`."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from api.contract.analyze import AnalyzeAnswer, AnalyzedRegionEntry, AnalyzeFields, analyze_answer, to_options
from api.contract.segment_formats import add_cutouts
from commands.options import options_from, request_from_options
from commands.output import Output, OutputPlan, echo_label_notes, json_option, out_option, save_regions
from commands.photographs import (
    FileBatch,
    answer_file,
    example_photo_option,
    paths_argument,
    with_example_photo,
)
from commands.segment import format_region
from commands.services import click_errors, open_services
from config.settings import Settings
from services.images.files import display_path
from services.images.photo import Photo
from services.progress import Progress


@click.command()
@paths_argument
@out_option
@json_option
@example_photo_option
@options_from(AnalyzeFields, defaults={"masks": "rle"})
@click.pass_obj
def analyze(
    settings: Settings,
    /,
    paths: tuple[Path, ...],
    out: Path | None,
    json_out: Path | None,
    example_photo: Path | None,
    **options: Any,
) -> None:
    """Find regions, labels, depth, text and colours of photographs.

    PATHS are photographs and folders of them. The regions are printed, nearest first, or drawn with --out, or
    saved with --json.
    """
    batch = FileBatch.of(paths, settings.log_level, out, json_out)
    outputs = OutputPlan.of(batch, Output("--out", out, ".png"), Output("--json", json_out, ".json"))
    body = request_from_options(AnalyzeFields, options, overlay=out is not None)
    services = open_services(settings)
    with click_errors(click.UsageError):
        service_options = to_options(body, services.vocabularies, services.images)
    segment_options = with_example_photo(service_options.segment, services.images, example_photo)
    service_options = replace(service_options, segment=segment_options)
    labels = segment_options.labels
    echo_label_notes(None if labels is None else labels.vocabulary)

    def answer(photo: Photo, progress: Progress) -> AnalyzeAnswer:
        result = services.analyze.analyze(photo, service_options, progress)
        found = analyze_answer(result, body.masks)
        add_cutouts(body, found.labels, result.segment, photo, progress)
        return found

    batch.each(
        "analyzed",
        lambda file: answer_file(services.images, file, answer),
        lambda found, file: save_regions(outputs, found, file, _print_analysis),
    )


def _print_analysis(answer: AnalyzeAnswer, file: Path) -> None:
    labels = ", ".join(f"{score.label} {score.confidence:.0%}" for score in answer.image_labels)
    click.echo(
        f"{display_path(file)}: {labels or 'no labels'}; {answer.mask_count} regions, the nearest first"
    )
    for entry in sorted(answer.labels, key=_depth_rank):
        click.echo(f"  {entry.mask_index:>3}  {format_region(entry)}{_region_details(entry)}")
    if answer.text:
        click.echo(answer.text)


def _depth_rank(entry: AnalyzedRegionEntry) -> int:
    return entry.depth.rank if entry.depth else entry.mask_index


def _region_details(entry: AnalyzedRegionEntry) -> str:
    """Return the main colour, the parent and the text of a region, as far as they are known."""
    parts = [color.hex for color in (entry.colors or [])[:1]]
    parts += [] if entry.parent is None else [f"in {entry.parent}"]
    parts += [repr(entry.text)] if entry.text else []
    return "".join(f"  {part}" for part in parts)
