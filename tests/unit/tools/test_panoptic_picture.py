"""The command that draws photographs in pieces and as whole objects."""

from pathlib import Path

import cv2
import numpy as np

from tests.unit.tools.conftest import Run
from tests.unit.tools.packs import CAT
from tools.panoptic_picture import MARGIN, ROW_HEIGHT


def test_each_photograph_is_a_row_of_two_pictures(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "picture.jpg"
    run("tools.panoptic_picture", CAT, CAT, "--labels", "cat, blanket", "--out", out)
    picture = cv2.imread(str(out))
    assert picture is not None
    assert picture.shape[0] == 2 * ROW_HEIGHT + MARGIN
    pieces, whole = np.array_split(picture[:ROW_HEIGHT].astype(int), 2, axis=1)
    shared = min(pieces.shape[1], whole.shape[1])
    assert np.abs(pieces[:, :shared] - whole[:, :shared]).mean() > 1
