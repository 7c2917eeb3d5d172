"""Exports the contour network to ONNX: uint8 RGB in, edges, outlines and regions out, weights in int8."""

import copy
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

from tools.training.contour.network import MEAN, STD, ContourNetwork
from tools.training.labeller.compact import quantise

SMALLEST_HALF = 256
"""Initialisers with fewer numbers than this stay fp32: they save nothing and may be shapes or scales."""

OUTPUTS = ("edges", "outlines", "regions")


class Deployed(nn.Module):
    """The trained network between raw pixels and probabilities."""

    def __init__(self, network: ContourNetwork) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1) * 255)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1) * 255)

    def forward(self, rgb: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of uint8 [H, W, 3]: edges and outlines [H, W], and groups with vectors [H / 8, W / 8, C]."""
        pixels = rgb.permute(2, 0, 1).unsqueeze(0).float()
        outputs = self.network((pixels - self.mean) / self.std)
        regions = torch.cat([outputs.groups.softmax(1), outputs.vectors], 1)[0].permute(1, 2, 0)
        return outputs.edges[-1].sigmoid()[0, 0], outputs.outlines[-1].sigmoid()[0, 0], regions


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


def narrow_kernels(model: onnx.ModelProto) -> None:
    """Store kernels as int8 with a scale per output channel; ONNX Runtime folds the Mul when it loads."""
    graph, nodes = model.graph, []
    kernels = [tensor for tensor in graph.initializer if len(tensor.dims) == 4]
    for tensor in (each for each in kernels if np.prod(each.dims) >= SMALLEST_HALF):
        name, array = tensor.name, numpy_helper.to_array(tensor)
        codes, scale = quantise(array.reshape(len(array), -1), axis=1)
        scale = scale.reshape(-1, 1, 1, 1)
        graph.initializer.remove(tensor)
        stored = [(f"{name}.i8", codes.reshape(array.shape)), (f"{name}.scale", scale)]
        graph.initializer.extend(numpy_helper.from_array(value, key) for key, value in stored)
        float32 = onnx.TensorProto.FLOAT
        nodes += [helper.make_node("Cast", [key], [f"{key}.f32"], to=float32) for key, _ in stored]
        nodes.append(helper.make_node("Mul", [f"{key}.f32" for key, _ in stored], [name]))
    for node in reversed(nodes):
        graph.node.insert(0, node)


def exported(network: ContourNetwork) -> onnx.ModelProto:
    """The graph: input `rgb` uint8 [H, W, 3], sides multiples of 32; outputs as of `Deployed`."""
    buffer = io.BytesIO()
    sizes = {0: "height", 1: "width"}
    torch.onnx.export(
        Deployed(network).eval(),
        (torch.zeros(320, 256, 3, dtype=torch.uint8),),
        buffer,
        input_names=["rgb"],
        output_names=list(OUTPUTS),
        dynamic_axes={"rgb": sizes, "edges": sizes, "outlines": sizes, "regions": {0: "rows", 1: "columns"}},
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load_from_string(buffer.getvalue())
    narrow_kernels(model)
    halve_weights(model)
    return model


def deployable(network: ContourNetwork) -> ContourNetwork:
    """A copy with its batch norms folded and its padding fixed, for inference."""
    copied = copy.deepcopy(network).eval()
    fold_norms(copied)
    fix_padding(copied)
    return copied


def largest_differences(network: ContourNetwork, path: Path) -> list[float]:
    """Between the outputs of the PyTorch network and of the file, on noise of another size."""
    noise = np.random.default_rng(0).integers(0, 255, (24, 60, 3), np.uint8)
    rgb = np.ascontiguousarray(noise.repeat(8, axis=0).repeat(8, axis=1))
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    with torch.inference_mode():
        expected = Deployed(network)(torch.from_numpy(rgb))
    found = session.run(list(OUTPUTS), {"rgb": rgb})
    return [float(np.abs(one - other.numpy()).max()) for one, other in zip(found, expected, strict=True)]


def export_edges(trained: ContourNetwork, out: Path) -> None:
    """Write the .onnx file, then say how far it is from the network."""
    network = deployable(trained)
    onnx.save(exported(network), out)
    differences = zip(OUTPUTS, largest_differences(network, out), strict=True)
    told = ", ".join(f"{name} {difference:.3f}" for name, difference in differences)
    print(f"{out.name}: {out.stat().st_size} bytes; largest differences: {told}")
