"""The real service with the embedded models, and real photographs."""

from collections.abc import Iterator

import numpy as np
import pytest
from skimage import data

from domain.arrays import Rgb
from tests.conftest import png_bytes
from tools.benchmarks.server import Server, running


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The service, started as `make run` starts it."""
    with running() as service:
        yield service


@pytest.fixture(scope="session")
def photographs() -> dict[str, Rgb]:
    """Photographs that scikit-image carries."""
    names = ("astronaut", "chelsea", "coffee")
    return {name: np.ascontiguousarray(getattr(data, name)()) for name in names}


@pytest.fixture(scope="session")
def file_ids(server: Server, photographs: dict[str, Rgb]) -> dict[str, str]:
    """The same, uploaded."""
    return {name: server.upload(png_bytes(rgb)) for name, rgb in photographs.items()}
