"""Token ids back to text: BERT's word pieces."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from PIL import Image
from tokenizers.decoders import WordPiece

from domain.arrays import Floats, Rgb, check_rgb
from domain.models import ModelInfo
from domain.text import Caption

SPECIAL_TOKENS = frozenset({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})


class WordPieceDecoder:
    """The words behind the ids of a BERT vocabulary. Stateless: threads share it.

    Args:
        pieces: By id.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self._pieces = tuple(pieces)
        self._decoder = WordPiece(prefix="##", cleanup=True)

    @classmethod
    def load(cls, path: Path) -> Self:
        """The vocabulary of a published vocab.txt: a piece a line."""
        return cls(path.read_text(encoding="utf-8").split("\n")[:-1])

    def text(self, ids: Sequence[int]) -> str:
        """The text of ids; special tokens, and ids that a model has beyond the vocabulary, say nothing."""
        pieces = [self._pieces[one] for one in ids if one < len(self._pieces)]
        text: str = self._decoder.decode([piece for piece in pieces if piece not in SPECIAL_TOKENS])
        return text.replace(" ' ", "'")  # The decoder cleans piece by piece and cannot see both sides.


CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""Of CLIP, as the original has it."""


class BlipNetwork(Protocol):
    """What the adapter needs of a runtime. Stateless between calls, shared by threads."""

    @property
    def side(self) -> int:
        """Pixels of the square it looks at."""

    def write(self, pixels: Floats, count: int) -> list[tuple[list[int], float]]:
        """The best sentences: token ids, and the mean of the logarithms of their probabilities.

        Args:
            pixels: Normalised, float32 [1, 3, side, side].
            count: At most so many, at least 1.
        """


class BlipCaptioner:
    """Captioner on BLIP (Li et al. 2022, arXiv 2201.12086). Stateless: threads share it.

    Args:
        info: Name and hash.
        network: In whichever runtime.
        words: Its vocabulary.
    """

    def __init__(self, info: ModelInfo, network: BlipNetwork, words: WordPieceDecoder) -> None:
        self._info = info
        self._network = network
        self._words = words

    @property
    def info(self) -> ModelInfo:
        """Name and hash."""
        return self._info

    def caption(self, rgb: Rgb, count: int) -> list[Caption]:
        """The best sentence first, in the model's own lower case, without a full stop.

        Args:
            rgb: uint8 [H, W, 3], upright.
            count: At most so many; fewer where the network searches among fewer.

        Raises:
            ValueError: Not uint8 [H, W, 3].
        """
        written = self._network.write(preprocess_for_blip(rgb, self._network.side), count)
        return [Caption(self._words.text(ids), min(1.0, math.exp(score)), score) for ids, score in written]


def preprocess_for_blip(rgb: Rgb, side: int) -> Floats:
    """Normalised float32 [1, 3, side, side] of a photograph, squashed to the square (Pillow's bicubic).

    Raises:
        ValueError: Not uint8 [H, W, 3].
    """
    square = Image.fromarray(check_rgb(rgb)).resize((side, side), Image.Resampling.BICUBIC)
    pixels = np.asarray(square, np.float32) / np.float32(255)
    scaled = (pixels - np.array(CLIP_MEAN, np.float32)) / np.array(CLIP_STD, np.float32)
    planes: Floats = np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])
    return planes
