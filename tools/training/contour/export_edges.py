"""Exports the contour network to ONNX with its weights in int8."""

import copy
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import helper, numpy_helper
from timm.layers import Conv2dSame
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from tools.training.backbone import Normalise
from tools.training.contour.network import ContourNetwork
from tools.training.labeller.compact import quantize
from tools.training.tracing import traced

FLOAT = onnx.TensorProto.FLOAT

SMALLEST_HALF = 256
"""Smallest size of an initializer that is stored in fewer bits; smaller ones may be shapes or scales."""

OUTPUTS = ("edges", "outlines", "regions")
"""Names of the outputs of the graph."""


class Deployed(nn.Module):
    """Runs the trained network from raw pixels to probabilities."""

    def __init__(self, network: ContourNetwork) -> None:
        super().__init__()
        self.network = network
        self.normalise = Normalise()

    def forward(self, rgb: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the outputs for an image uint8 [H, W, 3].

        They are edges and outlines, probabilities float32 [H, W], and probabilities of the groups followed by
        vectors, float32 [H / 8, W / 8, GROUPS + VECTOR].
        """
        outputs = self.network(self.normalise(rgb))
        regions = torch.cat([outputs.groups.softmax(1), outputs.vectors], 1)[0].permute(1, 2, 0)
        return outputs.edges[-1].sigmoid()[0, 0], outputs.outlines[-1].sigmoid()[0, 0], regions


def fold_norms(module: nn.Module) -> None:
    """Fold every batch norm into the convolution that is registered just before it, in place.

    Weights that are folded lose less when they are stored as fp16.
    """
    previous: tuple[str, nn.Conv2d] | None = None
    for name, child in list(module.named_children()):
        if isinstance(child, nn.BatchNorm2d) and previous is not None:
            setattr(module, previous[0], fuse_conv_bn_eval(previous[1], child))
            setattr(module, name, getattr(child, "act", nn.Identity()))
        fold_norms(child)
        previous = (name, child) if isinstance(child, nn.Conv2d) else None


def fix_padding(module: nn.Module) -> None:
    """Replace padding that depends on the size ("same") by its constant for even sides, in place."""
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
    """Store large fp32 initializers as fp16 with a Cast, which ONNX Runtime folds when it loads the file."""
    graph, casts = model.graph, []
    for index, tensor in enumerate(graph.initializer):
        if tensor.data_type != FLOAT or np.prod(tensor.dims) < SMALLEST_HALF:
            continue
        name, stored = tensor.name, f"{tensor.name}_half"
        half = numpy_helper.to_array(tensor).astype(np.float16)
        graph.initializer[index].CopyFrom(numpy_helper.from_array(half, stored))
        casts.append(helper.make_node("Cast", [stored], [name], to=FLOAT))
    for cast in reversed(casts):
        graph.node.insert(0, cast)


def narrow_kernels(model: onnx.ModelProto) -> None:
    """Store kernels as int8 with a scale per output channel; ONNX Runtime folds them when it loads them."""
    graph, nodes = model.graph, []
    kernels = [tensor for tensor in graph.initializer if len(tensor.dims) == 4]
    for tensor in (each for each in kernels if np.prod(each.dims) >= SMALLEST_HALF):
        name, array = tensor.name, numpy_helper.to_array(tensor)
        codes, scale = quantize(array.reshape(len(array), -1), axis=1)
        graph.initializer.remove(tensor)
        graph.initializer.append(numpy_helper.from_array(codes.reshape(array.shape), f"{name}.i8"))
        graph.initializer.append(numpy_helper.from_array(scale.reshape(-1, 1, 1, 1), f"{name}.scale"))
        stored = f"{name}.i8", f"{name}.scale"
        nodes += [helper.make_node("Cast", [key], [f"{key}.f32"], to=FLOAT) for key in stored]
        nodes.append(helper.make_node("Mul", [f"{key}.f32" for key in stored], [name]))
    for node in reversed(nodes):
        graph.node.insert(0, node)


def exported(network: ContourNetwork) -> onnx.ModelProto:
    """Return the graph of `Deployed`; its input `rgb` is uint8 [H, W, 3] with sides divisible by 32."""
    sizes = {0: "height", 1: "width"}
    axes = {"rgb": sizes, "edges": sizes, "outlines": sizes, "regions": {0: "rows", 1: "columns"}}
    example = torch.zeros(320, 256, 3, dtype=torch.uint8)
    model = traced(Deployed(network), (example,), ["rgb"], OUTPUTS, axes)
    narrow_kernels(model)
    halve_weights(model)
    return model


def deployable(network: ContourNetwork) -> ContourNetwork:
    """Return a copy for inference, with its batch norms folded and its padding fixed."""
    copied = copy.deepcopy(network).eval()
    fold_norms(copied)
    fix_padding(copied)
    return copied


def largest_differences(network: ContourNetwork, path: Path) -> list[float]:
    """Return the largest difference between network and file of each output, on noise of another size."""
    noise = np.random.default_rng(0).integers(0, 255, (24, 60, 3), np.uint8)
    rgb = np.ascontiguousarray(noise.repeat(8, axis=0).repeat(8, axis=1))
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    with torch.inference_mode():
        expected = Deployed(network)(torch.from_numpy(rgb))
    found = session.run(list(OUTPUTS), {"rgb": rgb})
    return [float(np.abs(one - other.numpy()).max()) for one, other in zip(found, expected, strict=True)]


def export_edges(trained: ContourNetwork, out: Path) -> None:
    """Write the .onnx file, and print how far its outputs are from those of the network."""
    network = deployable(trained)
    onnx.save(exported(network), out)
    differences = zip(OUTPUTS, largest_differences(network, out), strict=True)
    listed = ", ".join(f"{name} {difference:.3f}" for name, difference in differences)
    print(f"{out.name}: {out.stat().st_size} bytes; largest differences: {listed}")
