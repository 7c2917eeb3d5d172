"""BLIP behind the port `Captioner`: preprocessing and the decoding of BERT's word pieces."""

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
from models.runtime.normalise import CLIP_MEAN, CLIP_STD, normalise

SPECIAL_TOKENS = frozenset({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})


class WordPieceDecoder:
    """Maps ids of a BERT vocabulary to text. It is stateless, so threads can share it.

    Args:
        pieces: Word pieces by id.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self._pieces = tuple(pieces)
        self._decoder = WordPiece(prefix="##", cleanup=True)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Load the vocabulary of a published vocab.txt, one piece per line."""
        return cls(path.read_text(encoding="utf-8").split("\n")[:-1])

    def text(self, ids: Sequence[int]) -> str:
        """Return the text of ids, without special tokens and without ids beyond the vocabulary."""
        pieces = [self._pieces[one] for one in ids if one < len(self._pieces)]
        text: str = self._decoder.decode([piece for piece in pieces if piece not in SPECIAL_TOKENS])
        return text.replace(" ' ", "'")  # The decoder cleans each piece alone.


class BlipNetwork(Protocol):
    """Interface of the network to its runtime. It is stateless, so threads can share it."""

    @property
    def side(self) -> int:
        """Side in pixels of the square input."""

    def generate(self, pixels: Floats, count: int) -> list[tuple[list[int], float]]:
        """Return the best captions: token ids, and the mean log probability of the tokens.

        Args:
            pixels: Normalised pixels float32 [1, 3, side, side].
            count: Highest number of captions, at least 1.
        """


class BlipCaptioner:
    """The port `Captioner` over BLIP (Li et al. 2022, arXiv 2201.12086). It is stateless between calls.

    Args:
        info: Name and digest of the model.
        network: Network in any runtime.
        words: Vocabulary of the network.
    """

    def __init__(self, info: ModelInfo, network: BlipNetwork, words: WordPieceDecoder) -> None:
        self._info = info
        self._network = network
        self._words = words

    @property
    def info(self) -> ModelInfo:
        """Name and digest of the model."""
        return self._info

    def caption(self, rgb: Rgb, count: int) -> list[Caption]:
        """Return captions, best first, in the model's lower case without a full stop.

        Args:
            rgb: Image uint8 [H, W, 3], upright.
            count: Highest number of captions; there are fewer if the beam search has fewer beams.

        Raises:
            ValueError: `rgb` is not uint8 [H, W, 3].
        """
        generated = self._network.generate(preprocess_for_blip(rgb, self._network.side), count)
        return [Caption(self._words.text(ids), min(1.0, math.exp(score)), score) for ids, score in generated]


def preprocess_for_blip(rgb: Rgb, side: int) -> Floats:
    """Return normalised pixels float32 [1, 3, side, side] of an image.

    The image is squashed to the square (Pillow's bicubic).

    Raises:
        ValueError: `rgb` is not uint8 [H, W, 3].
    """
    square = Image.fromarray(check_rgb(rgb)).resize((side, side), Image.Resampling.BICUBIC)
    return normalise(np.asarray(square), CLIP_MEAN, CLIP_STD)[None]
