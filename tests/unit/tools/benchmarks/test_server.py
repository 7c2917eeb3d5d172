"""Tests of tools/benchmarks/server.py."""

import io

import numpy as np
import pytest
from PIL import Image

from tools.benchmarks.server import unique_file


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_file_of_its_own_has_the_same_pixels(kind: str) -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)).save(buffer, kind)
    files = [buffer.getvalue(), unique_file(buffer.getvalue()), unique_file(buffer.getvalue())]
    pixels = [np.asarray(Image.open(io.BytesIO(file))) for file in files]
    assert len(set(files)) == 3
    assert np.array_equal(pixels[0], pixels[1])
    assert np.array_equal(pixels[0], pixels[2])
    for file in files[1:]:
        Image.open(io.BytesIO(file)).verify()


def test_other_formats_are_refused() -> None:
    with pytest.raises(ValueError, match="expected a JPEG or PNG file"):
        unique_file(b"GIF89a")
