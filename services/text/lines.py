"""Reads one line, whichever way it runs."""

from collections.abc import Sequence

from domain.arrays import Floats, Rgb
from domain.ports.stores import TextReader
from domain.text import Reading
from services.text.orientation import SURE
from services.text.quads import are_tall, read_turned, sizes

UPRIGHT = (0,)
STANDING = (0, 1, 3)
RUNNING_DOWN = (1, 3)
ONE_LETTER = 3.0
"""A box so many times as high as wide or less may hold a letter or two that stand upright."""


def read_line(reader: TextReader, rgb: Rgb, quad: Floats) -> tuple[Floats, Reading]:
    """The line as it reads best: one that is higher than wide may run up or down the page."""
    best, best_quad = Reading("", -1.0), quad
    for turns in _possible_turns(quad):
        turned = read_turned(quad, turns)
        reading = reader.read(rgb, turned)
        if reading.confidence > best.confidence:
            best, best_quad = reading, turned
        if turns == 0 and reading.confidence >= SURE:
            break
    return best_quad, best


def _possible_turns(quad: Floats) -> Sequence[int]:
    if not are_tall(quad[None])[0]:
        return UPRIGHT
    ((length, height),) = sizes(quad[None])
    return STANDING if height <= ONE_LETTER * length else RUNNING_DOWN
