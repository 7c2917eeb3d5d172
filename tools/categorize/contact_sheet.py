"""The contact sheet: one HTML file that needs no other, with a small picture of every photograph."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, PackageLoader

from tools.categorize.order import Order
from tools.categorize.outcome import Outcome, Sorted, thumbnail_key
from tools.categorize.types import SortingNotes

_PAGES = Environment(
    loader=PackageLoader("tools.categorize"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


def contact_sheet(outcome: Outcome, order: Order, notes: SortingNotes) -> Iterator[str]:
    """The page in pieces: the pictures of a large folder are never all in memory."""

    def source(found: Sorted) -> str | None:
        jpeg = notes.thumbnail(thumbnail_key(found.file))
        return None if jpeg is None else "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()

    def link(found: Sorted) -> str:
        path = order.folder / found.file.path if found.target is None else order.out / found.target
        return relative_url(path, order.reports)

    page = _PAGES.get_template("contact_sheet.html")
    return page.generate(outcome=outcome, order=order, source=source, link=link)


def relative_url(path: Path, folder: Path) -> str:
    """How a page in `folder` refers to `path`. Names of files are bytes, and need not be Unicode."""
    return quote(os.fsencode(os.path.relpath(path, folder)))
