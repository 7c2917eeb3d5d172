"""The options of commands that find regions, and the request that says the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_args

import click
from pydantic import ValidationError

from api.contract.segment import MaskFormat, SegmentFields
from api.contract.validation import validation_message
from domain.models import View
from services.masks.options import Deduplication

F = TypeVar("F", bound=Callable[..., Any])
B = TypeVar("B", bound=SegmentFields)

MASK_OPTIONS = (
    click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)),
    click.option("--out", type=click.Path(path_type=Path), help="Overlay PNG; a directory for several."),
    click.option("--json", "json_out", type=click.Path(path_type=Path), help="Answer as JSON; likewise."),
    click.option("--point", "points", multiple=True, metavar="X,Y", help="On the object; X,Y,0 is off it."),
    click.option("--box", metavar="X0,Y0,X1,Y1", help="Around the object."),
    click.option("--labels", metavar="NAME,NAME", help="Names to choose from."),
    click.option("--vocabulary", help="A vocabulary of `cli.py labels` instead."),
    click.option("--lang", help="Language that names are answered in, e.g. de."),
    click.option("--points-per-side", type=int, help="Of the grid.  [default: 16]"),
    click.option("--adaptive/--full-grid", default=True, help="Whether to skip points explained already."),
    click.option("--max-masks", type=int, help="At most this many regions."),
    click.option("--min-area", type=int, help="Least area in pixels."),
    click.option("--max-area", type=int, help="Largest area in pixels."),
    click.option(
        "--deduplication", type=click.Choice(get_args(Deduplication)), help="Of a grid.  [default: mask]"
    ),
    click.option("--clean/--as-decoded", default=True, help="Whether to remove specks and holes."),
    click.option("--masks", type=click.Choice(get_args(MaskFormat)), default="rle", show_default=True),
    click.option("--view", type=click.Choice(get_args(View)), help="How the labeller sees a region."),
    click.option("--top-k", type=int, help="Alternatives for each region."),
    click.option("--confidence-threshold", type=float, help="Below it a region is `unknown`."),
    click.option("--classify/--no-classify", default=True, help="Whether to name the regions."),
)


def mask_options(command: F) -> F:
    """Gives a command the photographs, where answers go, and what is asked of them."""
    for option in reversed(MASK_OPTIONS):
        command = option(command)
    return command


def request_from_options(schema: type[B], options: dict[str, Any], overlay: bool) -> B:
    """The request that says the same as the options."""
    sent = {name: value for name, value in options.items() if value not in (None, ())}
    try:
        if points := sent.pop("points", ()):
            sent["points"] = [_parse_point(text) for text in points]
        if "box" in sent:
            sent["box"] = _parse_numbers(sent["box"])
        if "labels" in sent:
            sent["labels"] = [name.strip() for name in sent["labels"].split(",")]
        sent["prompt_type"] = "box" if "box" in sent else "point" if points else "grid"
        return schema.model_validate({"file_id": "-", "overlay": overlay, **sent})
    except ValidationError as error:
        raise click.UsageError(validation_message(error)) from error


def _parse_numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise click.UsageError(f"expected numbers with commas between them, got {text!r}") from None


def _parse_point(text: str) -> dict[str, float]:
    numbers = _parse_numbers(text)
    if len(numbers) not in (2, 3):
        raise click.UsageError(f"expected X,Y or X,Y,0, got {text!r}")
    return {"x": numbers[0], "y": numbers[1], "label": int([*numbers, 1][2])}
