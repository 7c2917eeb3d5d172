"""`cli.py analyze`."""

from pathlib import Path
from typing import Any

import click

from api.contract.analyze import (
    AnalyzeAnswer,
    AnalyzedRegionEntry,
    AnalyzeRequest,
    analyze_answer,
    analyze_options,
)
from commands.options import mask_options, request_from_options
from commands.output import FileBatch, OutputPaths, answer_file
from commands.segment import format_region
from commands.services import open_services, resolve_options
from config.settings import Settings
from services.images.photo import Photo
from services.progress import Progress


@click.command()
@mask_options
@click.option("--depth/--no-depth", default=True, help="Whether to say how far each region is.")
@click.option("--text/--no-text", default=True, help="Whether to read text.")
@click.option("--min-text-confidence", type=float, help="Lines read with less are left out.")
@click.option("--colors/--no-colors", default=True, help="Whether to tell the main colours of each region.")
@click.pass_obj
def analyze(
    settings: Settings, /, paths: tuple[Path, ...], out: Path | None, json_out: Path | None, **options: Any
) -> None:
    """Find out everything about photographs: regions, names, depth, text, colours and what lies in what."""
    batch = FileBatch.of(paths, settings.log_level)
    body = request_from_options(AnalyzeRequest, options, overlay=out is not None)
    services, destination = open_services(settings), OutputPaths(out, json_out, batch.several)
    service_options = resolve_options(lambda: analyze_options(body, services.vocabularies))

    def answer(photo: Photo, progress: Progress) -> AnalyzeAnswer:
        return analyze_answer(services.scene.analyze(photo, service_options, progress), body.masks)

    batch.each(
        "analyzed",
        lambda file: answer_file(services.images, file, answer),
        lambda found, file: destination.save(found, file, _print_analysis),
    )


def _print_analysis(answer: AnalyzeAnswer, file: Path) -> None:
    named = ", ".join(f"{score.label} {score.confidence:.0%}" for score in answer.image_labels)
    click.echo(f"{file}: {named or 'no names'}; {answer.mask_count} regions, the nearest first")
    for entry in sorted(answer.labels, key=_depth_rank):
        click.echo(f"  {entry.mask_index:>3}  {format_region(entry)}{_region_details(entry)}")
    if answer.text:
        click.echo(answer.text)


def _depth_rank(entry: AnalyzedRegionEntry) -> int:
    return entry.depth.rank if entry.depth else entry.mask_index


def _region_details(entry: AnalyzedRegionEntry) -> str:
    """What else there is to say of a region."""
    parts = [color.hex for color in (entry.colors or [])[:1]]
    parts += [] if entry.parent is None else [f"in {entry.parent}"]
    parts += [repr(entry.text)] if entry.text else []
    return "".join(f"  {part}" for part in parts)
