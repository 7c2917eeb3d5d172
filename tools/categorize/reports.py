"""Writes what came of a sorting: for spreadsheets, for programs, and to look at."""

import base64
import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader

from domain.labels import LabelScore
from tools.categorize.types import SortedFile, SortLog, SortPlan, SortResult, thumbnail_key

_TEMPLATES = Environment(
    loader=PackageLoader("tools.categorize"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


def render_contact_sheet(outcome: SortResult, order: SortPlan, notes: SortLog) -> Iterator[str]:
    """The page in pieces: the pictures of a large folder are never all in memory."""

    def source(found: SortedFile) -> str | None:
        jpeg = notes.thumbnail(thumbnail_key(found.file))
        return None if jpeg is None else "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()

    def link(found: SortedFile) -> str:
        path = order.folder / found.file.path if found.target is None else order.out / found.target
        return relative_url(path, order.reports)

    page = _TEMPLATES.get_template("contact_sheet.html")
    return page.generate(outcome=outcome, order=order, source=source, link=link)


def relative_url(path: Path, folder: Path) -> str:
    """How a page in `folder` refers to `path`. Names of files are bytes, and need not be Unicode."""
    return quote(os.fsencode(os.path.relpath(path, folder)))


CSV_NAME: Final = "report.csv"

JSON_NAME: Final = "report.json"

HTML_NAME: Final = "report.html"

REPORT_NAMES: Final = (CSV_NAME, JSON_NAME, HTML_NAME)

CSV_COLUMNS = ("path", "category", "confidence", "best", "best_confidence", "target", "problem")


def write_reports(outcome: SortResult, order: SortPlan, notes: SortLog) -> None:
    """Write all three.

    Raises:
        StorageUnavailable: The disk is full, or cannot be written.
    """
    notes.write(CSV_NAME, _csv_rows(outcome))
    notes.write(JSON_NAME, [json.dumps(_json_report(outcome, order), ensure_ascii=False, indent=1), "\n"])
    notes.write(HTML_NAME, render_contact_sheet(outcome, order, notes))


def _csv_rows(outcome: SortResult) -> Iterator[str]:
    """A line each; `best` is the likeliest real name, also where the category is `unknown`."""
    yield _csv_line(CSV_COLUMNS)
    for found in outcome.photographs:
        chosen, best = found.naming.chosen, found.naming.alternatives[0]
        shares = f"{chosen.confidence:.4f}", f"{best.confidence:.4f}"
        yield _csv_line(
            (found.file.path, chosen.label, shares[0], best.label, shares[1], found.target or "", "")
        )
    for problem in outcome.problems:
        yield _csv_line((problem.path, "", "", "", "", "", problem.reason))


def _csv_line(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _json_report(outcome: SortResult, order: SortPlan) -> dict[str, object]:
    return {
        "folder": str(order.folder),
        "out": str(order.out) if order.deed else None,
        "deed": order.deed or "dry-run",
        "confidence_threshold": order.naming.confidence_threshold,
        "labeller": {"name": outcome.labeller.name, "sha256": outcome.labeller.sha256},
        "categories": outcome.counts,
        "photographs": [_photo_json(found) for found in outcome.photographs],
        "problems": [{"path": problem.path, "reason": problem.reason} for problem in outcome.problems],
        "ignored": outcome.ignored,
        "linked_folders": outcome.linked_folders,
    }


def _photo_json(found: SortedFile) -> dict[str, object]:
    return {
        "path": found.file.path,
        "category": found.naming.chosen.label,
        "confidence": round(found.naming.chosen.confidence, 4),
        "names": [_score_json(score) for score in found.naming.alternatives],
        "unknown": round(found.naming.unknown, 4),
        "target": found.target,
    }


def _score_json(score: LabelScore) -> dict[str, object]:
    return {"label": score.label, "confidence": round(score.confidence, 4)}
