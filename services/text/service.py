"""Reads one line, whichever way it runs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats, Rgb
from domain.models import ModelInfo
from domain.ports.compute import WorkerPool
from domain.ports.models import ModelProvider, TextReader
from domain.ports.stores import Cache
from domain.text import RecognizedText, TextLine
from services.images.photo import Photo
from services.progress import Progress
from services.text.layout import join_text, reading_order
from services.text.quads import quad_sizes, roll_corners, tall_quads, to_quad, unrotate_points

ReadLines = Callable[[Floats], list[RecognizedText]]
"""Reads lines [N, 4, 2], the first corner of each being the top left of its text."""

SAMPLED_LINES = 4

IDEAL_LINE_ASPECT = 8.0
"""A line about this many times as long as high has enough letters to be told by, and is quickly read."""

UPRIGHT_CONFIDENCE = 0.9
"""Text upside down is never read with this confidence on average."""


def find_page_turns(quads: Floats, read: ReadLines) -> int:
    """Quarter turns counterclockwise, 0 to 3, that set the page upright.

    Args:
        quads: Its lines [N, 4, 2], at least one, first corners nearest the top left of the image.
        read: Reads lines.
    """
    tall = tall_quads(quads)
    longest = quad_sizes(quads).max(axis=1)
    runs_down = bool(longest[tall].sum() > longest[~tall].sum())
    sample = _sample(quads[tall == runs_down])
    one, other = (1, 3) if runs_down else (0, 2)
    confidence = _confidence(read(roll_corners(sample, one)))
    if confidence >= UPRIGHT_CONFIDENCE:
        return one
    return one if confidence >= _confidence(read(roll_corners(sample, other))) else other


def _sample(quads: Floats) -> Floats:
    shape = quad_sizes(quads)
    ratio = shape.max(axis=1) / np.maximum(shape.min(axis=1), 1)
    return quads[np.argsort(np.abs(np.log(ratio / IDEAL_LINE_ASPECT)), kind="stable")[:SAMPLED_LINES]]


def _confidence(readings: list[RecognizedText]) -> float:
    """Mean over characters."""
    characters = sum(len(reading.text) for reading in readings)
    return sum(reading.confidence * len(reading.text) for reading in readings) / max(characters, 1)


UPRIGHT_TURNS = (0,)

STANDING_TURNS = (0, 1, 3)

VERTICAL_TURNS = (1, 3)

ONE_LETTER_ASPECT = 3.0
"""A box so many times as high as wide or less may hold a letter or two that stand upright."""


def read_line(reader: TextReader, rgb: Rgb, quad: Floats) -> tuple[Floats, RecognizedText]:
    """The line as it reads best: one that is higher than wide may run up or down the page."""
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


LINES_PER_REPORT = 16

READING_OVERHEAD_BYTES = 200
"""What a reading needs in memory besides its letters."""


@dataclass(frozen=True)
class TextOptions:
    """What a caller may choose.

    Attributes:
        min_confidence: Lines read with less are left out, 0..1. By default no line of a printed page is, and
            most letters that are seen where none are.
    """

    min_confidence: float = 0.7


@dataclass(frozen=True)
class TextResult:
    """The answer, before it is put into JSON.

    Attributes:
        lines: In reading order.
        text: The same as one string: rows end with a newline, blocks with an empty line.
        reader: Which model read.
        width: Pixels of the upright photograph.
        height: Pixels of the upright photograph.
    """

    lines: Sequence[TextLine]
    text: str
    reader: ModelInfo
    width: int
    height: int


@dataclass(frozen=True)
class PageReadings:
    """Every line that was read on a photograph, whatever its confidence.

    Attributes:
        quads: float32 [N, 4, 2] on the page turned upright, first corners the top left of the text.
        readings: What they say.
        turns: Quarter turns counterclockwise that set the page upright.
    """

    quads: Floats
    readings: Sequence[RecognizedText]
    turns: int

    def __post_init__(self) -> None:
        self.quads.flags.writeable = False

    @property
    def nbytes(self) -> int:
        """Bytes held, about."""
        return self.quads.nbytes + sum(
            READING_OVERHEAD_BYTES + len(reading.text) for reading in self.readings
        )

    def above(self, min_confidence: float) -> "PageReadings":
        """The lines that say something, read with at least `min_confidence`."""
        kept = [
            index
            for index, reading in enumerate(self.readings)
            if reading.text and reading.confidence >= min_confidence
        ]
        return PageReadings(self.quads[kept], [self.readings[index] for index in kept], self.turns)


class TextService:
    """Reads photographs. Holds no request state: many threads share it.

    Args:
        reader: Finds and reads lines.
        pool: Reads lines side by side.
        pages: Keeps what was read.
    """

    def __init__(self, reader: ModelProvider[TextReader], pool: WorkerPool, pages: Cache) -> None:
        self._reader = reader
        self._pool = pool
        self._pages = pages

    def read(self, photo: Photo, options: TextOptions, progress: Progress) -> TextResult:
        """The text of a photograph.

        Raises:
            ModelUnavailable: There is no reader.
        """
        reader = self._reader.get()
        page = self._pages.get_or_compute(
            ("text", photo.key, reader.info.sha256),
            lambda: self._lines(photo, reader, progress),
            progress.check,
        ).above(options.min_confidence)
        with progress.stage("order"):
            blocks = reading_order(page.quads, reader.right_to_left)
        texts = [reading.text for reading in page.readings]
        places = unrotate_points(page.quads, page.turns, photo.width, photo.height)
        lines = [
            TextLine(texts[index], page.readings[index].confidence, to_quad(places[index]))
            for block in blocks
            for row in block
            for index in row
        ]
        return TextResult(lines, join_text(blocks, texts), reader.info, photo.width, photo.height)

    def _lines(self, photo: Photo, reader: TextReader, progress: Progress) -> PageReadings:
        """All lines, read."""
        rgb = photo.rgb(progress)
        with progress.stage("detect"):
            quads = reader.detect(rgb)
        progress.step("detect", 1, 1, f"found {len(quads)} lines of text")
        if not len(quads):
            return PageReadings(quads, [], 0)
        with progress.stage("orient"):
            turns = find_page_turns(
                quads, lambda some: list(self._pool.map(lambda quad: reader.read(rgb, quad), some))
            )
        if turns:
            rgb = np.ascontiguousarray(np.rot90(rgb, turns))
            with progress.stage("detect"):
                quads = reader.detect(rgb)
        with progress.stage("read"):
            found = [*self._readings(rgb, quads, reader, progress)]
        corners = np.array([quad for quad, _ in found], np.float32).reshape(-1, 4, 2)
        return PageReadings(corners, [reading for _, reading in found], turns)

    def _readings(
        self, rgb: Rgb, quads: Floats, reader: TextReader, progress: Progress
    ) -> Iterator[tuple[Floats, RecognizedText]]:
        """Each line with its corners as it is read."""
        total = len(quads)
        readings = self._pool.map(lambda quad: read_line(reader, rgb, quad), quads)
        for done, found in enumerate(readings, 1):
            progress.check()
            if done % LINES_PER_REPORT == 0 or done == total:
                progress.step("read", done, total, f"read {done}/{total} lines")
            yield found
