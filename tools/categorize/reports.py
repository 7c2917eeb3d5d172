"""Writes the result of a sorting run as CSV, as JSON and as a contact sheet in HTML."""

import base64
import csv
import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader

from domain.labels import LabelScore, Vocabulary
from services.images.files import describe_passed_over, utf8_path
from tools.categorize.types import SortedFile, SortLog, SortPlan, SortResult, thumbnail_key

_TEMPLATES = Environment(
    loader=PackageLoader("tools.categorize"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_TEMPLATES.filters |= {"utf8_path": utf8_path, "passed_over": describe_passed_over}

CSV_NAME: Final = "report.csv"
JSON_NAME: Final = "report.json"
HTML_NAME: Final = "report.html"
REPORT_NAMES: Final = (CSV_NAME, JSON_NAME, HTML_NAME)

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Characters with which spreadsheets begin a formula, in both widths."""

_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)

CSV_COLUMNS = ("path", "category", "confidence", "best", "best_confidence", "target", "problem")


def write_reports(result: SortResult, plan: SortPlan, log: SortLog) -> None:
    """Write all three reports.

    Raises:
        StorageUnavailable: The disk is full or cannot be written.
    """
    log.write_report(CSV_NAME, _csv_rows(result))
    log.write_report(JSON_NAME, [json.dumps(_json_report(result, plan), ensure_ascii=False, indent=1), "\n"])
    log.write_report(HTML_NAME, render_contact_sheet(result, plan, log))


def render_contact_sheet(result: SortResult, plan: SortPlan, log: SortLog) -> Iterator[str]:
    """Yield the page in pieces, so that the thumbnails of a large folder are never all in memory."""

    def thumbnail_url(found: SortedFile) -> str | None:
        jpeg = log.thumbnail(thumbnail_key(found.file))
        return None if jpeg is None else "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()

    def file_url(found: SortedFile) -> str:
        path = plan.folder / found.file.path if found.target is None else plan.out / found.target
        return relative_url(path, plan.report_folder)

    page = _TEMPLATES.get_template("contact_sheet.html")
    return page.generate(result=result, plan=plan, thumbnail_url=thumbnail_url, file_url=file_url)


def relative_url(path: Path, folder: Path) -> str:
    """Return the URL of `path` relative to a page in `folder`; file names need not be valid Unicode."""
    return quote(os.fsencode(os.path.relpath(path, folder)))


def _csv_rows(result: SortResult) -> Iterator[str]:
    """Yield a line for each file; `best` is the most probable label, also for the category `unknown`."""
    yield _csv_line(CSV_COLUMNS)
    for found in result.sorted_files:
        chosen, best = found.prediction.chosen, found.prediction.alternatives[0]
        confidences = f"{chosen.confidence:.4f}", f"{best.confidence:.4f}"
        target = utf8_path(found.target or "")
        cells = (
            utf8_path(found.file.path),
            chosen.label,
            confidences[0],
            best.label,
            confidences[1],
            target,
            "",
        )
        yield _csv_line(cells)
    for problem in result.problems:
        yield _csv_line((utf8_path(problem.path), "", "", "", "", "", problem.reason))


def _csv_line(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow(map(spreadsheet_cell, cells))
    return text.getvalue()


def spreadsheet_cell(text: str) -> str:
    """Return the text of a cell that no spreadsheet runs as a formula.

    An apostrophe before the text, as OWASP advises against CSV injection, makes it plain text. Numbers, also
    negative ones, stay as they are.
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not _NUMBER.fullmatch(text) else text


def _json_report(result: SortResult, plan: SortPlan) -> dict[str, object]:
    return {
        "folder": utf8_path(plan.folder),
        "out": utf8_path(plan.out) if plan.action else None,
        "deed": plan.action or "dry-run",
        "confidence_threshold": plan.label_options.confidence_threshold,
        "labeller": {"name": result.labeller.name, "sha256": result.labeller.sha256},
        "categories": result.counts,
        "photographs": [_sorted_file_json(found) for found in result.sorted_files],
        "problems": [
            {"path": utf8_path(problem.path), "reason": problem.reason} for problem in result.problems
        ],
        "ignored": sum(result.passed_over.values()),
        "passed_over": dict(result.passed_over),
        **_label_notes(plan.label_options.vocabulary),
        "linked_folders": result.linked_folders,
    }


def _label_notes(vocabulary: Vocabulary) -> dict[str, object]:
    """Return how the labels were read, as answers of the service do; nothing where they were read as sent."""
    notes = {
        "read_as": vocabulary.readings,
        "untranslated_labels": vocabulary.untranslated,
        "merged_labels": [{"label": one.label, "sent": one.sent} for one in vocabulary.merged],
    }
    return {name: note for name, note in notes.items() if note}


def _sorted_file_json(found: SortedFile) -> dict[str, object]:
    return {
        "path": utf8_path(found.file.path),
        "category": found.prediction.chosen.label,
        "confidence": round(found.prediction.chosen.confidence, 4),
        "names": [_score_json(score) for score in found.prediction.alternatives],
        "unknown": round(found.prediction.unknown, 4),
        "target": None if found.target is None else utf8_path(found.target),
    }


def _score_json(score: LabelScore) -> dict[str, object]:
    return {"label": score.label, "confidence": round(score.confidence, 4)}
