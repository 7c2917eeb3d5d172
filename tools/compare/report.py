"""Writes a comparison as Markdown, HTML and plots into a folder, completely or not at all."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader

from adapters.files import fsync_folder, storage_errors, write_durable_file
from domain.errors import StorageUnavailable
from services.images.files import display_path
from tools.compare.findings import SIDES, collect_findings, format_p_value, format_percent
from tools.compare.method_comparison import MethodComparison
from tools.compare.plots import draw_plots
from tools.compare.result import Comparison, MethodResult

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
    "percent": format_percent,
    "display_path": display_path,
    "p_value": format_p_value,
    "escape_markdown": lambda text: str(text).translate(MARKDOWN_ESCAPES),
}


def report_files(comparison: Comparison) -> dict[str, bytes]:
    """Return all files of a report by name."""
    pages = {name: _render_page(name, comparison).encode() for name in REPORT_NAMES}
    return pages | draw_plots(comparison)


def result_table(comparison: Comparison) -> list[tuple[str, ...]]:
    """Return the table of the methods as rows of cells, the header first."""
    header = (
        "method", "accuracy", "top-5 accuracy", "calibration error", "training photographs",
        "fitted parameters", "training s (processor)", "ms per photograph (processor)",
    )  # fmt: skip
    return [header, *(_result_row(method) for method in comparison.methods)]


def _result_row(method: MethodResult) -> tuple[str, ...]:
    cost_ms = method.cost_per_image.times(1e3)
    return (
        method.name,
        format_percent(method.accuracy),
        format_percent(method.top5_accuracy),
        f"{method.reliability.error:.3f}",
        f"{method.examples:,}",
        f"{method.parameters:,}",
        f"{method.training.wall_s:.1f} ({method.training.cpu_s:.1f})",
        f"{cost_ms.wall_s:.1f} ({cost_ms.cpu_s:.1f})",
    )


def _render_page(name: str, comparison: Comparison) -> str:
    names, best_cnn = comparison.data.class_names, comparison.best("cnn")
    rivals = [comparison.zero_shot]
    if comparison.best("encoder") is not comparison.zero_shot:
        rivals.append(comparison.best("encoder"))
    variables: Mapping[str, object] = {
        "comparison": comparison,
        "table": result_table(comparison),
        "findings": collect_findings(comparison),
        "sides": SIDES,
        "pairs": [MethodComparison(names, best_cnn, rival) for rival in rivals],
        "chance_level": 1 / len(names),
        "shots": sorted({point.shots for point in comparison.curve}),
        "curve": {(point.side, point.shots): point.accuracy for point in comparison.curve},
    }
    return _TEMPLATES.get_template(name).render(variables)


def check_folder_free(folder: Path) -> None:
    """Check that `folder` is missing or empty.

    Raises:
        StorageUnavailable: It is neither.
    """
    with storage_errors(f"examine {folder}"):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise StorageUnavailable(
                f"{folder}: expected a folder that does not exist yet or is empty; nothing is overwritten"
            )


def publish_report(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write `files` by name beside `folder` and rename them all into place at once.

    Raises:
        StorageUnavailable: `folder` is not free, or the disk cannot be written.
    """
    check_folder_free(folder)
    with storage_errors(f"write the report into {folder}"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            part.chmod(0o755)
            for name, data in files.items():
                write_durable_file(part / name, data)
            part.replace(folder)  # This also replaces an empty folder.
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        fsync_folder(folder.parent)
