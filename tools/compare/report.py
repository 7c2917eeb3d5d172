"""Writes a comparison as a page of Markdown, a page of HTML and plots; a folder of all of them or none."""

from collections.abc import Mapping, Sequence
from typing import Final

from jinja2 import Environment, PackageLoader

from tools.compare.contender import Contender
from tools.compare.figures import chance, share
from tools.compare.findings import SIDES, findings_of
from tools.compare.outcome import Comparison
from tools.compare.plots import plots_of
from tools.compare.wins import Wins

REPORTS: Final = ("report.md", "report.html")
MARKUP: Final = str.maketrans({mark: "\\" + mark for mark in "\\`*_[]|<>#"})

_PAGES = Environment(
    loader=PackageLoader("tools.compare"),
    autoescape=lambda name: bool(name) and str(name).endswith(".html"),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_PAGES.filters |= {"share": share, "chance": chance, "plain": lambda text: str(text).translate(MARKUP)}


def report_files(found: Comparison) -> dict[str, bytes]:
    """All files of a report by name."""
    pages = {name: _page(name, found).encode() for name in REPORTS}
    return pages | plots_of(found)


def table(found: Comparison) -> list[tuple[str, ...]]:
    """The contenders in cells, the head first."""
    head = (
        "contender", "right", "among first 5", "calibration error", "photographs learnt from",
        "numbers fitted", "training s (processor)", "ms a photograph (processor)",
    )  # fmt: skip
    return [head, *(_row(contender) for contender in found.contenders)]


def _row(it: Contender) -> tuple[str, ...]:
    per_image = it.per_image.times(1e3)
    return (
        it.name,
        share(it.accuracy),
        share(it.top5),
        f"{it.reliability.error:.3f}",
        f"{it.examples:,}",
        f"{it.parameters:,}",
        f"{it.training.wall_s:.1f} ({it.training.cpu_s:.1f})",
        f"{per_image.wall_s:.1f} ({per_image.cpu_s:.1f})",
    )


def _page(name: str, found: Comparison) -> str:
    names, best = found.data.names, found.best("cnn")
    pairs: Sequence[Wins] = [
        Wins(names, best, found.zero_shot), Wins(names, best, found.best("encoder"))
    ][: 1 if found.best("encoder") is found.zero_shot else 2]  # fmt: skip
    facts: Mapping[str, object] = {
        "found": found,
        "table": table(found),
        "findings": findings_of(found),
        "sides": SIDES,
        "pairs": pairs,
        "chance_level": 1 / len(names),
        "shots": sorted({point.shots for point in found.curve}),
        "curve": {(point.side, point.shots): point.accuracy for point in found.curve},
    }
    return _PAGES.get_template(name).render(facts)
