"""Bar charts of probabilities, as PNG files."""

import io
from collections.abc import Sequence

from matplotlib.figure import Figure

from domain.types import LabelScore
from domain.types.label import UNKNOWN

WIDTH_IN, ROW_IN, MARGIN_IN = 5.0, 0.34, 0.7
DPI = 100
BAR, GREY = "#3b6fb6", "#9a9a9a"
LONGEST = 32


def bar_chart(scores: Sequence[LabelScore], title: str = "") -> bytes:
    """Horizontal bars, the first score on top; `unknown` is grey."""
    # A Figure of its own, and not pyplot: pyplot keeps figures in a global, and threads would share it.
    figure = Figure(
        figsize=(WIDTH_IN, MARGIN_IN + ROW_IN * max(len(scores), 1)), dpi=DPI, layout="constrained"
    )
    axes = figure.subplots()
    rows = range(len(scores))
    values = [score.confidence for score in scores]
    colors = [GREY if score.label == UNKNOWN else BAR for score in scores]
    bars = axes.barh(rows, values, color=colors)
    axes.bar_label(bars, [f"{value:.1%}" for value in values], padding=4)
    axes.set_yticks(rows, [_short(score.label) for score in scores])
    axes.set_xlim(0, 1.15)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25%", "50%", "75%", "100%"])
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    if title:
        axes.set_title(_short(title), parse_math=False)
    for label in axes.get_yticklabels():
        label.set_parse_math(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _short(name: str) -> str:
    name = " ".join(name.split())
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
