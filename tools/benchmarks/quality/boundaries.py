"""How well the embedded segmenter's edges agree with boundaries that people drew."""

import numpy as np
from tqdm import tqdm

from config.settings import Settings
from models.contour.network import edge_map
from models.runtime.onnx import OnnxGraph
from tools.benchmarks.boundaries import TOLERANCE, Drawn, boundary, f_measure, image_counts
from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row

EDGES = "contour-edges.onnx"


def judge(part: Part) -> tuple[str, list[Row]]:
    """A title, and F at the one threshold that is best for all photographs."""
    graph = OnnxGraph(Settings().weights_dir / EDGES, 1)
    counts = []
    for key in tqdm(part.keys, unit="photo"):
        drawn = [Drawn(boundary(labels)) for labels in part.pack.annotator_maps(key)]
        counts.append(image_counts(edge_map(graph, part.pack.image(key)), drawn))
    best = float(f_measure(np.sum(counts, axis=0)).max())
    title = f"boundaries, {len(counts)} photographs, within {TOLERANCE:.2%} of the diagonal"
    return title, [Row("F, one threshold for all (ODS)", best, 0.74)]
