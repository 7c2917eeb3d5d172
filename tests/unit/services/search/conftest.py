"""Fixture of the search services over a temporary folder."""

from pathlib import Path

import pytest

from tests.unit.services.search.rig import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)
