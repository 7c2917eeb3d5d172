"""Measures how well the edges of the embedded segmenter agree with boundaries that people drew."""

from config.settings import Settings
from models.runtime.onnx import OnnxGraph
from tools.benchmarks.boundaries import EDGES, TOLERANCE, f_measure, pack_counts
from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row


def evaluate(part: Part) -> tuple[str, list[Row]]:
    """Return a title, and F at the threshold that is best for all images together."""
    graph = OnnxGraph(Settings().weights_dir / EDGES, 1)
    counts = pack_counts(graph, part.pack, part.keys)
    best = float(f_measure(counts.sum(axis=0)).max())
    title = f"boundaries, {len(counts)} images, within {TOLERANCE:.2%} of the diagonal"
    return title, [Row("F, one threshold for all (ODS)", best, 0.74)]
