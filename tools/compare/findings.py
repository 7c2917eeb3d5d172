"""Gathers what a comparison shows, by side; every sentence is computed."""

from collections.abc import Mapping
from dataclasses import dataclass

from tools.compare.contender import Side
from tools.compare.outcome import Comparison
from tools.compare.strengths import strengths
from tools.compare.weaknesses import weaknesses

SIDES: Mapping[Side, str] = {"cnn": "the network", "encoder": "the image-text model"}


@dataclass(frozen=True)
class Findings:
    """Sentences.

    Attributes:
        strong: Where each side is ahead of the other.
        weak: What is weak about each side by itself.
        even: Where neither is ahead.
    """

    strong: Mapping[Side, list[str]]
    weak: Mapping[Side, list[str]]
    even: list[str]


def findings_of(found: Comparison) -> Findings:
    """What a comparison shows."""
    ahead, weak = list(strengths(found)), list(weaknesses(found))
    return Findings(
        {side: [text for mine, text in ahead if mine == side] for side in SIDES},
        {side: [text for mine, text in weak if mine == side] for side in SIDES},
        [text for side, text in ahead if side is None],
    )
