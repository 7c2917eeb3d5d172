"""Bar charts of probabilities, as PNG files."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from domain.labels import UNKNOWN_LABEL, LabelScore

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHART_WIDTH_IN, CHART_ROW_IN, CHART_MARGIN_IN = 5.0, 0.34, 0.7
CHART_DPI = 100
BAR_COLOR, UNKNOWN_BAR_COLOR = "#3b6fb6", "#9a9a9a"
MAX_LABEL_CHARACTERS = 32
MISSING_GLYPH = "\N{WHITE SQUARE}"
"""Stands for what the font cannot draw."""


def bar_chart(scores: Sequence[LabelScore], font: Path | None = None) -> bytes:
    """Horizontal bars, the first score on top; `unknown` is grey.

    Args:
        scores: At least one.
        font: TrueType font of the names; None: matplotlib's own, DejaVu Sans.

    Raises:
        OSError: The font cannot be read.
    """
    # It takes most of a second to import, and few requests draw. A Figure of its own, and not pyplot, which
    # keeps figures in a global that threads would share.
    from matplotlib.figure import Figure

    size = CHART_WIDTH_IN, CHART_MARGIN_IN + CHART_ROW_IN * len(scores)
    figure = Figure(figsize=size, dpi=CHART_DPI, layout="constrained")
    axes = figure.subplots()
    _draw_bars(axes, scores)
    write_labels(axes, [score.label for score in scores], font)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _draw_bars(axes: "Axes", scores: Sequence[LabelScore]) -> None:
    values = [score.confidence for score in scores]
    colors = [UNKNOWN_BAR_COLOR if score.label == UNKNOWN_LABEL else BAR_COLOR for score in scores]
    bars = axes.barh(range(len(scores)), values, color=colors)
    axes.bar_label(bars, [f"{value:.1%}" for value in values], padding=4)
    axes.set_xlim(0, 1.15)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25%", "50%", "75%", "100%"])
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)


def write_labels(axes: "Axes", names: Sequence[str], font: Path | None = None) -> None:
    """Names at 0, 1, 2 ... along the vertical axis, shortened, as far as the font has their letters."""
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.ft2font import FT2Font

    properties = FontProperties(fname=font) if font else FontProperties()
    glyphs = FT2Font(findfont(properties))
    shown = [
        "".join(c if glyphs.get_char_index(ord(c)) else MISSING_GLYPH for c in _short(name)) for name in names
    ]
    axes.set_yticks(range(len(names)), shown)
    for label in axes.get_yticklabels():
        label.set_fontproperties(properties)
        label.set_parse_math(False)


def _short(name: str) -> str:
    name = " ".join(name.split())
    return name if len(name) <= MAX_LABEL_CHARACTERS else name[: MAX_LABEL_CHARACTERS - 1] + "…"
