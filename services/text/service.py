"""Use case: read the text of a photograph, whichever way up it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from domain.ports import ModelProvider, TextReader, WorkerPool
from domain.types import Floats, ModelInfo, Reading, Rgb, TextLine
from services.images import ImageService
from services.progress import Progress
from services.text.lines import read_line
from services.text.orientation import find_turns
from services.text.quads import as_quad, turn_back
from services.text.reading_order import join, reading_order

LINES_PER_STEP = 16


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
class _Page:
    """A photograph turned so that its text is upright, and the lines found in it."""

    rgb: Rgb
    quads: Floats
    turns: int


class TextService:
    """Reads photographs. Holds no request state: many threads share it.

    Args:
        images: The stored photographs.
        reader: Finds and reads lines.
        pool: Reads lines side by side.
    """

    def __init__(self, images: ImageService, reader: ModelProvider[TextReader], pool: WorkerPool) -> None:
        self._images = images
        self._reader = reader
        self._pool = pool

    def read(self, file_id: str, options: TextOptions, progress: Progress) -> TextResult:
        """The text of a stored photograph.

        Raises:
            NotFound: There is no such photograph.
            ModelUnavailable: There is no reader.
        """
        with progress.stage("load"):
            rgb = self._images.rgb(file_id)
        return self.read_rgb(rgb, options, progress)

    def read_rgb(self, rgb: Rgb, options: TextOptions, progress: Progress) -> TextResult:
        """The text of an upright photograph at hand.

        Raises:
            ModelUnavailable: There is no reader.
        """
        reader = self._reader.get()
        page = self._page(rgb, reader, progress)
        with progress.stage("read"):
            found = [
                (quad, reading)
                for quad, reading in self._readings(page, reader, progress)
                if reading.text and reading.confidence >= options.min_confidence
            ]
        with progress.stage("order"):
            quads = np.array([quad for quad, _ in found], np.float32).reshape(-1, 4, 2)
            blocks = reading_order(quads)
        height, width = rgb.shape[:2]
        texts = [reading.text for _, reading in found]
        places = turn_back(quads, page.turns, width, height)
        lines = [
            TextLine(texts[index], found[index][1].confidence, as_quad(places[index]))
            for block in blocks
            for row in block
            for index in row
        ]
        return TextResult(lines, join(blocks, texts), reader.info, width, height)

    def _page(self, rgb: Rgb, reader: TextReader, progress: Progress) -> _Page:
        with progress.stage("detect"):
            quads = reader.detect(rgb)
        progress.step("detect", 1, 1, f"found {len(quads)} lines of text")
        if not len(quads):
            return _Page(rgb, quads, 0)
        with progress.stage("orient"):
            turns = find_turns(
                quads, lambda some: list(self._pool.map(lambda quad: reader.read(rgb, quad), some))
            )
        if turns == 0:
            return _Page(rgb, quads, turns)
        upright = np.ascontiguousarray(np.rot90(rgb, turns))
        with progress.stage("detect"):
            return _Page(upright, reader.detect(upright), turns)

    def _readings(
        self, page: _Page, reader: TextReader, progress: Progress
    ) -> Iterator[tuple[Floats, Reading]]:
        """Each line with its corners as it is read."""
        total = len(page.quads)
        readings = self._pool.map(lambda quad: read_line(reader, page.rgb, quad), page.quads)
        for done, found in enumerate(readings, 1):
            progress.check()
            if done % LINES_PER_STEP == 0 or done == total:
                progress.step("read", done, total, f"read {done}/{total} lines")
            yield found
