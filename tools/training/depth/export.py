"""Exports the depth network to ONNX: uint8 RGB in, relative inverse depth out, weights kept as fp16."""

import copy
import io
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import Tensor, nn

from tools.training.contour.export_edges import fix_padding, fold_norms, halve_weights
from tools.training.depth.network import MEAN, STD, DepthNetwork


class Deployed(nn.Module):
    """The trained network between raw pixels and inverse depth, averaged over the picture and its mirror."""

    def __init__(self, network: DepthNetwork) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1) * 255)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1) * 255)

    def forward(self, rgb: Tensor) -> Tensor:
        """float32 [H / 2, W / 2], larger = nearer, of uint8 [H, W, 3]."""
        pixels = (rgb.permute(2, 0, 1).unsqueeze(0).float() - self.mean) / self.std
        seen, mirrored = self.network(torch.cat([pixels, pixels.flip(3)]))[:, 0]
        return (seen + mirrored.flip(1)) / 2


def export(network: DepthNetwork, path: Path) -> None:
    """Write the graph and say how far it is from the network.

    Input `rgb` uint8 [H, W, 3], sides multiples of 32; output `inverse` float32 [H / 2, W / 2].
    """
    ready = copy.deepcopy(network).eval()
    fold_norms(ready)
    fix_padding(ready)
    deployed = Deployed(ready).eval()
    onnx.save(_graph(deployed), path)
    print(f"{path.stat().st_size} bytes, differs by {_difference(deployed, path):.1e} of the range")


def _graph(deployed: Deployed) -> onnx.ModelProto:
    buffer = io.BytesIO()
    torch.onnx.export(
        deployed,
        (torch.zeros(192, 256, 3, dtype=torch.uint8),),
        buffer,
        input_names=["rgb"],
        output_names=["inverse"],
        dynamic_axes={"rgb": {0: "height", 1: "width"}, "inverse": {0: "half height", 1: "half width"}},
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load_from_string(buffer.getvalue())
    halve_weights(model)
    return model


def _difference(deployed: Deployed, path: Path) -> float:
    """Largest between network and file, on smooth colours of another size, over the range of the answer."""
    y, x = np.mgrid[:160, :320]
    rgb = np.stack([x * 0.8, y * 1.5, 255 - x * 0.7], 2).astype(np.uint8)
    with torch.inference_mode():
        expected = deployed(torch.from_numpy(rgb)).numpy()
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return float(np.abs(session.run(None, {"rgb": rgb})[0] - expected).max() / np.ptp(expected))
