"""Draws what a comparison found, as PNG files."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from services.classify.chart import BAR_COLOR, CHART_DPI, UNKNOWN_BAR_COLOR, write_labels
from tools.compare.result import Comparison, Side
from tools.compare.wins import MethodComparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

METHOD_COLORS: Mapping[Side, str] = {"cnn": "#d9822b", "encoder": BAR_COLOR}
MAX_CLASS_TICKS = 20
"""With more classes than that a confusion matrix has no room for names."""
MAX_PLOTTED_GAPS = 12


def draw_plots(found: Comparison) -> dict[str, bytes]:
    """The plots by file name."""
    return {f"{name}.png": _png_bytes(draw(found)) for name, draw in _PLOTS.items()}


def _png_bytes(figure: "Figure") -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _new_figure(width: float, height: float) -> "Figure":
    # As in services.classify.chart: late, since it is slow to import, and not pyplot, which keeps figures.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=CHART_DPI, layout="constrained")


def _plot_accuracy(found: Comparison) -> "Figure":
    """Right at once as bars, right among the first five as marks."""
    figure = _new_figure(6, 0.9 + 0.5 * len(found.contenders))
    axes, rows = figure.subplots(), range(len(found.contenders))
    colors = [METHOD_COLORS[it.side] for it in found.contenders]
    axes.barh(rows, [it.accuracy for it in found.contenders], color=colors)
    axes.plot([it.top5 for it in found.contenders], rows, "k|", markersize=16, label="among the first five")
    write_labels(axes, [f"{it.name} {it.accuracy:.1%}" for it in found.contenders])
    axes.axvline(1 / len(found.data.names), color=UNKNOWN_BAR_COLOR, linestyle=":", label="chance")
    axes.set(xlim=(0, 1.02), xlabel="right answers")
    axes.invert_yaxis()
    figure.legend(loc="outside upper right", ncols=2, frameon=False, fontsize=8)
    return figure


def _plot_curve(found: Comparison) -> "Figure":
    """Accuracy by photographs a class."""
    figure = _new_figure(6, 3.6)
    axes, shots = figure.subplots(), sorted({point.shots for point in found.curve})
    _draw_points(axes, found, "encoder", "few-shot")
    _draw_points(axes, found, "cnn", "linear probe")
    axes.axhline(found.zero_shot.accuracy, color=METHOD_COLORS["encoder"], linestyle="--", label="zero-shot")
    if found.epochs:
        tuned = found.contenders[-1].accuracy
        axes.plot([shots[-1]], [tuned], "*", color=METHOD_COLORS["cnn"], markersize=14, label="fine-tuned")
    _scale_shots(axes, shots)
    axes.legend(frameon=False, fontsize=8)
    return figure


def _draw_points(axes: "Axes", found: Comparison, side: Side, label: str) -> None:
    points = [point for point in found.curve if point.side == side]
    shots, accuracies = [it.shots for it in points], [it.accuracy for it in points]
    axes.plot(shots, accuracies, "o-", color=METHOD_COLORS[side], label=label)


def _scale_shots(axes: "Axes", shots: Sequence[int]) -> None:
    axes.set(xscale="log", ylim=(0, 1), xlabel="photographs a class", ylabel="right answers")
    axes.set_xticks(shots, [str(count) for count in shots])
    axes.minorticks_off()
    axes.grid(alpha=0.3)


def _plot_reliability(found: Comparison) -> "Figure":
    """How often right, by how sure; a perfect contender is on the diagonal."""
    figure = _new_figure(2.4 * len(found.contenders), 2.9)
    for axes, it in zip(
        np.atleast_1d(figure.subplots(1, len(found.contenders), sharey=True)), found.contenders, strict=True
    ):
        full = it.reliability.counts > 0
        weight = it.reliability.counts[full] / it.reliability.counts.sum()
        axes.plot([0, 1], [0, 1], color=UNKNOWN_BAR_COLOR, linestyle=":")
        axes.plot(
            it.reliability.confidence[full], it.reliability.accuracy[full], color=METHOD_COLORS[it.side]
        )
        axes.scatter(
            it.reliability.confidence[full],
            it.reliability.accuracy[full],
            s=10 + 200 * weight,
            color=METHOD_COLORS[it.side],
        )
        axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="sure", aspect="equal")
        axes.set_title(f"{it.name}\nerror {it.reliability.error:.3f}", fontsize=9)
    figure.axes[0].set_ylabel("right")
    return figure


def _plot_confusion(found: Comparison) -> "Figure":
    """A row for each class, its answers along the row; the diagonal is right."""
    figure = _new_figure(3.2 * len(found.contenders), 3.6)
    for axes, it in zip(
        np.atleast_1d(figure.subplots(1, len(found.contenders))), found.contenders, strict=True
    ):
        shares = it.confusion / np.maximum(it.confusion.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares, cmap="magma_r", vmin=0, vmax=1, interpolation="nearest")
        axes.set_title(it.name, fontsize=9)
        axes.set(xticks=[], yticks=[], xlabel="answer")
    if len(found.data.names) <= MAX_CLASS_TICKS:
        write_labels(figure.axes[0], found.data.names)
    figure.axes[0].set_ylabel("class")
    return figure


def _plot_classes(found: Comparison) -> "Figure":
    """The classes where either side is furthest ahead."""
    wins = MethodComparison(found.data.names, found.best("cnn"), found.zero_shot)
    gaps = [*wins.of_first[:MAX_PLOTTED_GAPS], *reversed(wins.of_second[:MAX_PLOTTED_GAPS])]
    figure = _new_figure(6, 1 + 0.22 * len(gaps))
    axes = figure.subplots()
    values = [gap.first - gap.second for gap in gaps]
    axes.barh(
        range(len(gaps)), values, color=[METHOD_COLORS["cnn" if value > 0 else "encoder"] for value in values]
    )
    write_labels(axes, [gap.name for gap in gaps])
    axes.tick_params(labelsize=8)
    axes.set(xlim=(-1, 1), xlabel=f"{wins.second.name} better  ←  right answers  →  {wins.first.name} better")
    axes.axvline(0, color="black", linewidth=0.8)
    axes.invert_yaxis()
    return figure


_PLOTS: Mapping[str, Callable[[Comparison], "Figure"]] = {
    "accuracy": _plot_accuracy,
    "examples": _plot_curve,
    "classes": _plot_classes,
    "confusion": _plot_confusion,
    "reliability": _plot_reliability,
}
