"""Sentences about a photograph."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caption:
    """One sentence about a photograph.

    Attributes:
        text: What it says.
        confidence: 0..1. Of a composed sentence the probability of the least sure name in it; of a generated
            one the geometric mean of the probabilities of its tokens.
        score: What it was chosen by, higher is better; comparable for one photograph and one writer only.
    """

    text: str
    confidence: float
    score: float
