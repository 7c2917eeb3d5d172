"""Defines `ConceptMatches`, the regions that match what a phrase or an example asks for.

A prompt that asks for everything of one kind in an image is a concept prompt (Carion et al. 2025, SAM 3).
"""

from dataclasses import dataclass, replace

import numpy as np

from domain.masks import FoundMasks


@dataclass(frozen=True)
class ConceptMatches:
    """Regions that match concept prompts.

    Attributes:
        found: The matched regions, prompt by prompt in their order, best first within a prompt. The key is
            unique to the image, the models, the prompts and the options.
        prompt_index: Index of the prompt that each region matches.
        confidence: Probability of each match, 0..1.
    """

    found: FoundMasks
    prompt_index: tuple[int, ...]
    confidence: tuple[float, ...]

    def __post_init__(self) -> None:
        counts = len(self.found.regions), len(self.prompt_index), len(self.confidence)
        if len(set(counts)) != 1:
            raise ValueError(f"expected as many prompt indices and confidences as regions, got {counts}")
        if list(self.prompt_index) != sorted(self.prompt_index):
            raise ValueError(f"expected regions prompt by prompt, got {self.prompt_index}")

    def best(self, count: int, least_confidence: float) -> "ConceptMatches":
        """Return the `count` regions of the highest confidence among those of at least that confidence.

        They stay in order, and on ties the earlier ones are returned.
        """
        ranked = np.argsort(-np.array(self.confidence), kind="stable")[:count]
        kept = [index for index in sorted(ranked.tolist()) if self.confidence[index] >= least_confidence]
        if len(kept) == len(self.confidence):
            return self
        found = self.found
        return ConceptMatches(
            replace(
                found,
                key=(found.key, count, least_confidence),
                regions=tuple(found.regions[index] for index in kept),
            ),
            tuple(self.prompt_index[index] for index in kept),
            tuple(self.confidence[index] for index in kept),
        )
