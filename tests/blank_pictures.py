"""Pictures in which there is nothing: colours, noise, gradients and frames, made for any size."""

from collections.abc import Callable

import cv2
import numpy as np

from domain.arrays import Rgb

Picture = Callable[[int, int], Rgb]
"""Returns a picture uint8 [H, W, 3] of the width and height."""

Color = tuple[int, int, int]


def plain(color: Color) -> Picture:
    return lambda width, height: np.full((height, width, 3), color, np.uint8)


def gaussian(deviation: float, mean: float = 128, channels: int = 3) -> Picture:
    def make(width: int, height: int) -> Rgb:
        noise = np.random.default_rng(1).normal(mean, deviation, (height, width, channels))
        return np.broadcast_to(np.clip(noise, 0, 255), (height, width, 3)).astype(np.uint8)

    return make


def salt_and_pepper(share: float, paper: int) -> Picture:
    def make(width: int, height: int) -> Rgb:
        chance = np.random.default_rng(2).random((height, width))
        rgb = np.full((height, width, 3), paper, np.uint8)
        rgb[chance < share / 2] = 0
        rgb[chance > 1 - share / 2] = 255
        return rgb

    return make


def uniform(width: int, height: int) -> Rgb:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)


def linear(first: Color, last: Color, across: float, down: float) -> Picture:
    def make(width: int, height: int) -> Rgb:
        share = across * np.linspace(0, 1, width)[None, :] + down * np.linspace(0, 1, height)[:, None]
        return _mixed(first, last, share)

    return make


def radial(first: Color, last: Color) -> Picture:
    def make(width: int, height: int) -> Rgb:
        y, x = np.mgrid[:height, :width]
        share = np.hypot(x / width - 0.5, y / height - 0.5) * 2**0.5
        return _mixed(first, last, np.clip(share, 0, 1))

    return make


def framed(paper: Color, frame: Color) -> Picture:
    def make(width: int, height: int) -> Rgb:
        rgb = np.full((height, width, 3), frame, np.uint8)
        rgb[1:-1, 1:-1] = paper
        return rgb

    return make


def as_jpeg(rgb: Rgb, quality: int) -> Rgb:
    """Return the pixels after they were saved as a JPEG file."""
    _, file = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(file, cv2.IMREAD_COLOR)[..., ::-1])


def _mixed(first: Color, last: Color, share: np.ndarray) -> Rgb:
    mixed = np.array(first) * (1 - share[..., None]) + np.array(last) * share[..., None]
    return np.rint(mixed).astype(np.uint8)


BLACK, WHITE, GREY = (0, 0, 0), (255, 255, 255), (128, 128, 128)

BLANK_PICTURES: dict[str, Picture] = {
    "white": plain(WHITE),
    "black": plain(BLACK),
    "grey": plain(GREY),
    "red": plain((255, 0, 0)),
    "blue": plain((0, 0, 255)),
    "yellow": plain((255, 255, 0)),
    "weak noise": gaussian(3),
    "dark noise": gaussian(6, 6),
    "noise": gaussian(30),
    "grey noise": gaussian(30, channels=1),
    "strong noise": gaussian(80),
    "uniform noise": uniform,
    "salt noise": salt_and_pepper(0.1, 255),
    "half salt noise": salt_and_pepper(0.5, 255),
    "salt noise on grey": salt_and_pepper(0.02, 128),
    "from black to white": linear(BLACK, WHITE, 1, 0),
    "from top to bottom": linear(WHITE, BLACK, 0, 1),
    "diagonal": linear((30, 30, 30), (220, 220, 220), 0.5, 0.5),
    "from red to blue": linear((255, 0, 0), (0, 0, 255), 1, 0),
    "from blue to pale": linear((60, 120, 255), (240, 240, 255), 0, 1),
    "radial": radial(WHITE, BLACK),
    "radial in colour": radial((255, 200, 0), (0, 0, 120)),
    "black frame": framed(WHITE, BLACK),
    "white frame": framed(BLACK, WHITE),
    "red frame": framed((200, 30, 30), BLACK),
}
"""The pictures by name."""
