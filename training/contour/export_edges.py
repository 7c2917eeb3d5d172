"""Exports the edge network to ONNX: uint8 RGB in, edge probability out, weights kept as fp16.

python -m training.contour.export_edges --weights edges.pt --out models/weights/contour-edges.onnx
"""

import argparse
import io
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import helper, numpy_helper
from timm.layers import Conv2dSame
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from training.contour.network import MEAN, STD, EdgeNetwork

SMALLEST_HALF = 256
"""Initialisers with fewer numbers than this stay fp32: they save nothing and may be shapes or scales."""


class Deployed(nn.Module):
    """The trained network between raw pixels and probabilities."""

    def __init__(self, network: EdgeNetwork) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1) * 255)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1) * 255)

    def forward(self, rgb: Tensor) -> Tensor:
        """float32 [H, W] edge probability of uint8 [H, W, 3]."""
        pixels = rgb.permute(2, 0, 1).unsqueeze(0).float()
        _, fused = self.network((pixels - self.mean) / self.std)
        return fused.sigmoid()[0, 0]


def fold_norms(module: nn.Module) -> None:
    """Fold every batch norm into the convolution registered just before it, so that fp16 keeps precision."""
    previous: tuple[str, nn.Conv2d] | None = None
    for name, child in list(module.named_children()):
        if isinstance(child, nn.BatchNorm2d) and previous is not None:
            setattr(module, previous[0], fuse_conv_bn_eval(previous[1], child))
            setattr(module, name, getattr(child, "act", nn.Identity()))
        fold_norms(child)
        previous = (name, child) if isinstance(child, nn.Conv2d) else None


def fix_padding(module: nn.Module) -> None:
    """Replace padding worked out at run time ("same") by the constant it is for even sides."""
    for name, child in list(module.named_children()):
        fix_padding(child)
        if isinstance(child, Conv2dSame):
            setattr(module, name, nn.Sequential(nn.ZeroPad2d(_even_padding(child)), _unpadded(child)))


def _even_padding(convolution: nn.Conv2d) -> tuple[int, int, int, int]:
    total = convolution.kernel_size[0] - convolution.stride[0]
    before, after = total // 2, total - total // 2
    return before, after, before, after


def _unpadded(convolution: nn.Conv2d) -> nn.Conv2d:
    plain = nn.Conv2d(
        convolution.in_channels,
        convolution.out_channels,
        convolution.kernel_size[0],
        convolution.stride[0],
        groups=convolution.groups,
    )
    plain.load_state_dict(convolution.state_dict())
    return plain


def halve_weights(model: onnx.ModelProto) -> None:
    """Store large fp32 initialisers as fp16 behind a Cast, which ONNX Runtime folds away when it loads."""
    graph, casts = model.graph, []
    for index, tensor in enumerate(graph.initializer):
        if tensor.data_type != onnx.TensorProto.FLOAT or np.prod(tensor.dims) < SMALLEST_HALF:
            continue
        name, stored = tensor.name, f"{tensor.name}_half"
        half = numpy_helper.to_array(tensor).astype(np.float16)
        graph.initializer[index].CopyFrom(numpy_helper.from_array(half, stored))
        casts.append(helper.make_node("Cast", [stored], [name], to=onnx.TensorProto.FLOAT))
    for cast in reversed(casts):
        graph.node.insert(0, cast)


def exported(network: EdgeNetwork) -> onnx.ModelProto:
    """The graph: input `rgb` uint8 [H, W, 3], sides multiples of 32; output `edges` float32 [H, W]."""
    deployed = Deployed(network).eval()
    sample = torch.zeros(320, 256, 3, dtype=torch.uint8)
    buffer = io.BytesIO()
    torch.onnx.export(
        deployed,
        (sample,),
        buffer,
        input_names=["rgb"],
        output_names=["edges"],
        dynamic_axes={"rgb": {0: "height", 1: "width"}, "edges": {0: "height", 1: "width"}},
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load_from_string(buffer.getvalue())
    halve_weights(model)
    return model


def load(path: Path) -> EdgeNetwork:
    """The trained network with its batch norms folded, weights in fp32."""
    network = EdgeNetwork()
    tensors = torch.load(path, map_location="cpu", weights_only=True)
    network.load_state_dict({n: t.float() if t.is_floating_point() else t for n, t in tensors.items()})
    network.eval()
    fold_norms(network)
    fix_padding(network)
    return network


def largest_difference(network: EdgeNetwork, path: Path) -> float:
    """Between the probabilities of the PyTorch network and of the file, on noise of another size."""
    rgb = np.random.default_rng(0).integers(0, 255, (192, 480, 3), np.uint8)
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    with torch.inference_mode():
        expected = Deployed(network)(torch.from_numpy(rgb)).numpy()
    return float(np.abs(session.run(None, {"rgb": rgb})[0] - expected).max())


def main() -> None:
    """Export, then say how far the file is from the network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="state dictionary of train_edges.py")
    parser.add_argument("--out", type=Path, required=True, help="the .onnx file to write")
    arguments = parser.parse_args()
    network = load(arguments.weights)
    onnx.save(exported(network), arguments.out)
    print(
        f"{arguments.out.stat().st_size} bytes, differs by {largest_difference(network, arguments.out):.1e}"
    )


if __name__ == "__main__":
    main()
