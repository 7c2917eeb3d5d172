"""Towers of the embedded labeller: crops and texts to vectors of one space."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from tokenizers import Tokenizer

from domain.arrays import Floats, Rgb, check_rgb
from models.runtime.onnx import OnnxGraph

COARSE_SIZE_PX = 160
"""Side in pixels of a coarse input; a smaller one is not faster."""


class LiteImageTrunk:
    """EfficientNet-Lite2 (Tan & Le 2019) with ConSE (Norouzi et al. 2013) over its ImageNet classes.

    Args:
        graph: Graph from `pixels` [N, 3, S, S] to `features` and `conse`; its metadata hold mean, std and the
            size S of the training.
    """

    def __init__(self, graph: OnnxGraph) -> None:
        self._graph = graph
        self._size = int(graph.metadata["size"])
        self._mean = np.array(graph.metadata["mean"].split(), np.float32) * 255
        self._std = np.array(graph.metadata["std"].split(), np.float32) * 255

    def run(self, crops: Sequence[Rgb], coarse: bool = False) -> tuple[Floats, Floats]:
        """Return features, float32 [N, 1280], and unit ConSE vectors, float32 [N, 384], of crops of any size.

        With `coarse` the crops are resized to COARSE_SIZE_PX a side.

        Raises:
            ValueError: A crop is not uint8 [H, W, 3].
        """
        size = COARSE_SIZE_PX if coarse else self._size
        pixels = np.stack([self._pixels(crop, size) for crop in crops])
        features, conse = self._graph.run({"pixels": pixels})
        return features, conse

    def _pixels(self, crop: Rgb, size: int) -> Floats:
        """Return normalised pixels float32 [3, size, size] of the whole crop, stretched to the square."""
        square = resize_square(check_rgb(crop), size)
        pixels: Floats = ((square - self._mean) / self._std).transpose(2, 0, 1)
        return pixels


def resize_square(rgb: Rgb, size: int) -> Rgb:
    """Return the image as uint8 [size, size, 3], antialiased where it shrinks."""
    shrinks = max(rgb.shape[:2]) > size
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(rgb, (size, size), interpolation=interpolation), np.uint8)


class LiteImageTower:
    """Trunk, and the head that maps its features to the space of the texts.

    Args:
        trunk: Maps crops to features and ConSE vectors.
        head: Graph from `features`, `conse` and `scene` to unit vectors [N, D]; its metadata hold
            logit_scale.

    Attributes:
        logit_scale: Factor from a cosine to a logit.
    """

    def __init__(self, trunk: LiteImageTrunk, head: OnnxGraph) -> None:
        self._trunk = trunk
        self._head = head
        self.logit_scale = float(head.metadata["logit_scale"])

    def scene(self, rgb: Rgb) -> Floats:
        """Return the trunk's features float32 [F] of the whole image, for `encode`.

        Raises:
            ValueError: It is not uint8 [H, W, 3].
        """
        features: Floats = self._trunk.run([rgb])[0][0]
        return features

    def encode(self, crops: Sequence[Rgb], scene: Floats | None = None, coarse: bool = False) -> Floats:
        """Return unit vectors, float32 [N, D], of crops of any size.

        Args:
            crops: Crops, uint8 [H, W, 3] each.
            scene: Features of their image; None encodes the crops alone.
            coarse: Whether to encode at a lower resolution, in half the time.

        Raises:
            ValueError: A crop is not uint8 [H, W, 3].
        """
        # A matrix product of one row and one of many rows may round differently, so each crop is computed
        # alone.
        vectors = [
            self._vector(features[None], conse[None], scene)
            for features, conse in zip(*self._trunk.run(crops, coarse), strict=True)
        ]
        return np.concatenate(vectors)

    def reject_similarities(self, vectors: Floats) -> Floats:
        """Return the cosine [N] of image vectors [N, D] with the last axis, which no text points along."""
        return vectors[:, -1]

    def _vector(self, features: Floats, conse: Floats, scene: Floats | None) -> Floats:
        # The head takes a scene of zeros for an unknown scene.
        known = np.zeros_like(features) if scene is None else scene[None]
        vector: Floats = self._head.run({"features": features, "conse": conse, "scene": known})[0]
        return vector


UNKNOWN_TOKEN = "[UNK]"
"""Token of the characters that the tokenizer does not know."""


class LiteTextTower:
    """all-MiniLM-L6-v2 and the head that aligns its sentence vectors with images.

    Args:
        tower: Graph from `ids` and `mask` int64 [N, T] to unit `sentence` vectors; its metadata hold
            max_tokens.
        head: Graph from `sentence` to unit vectors [N, D].
        tokenizer: Path of a tokenizer.json of the `tokenizers` library.
    """

    def __init__(self, tower: OnnxGraph, head: OnnxGraph, tokenizer: Path) -> None:
        self._tower = tower
        self._head = head
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(int(tower.metadata["max_tokens"]))

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors, float32 [N, D], of texts."""
        # Each text is computed alone, without padding, so its vector is bit-equal whatever the other texts
        # are.
        return np.concatenate([self._head.run({"sentence": self._sentence(text)})[0] for text in texts])

    def token_ids(self, text: str) -> tuple[int, ...]:
        """Return the ids of the tokens of a text, as they are read."""
        return tuple(self._tokenizer.encode(text).ids)

    def can_read(self, text: str) -> bool:
        """Return whether the tokenizer knows at least one token of a text besides start and end."""
        encoded = self._tokenizer.encode(text)
        inner = zip(encoded.tokens, encoded.special_tokens_mask, strict=True)
        return any(token != UNKNOWN_TOKEN for token, special in inner if not special)

    def _sentence(self, text: str) -> Floats:
        ids = np.array([self._tokenizer.encode(text).ids], np.int64)
        sentence: Floats = self._tower.run({"ids": ids, "mask": np.ones_like(ids)})[0]
        return sentence
