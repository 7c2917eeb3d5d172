"""Photographs that are hard to see: what /classify and cli.py classify say with and without `robust`."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from cli import cli
from domain.arrays import Rgb
from tests.conftest import png_bytes
from tools.benchmarks.damage import blurred, darkened
from tools.benchmarks.server import Server


def said(server: Server, rgb: Rgb, **options: Any) -> dict[str, Any]:
    answer = server.post("classify", file_id=server.upload(png_bytes(rgb)), **options)
    return dict(answer["results"][0])


def probability(entry: dict[str, Any], label: str) -> float:
    return float({score["label"]: score["confidence"] for score in entry["alternatives"]}[label])


def test_a_cup_out_of_focus(server: Server, photographs: dict[str, Rgb]) -> None:
    rgb = blurred(photographs["coffee"], 6)
    plain, robust = (said(server, rgb, robust=wanted, top_k=55) for wanted in (False, True))
    assert robust["label"] == "cup"
    assert probability(robust, "cup") > 1.2 * probability(plain, "cup")


def test_a_cup_in_the_dark_that_only_robust_sees(server: Server, photographs: dict[str, Rgb]) -> None:
    rgb = darkened(photographs["coffee"], 1 / 64)
    assert said(server, rgb)["label"] != "cup"
    assert said(server, rgb, robust=True)["label"] == "cup"


@pytest.mark.parametrize("sigma", [2, 4, 6, 8])
def test_the_blur_is_told_in_pixels(server: Server, photographs: dict[str, Rgb], sigma: float) -> None:
    for name in ("coffee", "chelsea", "astronaut"):
        sharp = said(server, photographs[name], robust=True)["quality"]["blur"]
        soft = said(server, blurred(photographs[name], sigma), robust=True)["quality"]["blur"]
        assert soft == pytest.approx(np.hypot(sharp, sigma), rel=0.25)


def test_a_good_photograph_gets_the_same_answer(server: Server, file_ids: dict[str, str]) -> None:
    for file_id in file_ids.values():
        plain, robust = (
            server.post("classify", file_id=file_id, robust=wanted)["results"][0] for wanted in (False, True)
        )
        assert robust.pop("quality")["noise"] < 4
        assert robust == plain


def test_on_the_command_line(photographs: dict[str, Rgb], tmp_path: Path) -> None:
    file = tmp_path / "soft.png"
    Image.fromarray(blurred(photographs["coffee"], 6)).save(file)
    done = CliRunner().invoke(cli, ["classify", str(file), "--robust", "--top-k", "1"])
    assert done.exit_code == 0, done.output
    first = done.stdout.splitlines()[0]
    assert first.startswith(f"{file}: cup ")
    assert "(blur 6." in first
