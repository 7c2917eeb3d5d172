"""Holds the regions of an image that match a concept: a phrase, or something that examples show.

A concept prompt asks for all instances of something (SAM 3 calls it promptable concept segmentation), where
other prompts ask for one object.
"""

from dataclasses import dataclass

from domain.masks import FoundMasks


@dataclass(frozen=True)
class ConceptMatches:
    """Regions that match the phrases or the examples of a request.

    Attributes:
        found: The matched regions, phrase by phrase in the order of the phrases, best first within a phrase.
            Its key contains that of the grid, the prompt and the options.
        prompt_index: Index of the phrase of each region; 0 for examples.
        confidence: Probability that each region matches, 0..1.
    """

    found: FoundMasks
    prompt_index: tuple[int, ...]
    confidence: tuple[float, ...]

    def __post_init__(self) -> None:
        counts = len(self.found.regions), len(self.prompt_index), len(self.confidence)
        if len(set(counts)) != 1:
            raise ValueError(f"expected one index and one confidence for each region, got {counts}")
