"""Exports the depth network to ONNX with its weights in fp16."""

import copy
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import Tensor, nn

from tools.training.backbone import Normalise
from tools.training.contour.export_edges import fix_padding, fold_norms, halve_weights
from tools.training.depth.network import DepthNetwork
from tools.training.tracing import traced


class Deployed(nn.Module):
    """Runs the trained network on raw pixels and averages over the image and its mirror image."""

    def __init__(self, network: DepthNetwork) -> None:
        super().__init__()
        self.network = network
        self.normalise = Normalise()

    def forward(self, rgb: Tensor) -> Tensor:
        """Return relative inverse depth, float32 [H / 2, W / 2], larger = nearer, of uint8 [H, W, 3]."""
        pixels = self.normalise(rgb)
        plain, mirrored = self.network(torch.cat([pixels, pixels.flip(3)]))[:, 0]
        mean: Tensor = (plain + mirrored.flip(1)) / 2
        return mean


def export(network: DepthNetwork, path: Path) -> None:
    """Write the graph, and print how far its output is from that of the network.

    Input `rgb` is uint8 [H, W, 3] with sides divisible by 32, output `inverse` is float32 [H / 2, W / 2].
    """
    ready = copy.deepcopy(network).eval()
    fold_norms(ready)
    fix_padding(ready)
    deployed = Deployed(ready).eval()
    onnx.save(_graph(deployed), path)
    print(f"{path.stat().st_size} bytes, differs by {_difference(deployed, path):.1e} of the range")


def _graph(deployed: Deployed) -> onnx.ModelProto:
    axes = {"rgb": {0: "height", 1: "width"}, "inverse": {0: "half height", 1: "half width"}}
    example = torch.zeros(192, 256, 3, dtype=torch.uint8)
    model = traced(deployed, (example,), ["rgb"], ["inverse"], axes)
    halve_weights(model)
    return model


def _difference(deployed: Deployed, path: Path) -> float:
    """Return the largest difference between network and file, as a share of the output's range.

    The image has smooth colours and another size than the one that was traced.
    """
    y, x = np.mgrid[:160, :320]
    rgb = np.stack([x * 0.8, y * 1.5, 255 - x * 0.7], 2).astype(np.uint8)
    with torch.inference_mode():
        expected = deployed(torch.from_numpy(rgb)).numpy()
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return float(np.abs(session.run(None, {"rgb": rgb})[0] - expected).max() / np.ptp(expected))
