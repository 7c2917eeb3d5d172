"""Writes a comparison as a page of Markdown, a page of HTML and plots; a folder of all of them or none."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader

from adapters.files import fsync_folder, storage_errors, write_durable_file
from domain.errors import StorageUnavailable
from tools.compare.findings import SIDES, collect_findings, format_p_value, format_percent
from tools.compare.plots import draw_plots
from tools.compare.result import Comparison, MethodResult
from tools.compare.wins import MethodComparison

REPORT_NAMES: Final = ("report.md", "report.html")

MARKDOWN_ESCAPES: Final = str.maketrans({mark: "\\" + mark for mark in "\\`*_[]|<>#"})

_TEMPLATES = Environment(
    loader=PackageLoader("tools.compare"),
    autoescape=lambda name: bool(name) and str(name).endswith(".html"),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)

_TEMPLATES.filters |= {
    "share": format_percent,
    "chance": format_p_value,
    "plain": lambda text: str(text).translate(MARKDOWN_ESCAPES),
}


def report_files(found: Comparison) -> dict[str, bytes]:
    """All files of a report by name."""
    pages = {name: _render_page(name, found).encode() for name in REPORT_NAMES}
    return pages | draw_plots(found)


def result_table(found: Comparison) -> list[tuple[str, ...]]:
    """The contenders in cells, the head first."""
    head = (
        "contender", "right", "among first 5", "calibration error", "photographs learnt from",
        "numbers fitted", "training s (processor)", "ms a photograph (processor)",
    )  # fmt: skip
    return [head, *(_result_row(contender) for contender in found.contenders)]


def _result_row(it: MethodResult) -> tuple[str, ...]:
    per_image = it.per_image.times(1e3)
    return (
        it.name,
        format_percent(it.accuracy),
        format_percent(it.top5),
        f"{it.reliability.error:.3f}",
        f"{it.examples:,}",
        f"{it.parameters:,}",
        f"{it.training.wall_s:.1f} ({it.training.cpu_s:.1f})",
        f"{per_image.wall_s:.1f} ({per_image.cpu_s:.1f})",
    )


def _render_page(name: str, found: Comparison) -> str:
    names, best = found.data.names, found.best("cnn")
    pairs: Sequence[MethodComparison] = [
        MethodComparison(names, best, found.zero_shot), MethodComparison(names, best, found.best("encoder"))
    ][: 1 if found.best("encoder") is found.zero_shot else 2]  # fmt: skip
    facts: Mapping[str, object] = {
        "found": found,
        "table": result_table(found),
        "findings": collect_findings(found),
        "sides": SIDES,
        "pairs": pairs,
        "chance_level": 1 / len(names),
        "shots": sorted({point.shots for point in found.curve}),
        "curve": {(point.side, point.shots): point.accuracy for point in found.curve},
    }
    return _TEMPLATES.get_template(name).render(facts)


def check_folder_free(folder: Path) -> None:
    """Refuse a place where something is already.

    Raises:
        StorageUnavailable: It is neither missing nor an empty folder.
    """
    with storage_errors(f"look into {folder}"):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise StorageUnavailable(
                f"{folder}: expected a folder that is not there yet, or empty; nothing is overwritten"
            )


def publish_report(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write `files` by name beside `folder` and rename them all into place; whoever looks sees all or none.

    Raises:
        StorageUnavailable: Something is there already, or the disk refuses.
    """
    check_folder_free(folder)
    with storage_errors(f"write the report into {folder}"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            part.chmod(0o755)
            for name, data in files.items():
                write_durable_file(part / name, data)
            part.replace(folder)  # takes the place of an empty folder too
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        fsync_folder(folder.parent)
