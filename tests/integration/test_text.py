"""The real reader on pages that the test draws: columns, every way up, a little askew; nothing fetched."""

import logging
import re
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bootstrap import build_services
from config.settings import ROOT, Settings
from domain.arrays import Rgb
from services.images.photo import Photo
from services.overlay.tags import BUNDLED_FONT
from services.progress import Progress
from services.text.service import TextOptions, TextResult, TextService

LEFT = ["The first column tells", "about a small harbour", "where fishing boats", "come home at night."]
RIGHT = ["The second column is", "about a steep mountain", "that nobody has ever", "climbed in winter."]
HEADING = "Two stories on one page"
WORDS = " ".join([HEADING, *LEFT, *RIGHT]).split()
RECEIPT = [("Coffee", "3.20"), ("Apple cake", "4.50"), ("Mineral water", "2.10"), ("Total", "9.80")]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> TextService:
    return build_services(Settings(data_dir=tmp_path_factory.mktemp("data"))).text


def draw(placed: list[tuple[str, int, int, int]], width: int, height: int) -> Image.Image:
    """Black on white: text, x, y and size of each line."""
    page = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(page)
    for text, x, y, size in placed:
        pen.text((x, y), text, "black", ImageFont.truetype(str(BUNDLED_FONT), size))
    return page


def two_columns() -> Image.Image:
    heading = [(HEADING, 130, 30, 36)]
    left = [(text, 50, 110 + 34 * row, 22) for row, text in enumerate(LEFT)]
    right = [(text, 400, 110 + 34 * row, 22) for row, text in enumerate(RIGHT)]
    return draw([*heading, *left, *right], 720, 290)


def read(service: TextService, page: Image.Image | Rgb) -> TextResult:
    return service.read(Photo.of(np.ascontiguousarray(page), uuid4().hex), TextOptions(), Progress())


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_two_columns_every_way_up(service: TextService, turns: int) -> None:
    result = read(service, np.rot90(np.asarray(two_columns()), turns))
    assert result.text.split() == WORDS
    first = result.lines[0]
    assert first.text == HEADING
    assert first.confidence > 0.9
    (x0, y0), (x1, y1) = first.quad[0], first.quad[1]
    direction = [(1, 0), (0, -1), (-1, 0), (0, 1)][turns]
    assert np.dot((x1 - x0, y1 - y0), direction) > 400


@pytest.mark.parametrize("degrees", [-5, 5])
def test_a_page_askew(service: TextService, degrees: int) -> None:
    page = two_columns().rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    assert read(service, page).text.split() == WORDS


def test_a_receipt_is_read_in_rows(service: TextService) -> None:
    items = [(item, 40, 40 + 40 * row, 26) for row, (item, _) in enumerate(RECEIPT)]
    amounts = [(amount, 420, 40 + 40 * row, 26) for row, (_, amount) in enumerate(RECEIPT)]
    page = draw([*items, *amounts], 540, 240)
    result = read(service, page)
    assert result.text.split("\n") == [" ".join(row) for row in RECEIPT]
    line = next(line for line in result.lines if line.text == "Coffee")
    (x0, y0), (x1, _), (_, y1), _ = line.quad
    assert (abs(x0 - 40) < 12, abs(y0 - 44) < 12, abs(x1 - 130) < 15, abs(y1 - 68) < 15) == (True,) * 4


def test_large_and_small_print_and_a_strip(service: TextService) -> None:
    page = draw([("HUGE", 60, 20, 400), ("and quite small", 90, 520, 14)], 1500, 600)
    assert read(service, page).text.split() == ["HUGE", "and", "quite", "small"]
    assert read(service, draw([("one line only", 8, 2, 24)], 190, 34)).text == "one line only"


@pytest.mark.parametrize(("width", "height"), [(600, 5200), (9_000, 48)])
@pytest.mark.parametrize("turns", [0, 1])
def test_long_pages_and_strips_are_read_once(
    service: TextService, width: int, height: int, turns: int
) -> None:
    words = [f"word{number}" for number in range(111, 111 + max(width, height) // 130)]
    placed = [
        (word, 20 + 130 * index, 8, 22)
        if width > height
        else (word, 20 + 37 * index % 400, 20 + 130 * index, 22)
        for index, word in enumerate(words)
    ]
    found = read(service, np.rot90(np.asarray(draw(placed, width, height)), turns)).text.split()
    assert len(found) == len(words)
    assert len(set(found) & set(words)) >= 0.97 * len(words)


def test_white_paper_and_noise_say_nothing(service: TextService) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)
    for page in (np.full((16, 16, 3), 255, np.uint8), noise):
        result = read(service, page)
        assert (result.text, list(result.lines)) == ("", [])


def test_many_threads_read_what_one_reads(service: TextService) -> None:
    pages = [draw([(text, 20, 20, 30), ("1.23", 20, 70, 30)], 400, 300) for text in LEFT]
    alone = [read(service, page) for page in pages]
    assert len({result.text for result in alone}) == len(pages)
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda page: read(service, page), pages))
    assert together == alone


def test_nothing_is_fetched_and_no_line_logged(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    fresh = build_services(Settings(data_dir=tmp_path)).text
    with caplog.at_level(logging.DEBUG):
        assert read(fresh, draw([("offline", 20, 20, 30)], 200, 80)).text == "offline"
    ours = ("models.", "services.")
    assert all(record.name.startswith(ours) for record in caplog.records)
    assert capfd.readouterr().out == ""


def test_the_command(tmp_path: Path) -> None:
    photo, answer = tmp_path / "page.png", tmp_path / "page.json"
    draw([("Hello reader", 20, 20, 30)], 300, 80).save(photo)

    def run(*options: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "cli.py", "text", str(photo), *options]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    plain = run()
    assert (plain.returncode, plain.stdout) == (0, "Hello reader\n"), plain.stderr
    assert "RapidOCR" not in plain.stderr
    assert run("--json", str(answer), "--min-confidence", "0.3").returncode == 0
    assert re.search('"text": "Hello reader"', answer.read_text())
    assert run("--min-confidence", "3").returncode == 2
