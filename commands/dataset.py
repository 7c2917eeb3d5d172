"""The option --export: a data set of photographs with their regions."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import click

from bootstrap import Services
from commands.photographs import FileBatch
from commands.services import click_errors
from services.formats.annotations import Categories, annotate
from services.formats.dataset import DatasetWriter
from services.formats.table import FORMAT_NAMES, FormatName
from services.progress import Progress, ignore
from services.segment import SegmentOptions

export_option = click.option(
    "--export",
    "format",
    type=click.Choice(FORMAT_NAMES),
    help="Write a data set of this format into the folder --out, with the images and no overlays. After an "
    "interruption, the same command goes on.",
)


def open_dataset(
    form: FormatName,
    out: Path | None,
    json_out: Path | None,
    options: SegmentOptions,
    run: Mapping[str, object],
) -> DatasetWriter:
    """Return the writer for the folder --out.

    Args:
        form: The format.
        out: Value of --out.
        json_out: Value of --json.
        options: Options of the segmentation.
        run: The same options as JSON values, by which the same run is known again.

    Raises:
        click.UsageError: The options do not fit together, or the folder is that of another run.
    """
    if out is None or json_out is not None:
        raise click.UsageError(
            "expected --out with the folder of the data set beside --export, and no --json"
        )
    with click_errors(click.UsageError, also=(OSError,)):
        return DatasetWriter(out, form, Categories.of(options.vocabulary), run)


def write_dataset(
    services: Services, batch: FileBatch, dataset: DatasetWriter, options: SegmentOptions
) -> None:
    """Segment the photographs that the data set does not have yet, and complete it.

    Raises:
        click.ClickException: Some photographs could not be segmented; the data set has the others.
    """

    def segmented(file: Path) -> Callable[[], None]:
        return ignore if dataset.has(file) else _segment_file(services, file, options, dataset)

    try:
        batch.each("segmented", segmented, lambda write, _file: write())
    finally:
        with click_errors(also=(OSError,)):
            dataset.join()


def _segment_file(
    services: Services, file: Path, options: SegmentOptions, dataset: DatasetWriter
) -> Callable[[], None]:
    """Segment a photograph, and return the function that writes it."""
    data, progress = services.images.read_file(file), Progress()
    photo = services.images.sent_photo(data)
    annotations = annotate(services.segment.segment(photo, options, progress), file.name)
    return partial(dataset.add, file, data, photo, annotations, progress)
