"""Makes records of a checkout, and compares them with records that were made before."""

from pathlib import Path
from typing import Any

from tests.record import files
from tests.record.cases import CASES
from tests.record.checkout import serving
from tests.record.commands import commands
from tests.record.compare import differences
from tests.record.exchange import Exchange
from tests.record.images import images
from tests.record.summary import summary, without_texts

COMMITTED = {part: Path(__file__).with_name(f"{part}.json") for part in ("answers", "commands")}
"""Files of the committed record by its part."""


def answers(checkout: Path) -> dict[str, Any]:
    """Return the exact record of the HTTP service of a checkout."""
    with serving(checkout) as url:
        return Exchange(url, images(checkout / "examples")).answers(CASES)


PARTS = {"answers": answers, "commands": commands}
"""What records each part."""


def changes(part: str, checkout: Path) -> list[str]:
    """Return what differs from the committed record of a part."""
    return differences(files.read(COMMITTED[part]), summary(PARTS[part](checkout)))


def exact_changes(old: Any, new: Any, texts: bool) -> list[str]:
    """Return what differs between two exact records; prose counts if `texts`."""
    if texts:
        return differences(old, new, exactly=True)
    return differences(without_texts(old), without_texts(new), exactly=True)
