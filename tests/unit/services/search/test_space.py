"""Images, regions and texts in one space."""

import numpy as np
import pytest

from services.images.photo import Photo
from services.progress import Progress
from tests.unit.services.search.rig import Rig


def test_pictures_are_compared_without_what_is_for_naming_only(rig: Rig) -> None:
    red, green = np.zeros((2, 16, 16, 3), np.uint8)
    red[..., 0] = green[..., 1] = 255
    red[4:8, 4:8] = green[4:8, 4:8] = 0  # an image of one colour shows nothing
    one, other = (rig.space.image(Photo.of(rgb, key), Progress()) for rgb, key in ((red, "r"), (green, "g")))
    assert one.shape == (3,)
    assert float(one @ other) == pytest.approx(0, abs=0.01)
    assert float(one @ rig.space.text("red")) == pytest.approx(1, abs=0.01)
