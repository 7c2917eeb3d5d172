"""The text of a photograph, whichever way up it is, and where it is."""

import threading

import cv2
import numpy as np
import pytest

from adapters.memory_cache import ByteBudgetCache
from adapters.threads import ThreadWorkerPool
from domain.arrays import Floats, Rgb
from domain.errors import ModelUnavailable
from domain.text import RecognizedText
from models.provider import LazyModel
from services.images.photo import Photo
from services.progress import Progress
from services.text.quads import roll_corners, unrotate_points
from services.text.service import TextOptions, TextResult, TextService
from tests.fakes import StripeReader

LENGTHS = (100, 140, 180)


def page() -> Rgb:
    """200 x 260: three stripes, one below the other."""
    rgb = np.full((200, 260, 3), 255, np.uint8)
    for row, length in enumerate(LENGTHS):
        rgb[30 + 50 * row :][:16, 20 : 20 + length] = 0
        rgb[30 + 50 * row :][:16, 20 + length * 4 // 5 : 20 + length] = 128
    return rgb


def service(reader: object = None) -> TextService:
    reader = reader or StripeReader()
    return TextService(LazyModel(StripeReader.info, lambda: reader), ThreadWorkerPool(2), ByteBudgetCache(0))  # type: ignore[arg-type]


def read(rgb: Rgb, min_confidence: float = 0.7) -> TextResult:
    return service().read(Photo.of(rgb, "page"), TextOptions(min_confidence), Progress())


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_every_way_up_reads_the_same_and_says_where(turns: int) -> None:
    rgb = np.ascontiguousarray(np.rot90(page(), -turns))
    result = read(rgb)
    assert result.text.split() == [word for length in LENGTHS for word in ("stripe", str(length))]
    assert (result.height, result.width) == rgb.shape[:2]
    for line in result.lines:
        corners = np.array(line.quad)
        black, grey = ((corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2)
        x, y = (black + 0.1 * (grey - black)).astype(int)
        assert rgb[y, x, 0] == 0
        x, y = (black + 0.9 * (grey - black)).astype(int)
        assert rgb[y, x, 0] == 128
        assert cv2.contourArea(corners.astype(np.float32), oriented=True) > 0  # Clockwise, y pointing down.


def test_a_line_that_runs_up_a_level_page_is_read_too() -> None:
    rgb = np.full((300, 400, 3), 255, np.uint8)
    rgb[:200, :260] = page()
    rgb[60:200, 330:346] = 0
    rgb[60:88, 330:346] = 128
    assert "stripe 140" in {line.text for line in read(rgb).lines if line.quad[0][0] < line.quad[3][0] > 300}


def test_lines_below_the_least_confidence_are_left_out() -> None:
    rgb = page()
    rgb[30:46, 20:120] = 0
    assert len(read(rgb).lines) == 2
    assert len(read(rgb, 0.0).lines) == 3
    assert len(read(rgb, 1.0).lines) == 0


def test_no_text_is_an_empty_answer() -> None:
    result = read(np.full((50, 60, 3), 255, np.uint8))
    assert (result.text, list(result.lines)) == ("", [])


def test_progress_is_told_and_can_end_the_work() -> None:
    told: list[tuple[str, int, int]] = []
    progress = Progress(lambda stage, done, total, _message: told.append((stage, done, total)))
    service().read(Photo.of(page(), "page"), TextOptions(), progress)
    assert told == [("detect", 1, 1), ("read", 3, 3)]
    assert list(progress.timings_ms) == ["load", "detect", "orient", "read", "order", "total"]
    stop = threading.Event()

    def check() -> None:
        if stop.is_set():
            raise InterruptedError

    class Stopping(StripeReader):
        def read(self, rgb: Rgb, quad: Floats) -> RecognizedText:
            stop.set()
            return super().read(rgb, quad)

    with pytest.raises(InterruptedError):
        service(Stopping()).read(Photo.of(page(), "page"), TextOptions(), Progress(check=check))


def test_without_a_reader_the_reason_is_told() -> None:
    def load() -> StripeReader:
        raise ModelUnavailable("its file is missing")

    broken = TextService(LazyModel(StripeReader.info, load), ThreadWorkerPool(1), ByteBudgetCache(0))
    with pytest.raises(ModelUnavailable, match="its file is missing"):
        broken.read(Photo.of(page(), "page"), TextOptions(), Progress())


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_places_are_turned_back_as_pixels_are(turns: int) -> None:
    before = np.zeros((30, 50), np.uint8)
    before[4, 7] = 1
    ((row, column),) = np.argwhere(np.rot90(before, turns))
    middle = np.array([column + 0.5, row + 0.5], np.float32)
    assert unrotate_points(middle, turns, 50, 30).tolist() == [7.5, 4.5]


def test_corners_are_taken_from_another_one_on() -> None:
    quad = np.array([[0, 0], [9, 0], [9, 3], [0, 3]], np.float32)
    assert roll_corners(quad, 1)[0].tolist() == [9, 0]
    assert roll_corners(quad[None], 3)[0, 0].tolist() == [0, 3]
