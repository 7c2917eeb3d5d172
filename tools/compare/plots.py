"""Draws the plots of a comparison as PNG files."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from services.classify.chart import BAR_COLOR, CHART_DPI, UNKNOWN_BAR_COLOR, write_labels
from tools.compare.method_comparison import MethodComparison
from tools.compare.result import Comparison, MethodResult, Side

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIDE_COLORS: Mapping[Side, str] = {"cnn": "#d9822b", "encoder": BAR_COLOR}
MAX_CLASS_TICKS = 20
"""Largest number of classes whose names fit beside a confusion matrix."""
MAX_PLOTTED_GAPS = 12
"""Largest number of classes plotted for each side."""


def draw_plots(comparison: Comparison) -> dict[str, bytes]:
    """Return the plots, PNG files, by file name."""
    return {f"{name}.png": _png_bytes(draw(comparison)) for name, draw in _PLOTS.items()}


def _png_bytes(figure: "Figure") -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _new_figure(width: float, height: float) -> "Figure":
    # The import is late because it is slow; pyplot would keep the figures in a global.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=CHART_DPI, layout="constrained")


def _plot_accuracy(comparison: Comparison) -> "Figure":
    """Plot the accuracy as bars and the top-5 accuracy as marks."""
    methods = comparison.methods
    figure = _new_figure(6, 0.9 + 0.5 * len(methods))
    axes, rows = figure.subplots(), range(len(methods))
    axes.barh(rows, [it.accuracy for it in methods], color=[SIDE_COLORS[it.side] for it in methods])
    axes.plot([it.top5_accuracy for it in methods], rows, "k|", markersize=16, label="top-5 accuracy")
    write_labels(axes, [f"{it.name} {it.accuracy:.1%}" for it in methods])
    chance_level = 1 / len(comparison.data.class_names)
    axes.axvline(chance_level, color=UNKNOWN_BAR_COLOR, linestyle=":", label="chance")
    axes.set(xlim=(0, 1.02), xlabel="accuracy")
    axes.invert_yaxis()
    figure.legend(loc="outside upper right", ncols=2, frameon=False, fontsize=8)
    return figure


def _plot_curve(comparison: Comparison) -> "Figure":
    """Plot the accuracy by the number of examples per class."""
    figure = _new_figure(6, 3.6)
    axes, shots = figure.subplots(), sorted({point.shots for point in comparison.curve})
    _draw_points(axes, comparison, "encoder", "few-shot")
    _draw_points(axes, comparison, "cnn", "linear probe")
    zero_shot = comparison.zero_shot.accuracy
    axes.axhline(zero_shot, color=SIDE_COLORS["encoder"], linestyle="--", label="zero-shot")
    if comparison.epochs:
        accuracy = comparison.methods[-1].accuracy
        axes.plot([shots[-1]], [accuracy], "*", color=SIDE_COLORS["cnn"], markersize=14, label="fine-tuned")
    _scale_shots(axes, shots)
    axes.legend(frameon=False, fontsize=8)
    return figure


def _draw_points(axes: "Axes", comparison: Comparison, side: Side, label: str) -> None:
    points = [point for point in comparison.curve if point.side == side]
    shots, accuracies = [it.shots for it in points], [it.accuracy for it in points]
    axes.plot(shots, accuracies, "o-", color=SIDE_COLORS[side], label=label)


def _scale_shots(axes: "Axes", shots: Sequence[int]) -> None:
    axes.set(xscale="log", ylim=(0, 1), xlabel="photographs per class", ylabel="accuracy")
    axes.set_xticks(shots, [str(count) for count in shots])
    axes.minorticks_off()
    axes.grid(alpha=0.3)


def _method_axes(
    figure: "Figure", comparison: Comparison, sharey: bool
) -> Iterator[tuple["Axes", MethodResult]]:
    """Yield the axes of each method, side by side."""
    row = np.atleast_1d(figure.subplots(1, len(comparison.methods), sharey=sharey))
    return zip(row, comparison.methods, strict=True)


def _plot_reliability(comparison: Comparison) -> "Figure":
    """Plot the accuracy by confidence; a perfectly calibrated method is on the diagonal."""
    figure = _new_figure(2.4 * len(comparison.methods), 2.9)
    for axes, method in _method_axes(figure, comparison, sharey=True):
        bins, color = method.reliability, SIDE_COLORS[method.side]
        full = bins.counts > 0
        confidence, accuracy = bins.confidence[full], bins.accuracy[full]
        axes.plot([0, 1], [0, 1], color=UNKNOWN_BAR_COLOR, linestyle=":")
        axes.plot(confidence, accuracy, color=color)
        axes.scatter(confidence, accuracy, s=10 + 200 * bins.counts[full] / bins.counts.sum(), color=color)
        axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="confidence", aspect="equal")
        axes.set_title(f"{method.name}\nerror {bins.error:.3f}", fontsize=9)
    figure.axes[0].set_ylabel("accuracy")
    return figure


def _plot_confusion(comparison: Comparison) -> "Figure":
    """Plot the confusion matrices, a row for each class and a column for each predicted class."""
    figure = _new_figure(3.2 * len(comparison.methods), 3.6)
    for axes, method in _method_axes(figure, comparison, sharey=False):
        matrix = method.confusion_matrix
        normalized = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
        axes.imshow(normalized, cmap="magma_r", vmin=0, vmax=1, interpolation="nearest")
        axes.set_title(method.name, fontsize=9)
        axes.set(xticks=[], yticks=[], xlabel="predicted class")
    if len(comparison.data.class_names) <= MAX_CLASS_TICKS:
        write_labels(figure.axes[0], comparison.data.class_names)
    figure.axes[0].set_ylabel("class")
    return figure


def _plot_classes(comparison: Comparison) -> "Figure":
    """Plot the classes with the largest lead of either side."""
    pair = MethodComparison(comparison.data.class_names, comparison.best("cnn"), comparison.zero_shot)
    gaps = [*pair.first_better[:MAX_PLOTTED_GAPS], *reversed(pair.second_better[:MAX_PLOTTED_GAPS])]
    figure = _new_figure(6, 1 + 0.22 * len(gaps))
    axes = figure.subplots()
    values = [gap.first - gap.second for gap in gaps]
    colors = [SIDE_COLORS["cnn" if value > 0 else "encoder"] for value in values]
    axes.barh(range(len(gaps)), values, color=colors)
    write_labels(axes, [gap.class_name for gap in gaps])
    axes.tick_params(labelsize=8)
    axes.set(xlim=(-1, 1), xlabel=f"{pair.second.name} better  ←  accuracy  →  {pair.first.name} better")
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
