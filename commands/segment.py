"""`cli.py segment`."""

import base64
from pathlib import Path
from typing import Any, get_args

import click
from pydantic import ValidationError

from api.render import segment_answer
from api.schemas.segment_answer import SegmentAnswer
from api.schemas.segment_request import MaskFormat, SegmentRequest
from api.segment_options import segment_options
from api.validation import validation_message
from app import Services
from commands.each import Batch
from commands.photographs import target
from commands.wiring import open_services
from config.settings import Settings
from domain.types import View
from services.options import Deduplication
from services.progress import Progress

PNG_PREFIX = "data:image/png;base64,"


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Overlay PNG; a directory for several.")
@click.option("--json", "json_out", type=click.Path(path_type=Path), help="Answer as JSON; likewise.")
@click.option("--point", "points", multiple=True, metavar="X,Y", help="On the object; X,Y,0 is off it.")
@click.option("--box", metavar="X0,Y0,X1,Y1", help="Around the object.")
@click.option("--labels", metavar="NAME,NAME", help="Names to choose from.")
@click.option("--vocabulary", help="A vocabulary of `cli.py labels` instead.")
@click.option("--points-per-side", type=int, help="Of the grid.  [default: 16]")
@click.option("--adaptive/--full-grid", default=True, help="Whether to skip points explained already.")
@click.option("--max-masks", type=int, help="At most this many regions.")
@click.option("--min-area", type=int, help="Least area in pixels.")
@click.option("--max-area", type=int, help="Largest area in pixels.")
@click.option(
    "--deduplication", type=click.Choice(get_args(Deduplication)), help="Of a grid.  [default: mask]"
)
@click.option("--clean/--as-decoded", default=True, help="Whether to remove specks and holes.")
@click.option("--masks", type=click.Choice(get_args(MaskFormat)), default="rle", show_default=True)
@click.option("--view", type=click.Choice(get_args(View)), help="How the labeller sees a region.")
@click.option("--top-k", type=int, help="Alternatives for each region.")
@click.option("--confidence-threshold", type=float, help="Below it a region is `unknown`.")
@click.option("--classify/--no-classify", default=True, help="Whether to name the regions.")
@click.pass_obj
def segment(
    settings: Settings, /, paths: tuple[Path, ...], out: Path | None, json_out: Path | None, **options: Any
) -> None:
    """Segment photographs, or all photographs in folders, and print, draw or save what is found."""
    batch = Batch.of(paths, settings.log_level)
    body = _body(options, overlay=out is not None)
    services = open_services(settings)
    batch.each(
        "segmented",
        lambda file: _answer(services, file, body),
        lambda answer, file: _save(answer, file, out, json_out, batch.several),
    )


def _body(options: dict[str, Any], overlay: bool) -> SegmentRequest:
    """The request that says the same as the options."""
    sent = {name: value for name, value in options.items() if value not in (None, ())}
    try:
        if points := sent.pop("points", ()):
            sent["points"] = [_point(text) for text in points]
        if "box" in sent:
            sent["box"] = _numbers(sent["box"])
        if "labels" in sent:
            sent["labels"] = [name.strip() for name in sent["labels"].split(",")]
        sent["prompt_type"] = "box" if "box" in sent else "point" if points else "grid"
        return SegmentRequest(file_id="-", overlay=overlay, **sent)
    except ValidationError as error:
        raise click.UsageError(validation_message(error)) from error


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise click.UsageError(f"expected numbers with commas between them, got {text!r}") from None


def _point(text: str) -> dict[str, float]:
    numbers = _numbers(text)
    if len(numbers) not in (2, 3):
        raise click.UsageError(f"expected X,Y or X,Y,0, got {text!r}")
    return {"x": numbers[0], "y": numbers[1], "label": int([*numbers, 1][2])}


def _answer(services: Services, file: Path, body: SegmentRequest) -> SegmentAnswer:
    options = segment_options(body, services.vocabularies)
    progress = Progress()
    with progress.stage("load"):
        rgb = services.images.read(file.read_bytes())
    result = services.segment.segment_rgb(rgb, str(file), options, progress)
    answer = segment_answer(result, body.masks)
    answer.timings_ms = progress.timings_ms
    return answer


def _save(answer: SegmentAnswer, file: Path, out: Path | None, json_out: Path | None, several: bool) -> None:
    if out is not None:
        png = base64.b64decode((answer.segmented_image or "").removeprefix(PNG_PREFIX))
        target(out, file, ".png", several).write_bytes(png)
    if json_out is not None:
        text = answer.model_dump_json(exclude_unset=True, exclude={"segmented_image"}, indent=2)
        target(json_out, file, ".json", several).write_text(text + "\n", encoding="utf-8")
    if out is None and json_out is None:
        _print(answer, file)


def _print(answer: SegmentAnswer, file: Path) -> None:
    click.echo(f"{file}: {answer.mask_count} regions")
    for entry in answer.labels:
        box = ", ".join(str(value) for value in entry.bbox)
        click.echo(f"  {entry.label:20} {entry.confidence:6.1%}  {entry.area:>9} px  [{box}]")
