"""Reads the text of an image: finds lines, turns the page upright, reads the lines and orders them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats, Rgb
from domain.models import ModelInfo
from domain.ports.compute import WorkerPool
from domain.ports.models import ModelProvider, TextReader
from domain.ports.stores import Cache
from domain.text import DetectedLines, RecognizedText, TextLine
from services.images.content import shows_nothing
from services.images.photo import Photo
from services.progress import Progress
from services.text.layout import join_text, reading_order
from services.text.quads import quad_sizes, roll_corners, tall_quads, to_quad, unrotate_points

ReadLines = Callable[[Floats], list[RecognizedText]]
"""A function that reads lines [N, 4, 2], the first corner of each being the top left of its text."""

LINES_PER_REPORT = 16
"""Number of lines between two reports of progress."""

READING_OVERHEAD_BYTES = 200
"""Memory of one `RecognizedText` besides its letters, about."""

SAMPLED_LINES = 4
"""Number of lines that are read to find which way up a page is."""

IDEAL_LINE_ASPECT = 8.0
"""Ratio of length to height of the lines to sample: they have enough letters, and are quickly read."""

UPRIGHT_CONFIDENCE = 0.9
"""Mean confidence that text upside down never reaches."""

UPRIGHT_TURNS = (0,)
"""Quarter turns counterclockwise to try for a line that is longer than high."""

VERTICAL_TURNS = (1, 3)
"""Turns to try for a line that runs up or down."""

STANDING_TURNS = (0, 1, 3)
"""Turns to try for a line that may be one or two upright letters, or run up or down."""

ONE_LETTER_ASPECT = 3.0
"""Ratio of height to width up to which a box may hold one or two upright letters."""


SMALL_IMAGE_SIDE = 64
"""Longest side in pixels of an image in which nothing is looked for if it shows nothing. In a larger one,
print may be too small to be noticed before."""


@dataclass(frozen=True)
class TextOptions:
    """Options of one reading.

    Attributes:
        min_confidence: Least confidence of a line, 0..1. The default keeps every line of a printed page and
            drops
            most letters that are read where there are none.
    """

    min_confidence: float = 0.7


@dataclass(frozen=True)
class TextResult:
    """Result of one reading, before it is put into JSON.

    Attributes:
        lines: The lines in reading order.
        text: The lines as one string, with a newline after each row and an empty line between blocks.
        reader: The model that read.
        width: Width of the upright image in pixels.
        height: Height of the upright image in pixels.
        scale: Largest scale at which lines were searched for, 1 for the image's own pixels.
    """

    lines: Sequence[TextLine]
    text: str
    reader: ModelInfo
    width: int
    height: int
    scale: float


@dataclass(frozen=True)
class PageReadings:
    """All lines that were read in one image, whatever their confidence.

    Attributes:
        quads: float32 [N, 4, 2], corners in pixels of the page turned upright, the text's own top left first.
        readings: Text and confidence of each line.
        turns: Quarter turns counterclockwise that set the page upright.
        scale: Largest scale at which lines were searched for.
    """

    quads: Floats
    readings: Sequence[RecognizedText]
    turns: int
    scale: float

    def __post_init__(self) -> None:
        self.quads.flags.writeable = False

    @property
    def nbytes(self) -> int:
        """Memory held, about, in bytes."""
        return self.quads.nbytes + sum(
            READING_OVERHEAD_BYTES + len(reading.text) for reading in self.readings
        )

    def above(self, min_confidence: float) -> "PageReadings":
        """Return the lines that have text and a confidence of at least `min_confidence`."""
        kept = [
            index
            for index, reading in enumerate(self.readings)
            if reading.text and reading.confidence >= min_confidence
        ]
        return PageReadings(
            self.quads[kept], [self.readings[index] for index in kept], self.turns, self.scale
        )


class TextService:
    """Reads text in images. It holds no request state, so many threads share it.

    Args:
        reader: Provides the text reader.
        pool: Reads lines in parallel.
        pages: Cache of page readings.
    """

    def __init__(self, reader: ModelProvider[TextReader], pool: WorkerPool, pages: Cache) -> None:
        self._reader = reader
        self._pool = pool
        self._pages = pages

    def read(self, photo: Photo, options: TextOptions, progress: Progress) -> TextResult:
        """Return the text of an image in reading order.

        Raises:
            ModelUnavailable: The text reader is not available.
        """
        reader = self._reader.get()
        page = self._pages.get_or_compute(
            ("text", photo.key, reader.info.sha256),
            lambda: self._read_page(photo, reader, progress),
            progress.check,
        ).above(options.min_confidence)
        with progress.stage("order"):
            blocks = reading_order(page.quads, reader.right_to_left)
        texts = [reading.text for reading in page.readings]
        quads = unrotate_points(page.quads, page.turns, photo.width, photo.height)
        lines = [
            TextLine(texts[index], page.readings[index].confidence, to_quad(quads[index]))
            for block in blocks
            for row in block
            for index in row
        ]
        return TextResult(lines, join_text(blocks, texts), reader.info, photo.width, photo.height, page.scale)

    def _read_page(self, photo: Photo, reader: TextReader, progress: Progress) -> PageReadings:
        """Detect all lines, turn the page upright and read them."""
        rgb = photo.rgb(progress)
        if max(rgb.shape[:2]) <= SMALL_IMAGE_SIDE and shows_nothing(rgb):
            return PageReadings(np.zeros((0, 4, 2), np.float32), [], 0, 1.0)
        detected = self._detect(rgb, reader, progress)
        quads = detected.quads
        if not len(quads):
            return PageReadings(quads, [], 0, detected.scale)
        with progress.stage("orient"):
            turns = find_page_turns(
                quads, lambda sample: list(self._pool.map(lambda quad: reader.read(rgb, quad), sample))
            )
        if turns:
            rgb = np.ascontiguousarray(np.rot90(rgb, turns))
            quads = self._detect(rgb, reader, progress).quads
        with progress.stage("read"):
            found = [*self._read_lines(rgb, quads, reader, progress)]
        corners = np.array([quad for quad, _ in found], np.float32).reshape(-1, 4, 2)
        return PageReadings(corners, [reading for _, reading in found], turns, detected.scale)

    def _detect(self, rgb: Rgb, reader: TextReader, progress: Progress) -> DetectedLines:
        """Find the lines of a page, and report each of its parts where there are several."""
        parts = 1

        def tell(done: int, total: int) -> None:
            nonlocal parts
            parts = total
            progress.check()
            if total > 1:
                progress.step("detect", done, total, f"searched {done}/{total} parts of the page")

        with progress.stage("detect"):
            detected = reader.detect(rgb, tell)
        progress.step("detect", parts, parts, f"found {len(detected.quads)} lines of text")
        return detected

    def _read_lines(
        self, rgb: Rgb, quads: Floats, reader: TextReader, progress: Progress
    ) -> Iterator[tuple[Floats, RecognizedText]]:
        """Yield each line's corners [4, 2], turned to its text, and its text."""
        total = len(quads)
        readings = self._pool.map(lambda quad: read_line(reader, rgb, quad), quads)
        for done, found in enumerate(readings, 1):
            progress.check()
            if done % LINES_PER_REPORT == 0 or done == total:
                progress.step("read", done, total, f"read {done}/{total} lines")
            yield found


def find_page_turns(quads: Floats, read: ReadLines) -> int:
    """Return the quarter turns counterclockwise, 0 to 3, that set the page upright.

    A few lines are read both ways up along the direction in which most text runs.

    Args:
        quads: Lines [N, 4, 2] of the page, at least one, first corners nearest the top left of the image.
        read: Reads lines.
    """
    tall = tall_quads(quads)
    longest = quad_sizes(quads).max(axis=1)
    runs_down = bool(longest[tall].sum() > longest[~tall].sum())
    sample = _sample(quads[tall == runs_down])
    one, other = (1, 3) if runs_down else (0, 2)
    confidence = _mean_confidence(read(roll_corners(sample, one)))
    if confidence >= UPRIGHT_CONFIDENCE:
        return one
    return one if confidence >= _mean_confidence(read(roll_corners(sample, other))) else other


def _sample(quads: Floats) -> Floats:
    sizes = quad_sizes(quads)
    aspect = sizes.max(axis=1) / np.maximum(sizes.min(axis=1), 1)
    return quads[np.argsort(np.abs(np.log(aspect / IDEAL_LINE_ASPECT)), kind="stable")[:SAMPLED_LINES]]


def _mean_confidence(readings: list[RecognizedText]) -> float:
    """Return the mean confidence over all characters."""
    characters = sum(len(reading.text) for reading in readings)
    return sum(reading.confidence * len(reading.text) for reading in readings) / max(characters, 1)


def read_line(reader: TextReader, rgb: Rgb, quad: Floats) -> tuple[Floats, RecognizedText]:
    """Read a line in the directions that are possible, and return the corners and text of the best reading.

    A line that is higher than wide may run up or down the page.
    """
    best, best_quad = RecognizedText("", -1.0), quad
    for turns in _possible_turns(quad):
        turned = roll_corners(quad, turns)
        reading = reader.read(rgb, turned)
        if reading.confidence > best.confidence:
            best, best_quad = reading, turned
        if turns == 0 and reading.confidence >= UPRIGHT_CONFIDENCE:
            break
    return best_quad, best


def _possible_turns(quad: Floats) -> Sequence[int]:
    if not tall_quads(quad[None])[0]:
        return UPRIGHT_TURNS
    ((length, height),) = quad_sizes(quad[None])
    return STANDING_TURNS if height <= ONE_LETTER_ASPECT * length else VERTICAL_TURNS
