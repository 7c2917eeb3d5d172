"""What a photograph says in letters, as the end of a sentence."""

import math

from domain.text import TextLine
from services.analyze.service import SceneResult
from services.caption.scene import SURE

LEGIBLE = 0.85
"""Least confidence of a line that is told."""

SHORTEST, LONGEST = 3, 60
"""Letters and digits that a line must have; characters of it that are told."""

TALL = 0.03
"""Share of the photograph's height that its letters must have."""

SIGN = "sign"


def reading(scene: SceneResult) -> str:
    """The words ", with a sign that reads “STOP”" of the tallest line; nothing where none is plain."""
    lines = [] if scene.text is None else scene.text.lines
    plain = [index for index, line in enumerate(lines) if _is_plain(line, scene.segment.height)]
    if not plain:
        return ""
    chosen = max(plain, key=lambda index: _height(lines[index]))
    said = lines[chosen].text.strip()
    shown = said if len(said) <= LONGEST else said[: LONGEST - 1].rstrip() + "…"
    return f", with {'a sign' if _on_sign(scene, chosen) else 'text'} that reads “{shown}”"


def _is_plain(line: TextLine, height: int) -> bool:
    readable = sum(letter.isalnum() for letter in line.text) >= SHORTEST
    return readable and line.confidence >= LEGIBLE and _height(line) >= TALL * height


def _height(line: TextLine) -> float:
    """Of its letters, in pixels: how long its left edge is."""
    return math.dist(line.quad[0], line.quad[3])


def _on_sign(scene: SceneResult, line: int) -> bool:
    """Whether it lies on a region that is surely a sign."""
    return any(
        line in (facts.lines or ()) and naming.chosen.label == SIGN and naming.chosen.confidence >= SURE
        for facts, naming in zip(scene.facts, scene.segment.names.namings, strict=True)
    )
