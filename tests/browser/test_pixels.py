"""The page shows the pixels that masks were computed on, whatever the browser makes of the file."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from config.settings import ROOT
from domain.arrays import Rgb
from tests.browser.driver import Driver
from tests.unit.services.images.files import WIDE_SPACES, icc_profile, saved, tiff_of

BITMAP = """(() => {
  const { bitmap } = state.photo;
  const { width, height } = bitmap;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  return canvas.toDataURL("image/png");
})()"""


def photograph() -> Rgb:
    """An example at the size of a thumbnail."""
    image = Image.open(ROOT / "examples" / "photo.jpg").convert("RGB")
    image.thumbnail((160, 160))
    return np.asarray(image)


def shown(page: Driver) -> Rgb:
    """The pixels that the page draws."""
    data = str(page.state(BITMAP)).split(",")[1]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))


def files() -> dict[str, bytes]:
    """Files that browsers show in another way, or not at all."""
    rgb = Image.fromarray(photograph())
    turned = Image.Exif()
    turned[0x0112] = 6
    white = np.zeros((120, 160, 4), np.uint8)
    white[30:90, 40:120] = 255
    profile = icc_profile(b"RGB ", 1.8, WIDE_SPACES["ProPhoto"][0])
    return {
        "planes.tif": tiff_of(photograph().astype(np.uint16) * 257, 2, 16, planar=True),
        "wide.png": saved(rgb, "PNG", icc_profile=profile, exif=turned),
        "drawing.png": saved(Image.fromarray(white), "PNG"),
        "plain.jpg": saved(rgb, "JPEG", quality=90),
    }


@pytest.mark.parametrize("name", ["planes.tif", "wide.png", "drawing.png", "plain.jpg"])
def test_the_page_shows_the_pixels_of_the_service(page: Driver, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(files()[name])
    page.page.set_input_files("#file", path)
    page.settled()
    answer = page.page.request.get(f"{page.url}/upload/{page.state('state.photo.fileId')}/image")
    pixels = np.asarray(Image.open(io.BytesIO(answer.body())))
    np.testing.assert_array_equal(shown(page), pixels)
    if name == "planes.tif":
        np.testing.assert_array_equal(pixels, photograph())
