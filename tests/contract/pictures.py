"""Pictures of one colour, and how they get into the service."""

import numpy as np
from flask.testing import FlaskClient

from domain.arrays import Rgb
from domain.models import ModelInfo
from tests.conftest import png_bytes
from tests.fakes import ColorEncoder


class Newer(ColorEncoder):
    """Another model than the one whose vectors are kept."""

    info = ModelInfo("fake-colors-2", "9" * 64)


def plain(color: tuple[int, int, int]) -> Rgb:
    """A picture of one colour, with a black spot: without it, it would show nothing."""
    rgb = np.zeros((96, 160, 3), np.uint8)
    rgb[:] = color
    rgb[40:52, 70:90] = 0
    return rgb


def upload(client: FlaskClient, rgb: Rgb) -> str:
    """The file_id of a picture."""
    return str(client.post("/upload", data=png_bytes(rgb)).get_json()["file_id"])
