"""`cli.py depth`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from api.contract.depth import DepthQuery
from commands.options import options_from, request_from_options
from commands.output import Output, OutputPath, OutputPlan
from commands.photographs import FileBatch, paths_argument
from commands.services import open_services
from config.settings import Settings
from domain.depth import DepthMap
from services.depth import depth_color_png, depth_grey_png, depth_npy
from services.progress import Progress

FORMATS: Mapping[str, tuple[str, Callable[[DepthMap], bytes]]] = {
    "color": (".png", depth_color_png),
    "png": (".png", depth_grey_png),
    "npy": (".npy", depth_npy),
}
"""File ending and encoder of each value of --format."""


@click.command()
@paths_argument
@click.option(
    "--out",
    required=True,
    type=OutputPath(),
    help="File for the depth map; a folder for several photographs.",
)
@options_from(DepthQuery, defaults={"format": "color"})
@click.pass_obj
def depth(settings: Settings, /, paths: tuple[Path, ...], out: Path, **options: Any) -> None:
    """Estimate the depth of every pixel of photographs.

    PATHS are photographs and folders of them. The depth maps are saved as images or NumPy files.
    """
    body = request_from_options(DepthQuery, options)
    ending, encode = FORMATS[body.format]
    batch = FileBatch.of(paths, settings.log_level, out)
    outputs = OutputPlan.of(batch, Output("--out", out, ending))
    services = open_services(settings)

    def estimate(file: Path) -> DepthMap:
        photo = services.images.sent_photo(services.images.read_file(file))
        return services.depth.estimate(photo, Progress()).depth

    def save(found: DepthMap, file: Path) -> None:
        outputs.write("--out", file, encode(found))

    batch.each("processed", estimate, save)
