"""The service and the command line answer what they answered when tests/record was written.

`python -m tests.record record` writes the record again where an answer shall be another one.
"""

import pytest

from tests.record.__main__ import ROOT
from tests.record.recorder import PARTS, changes


@pytest.mark.parametrize("part", PARTS)
def test_nothing_has_changed(part: str) -> None:
    found = changes(part, ROOT)
    assert not found, f"{len(found)} differences from tests/record/{part}.json:\n" + "\n".join(found)
