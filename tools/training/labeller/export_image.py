"""Writes image-trunk.onnx: EfficientNet-Lite2 without its last layer, and ConSE over that layer.

Usage: python -m tools.training.labeller.export_image CHECKPOINT MINILM_DIR OUT_DIR
"""

import argparse
import tempfile
from pathlib import Path

import onnx
import torch
from timm.data import ImageNetInfo
from torch import Tensor

from tools.training.labeller import compact
from tools.training.labeller.image_tower import ImageTrunk
from tools.training.labeller.sentences import Sentences

SIZE = 260
METADATA = {"size": str(SIZE), "mean": "0.485 0.456 0.406", "std": "0.229 0.224 0.225"}
TEMPLATE = "a photo of a {}"


def imagenet_names() -> list[str]:
    """The 1,000 class descriptions, synonyms separated by commas."""
    info = ImageNetInfo()
    return [info.index_to_description(index) for index in range(1000)]


def name_vectors(minilm_dir: Path) -> Tensor:
    """Unit sentence vectors [1000, 384] of the class names."""
    sentences = Sentences(minilm_dir)
    return sentences([TEMPLATE.format(name) for name in imagenet_names()])


def export(trunk: ImageTrunk, path: Path) -> None:
    """Trace the trunk with a free batch size and free sides."""
    torch.onnx.export(
        trunk,
        (torch.zeros(2, 3, SIZE, SIZE),),
        str(path),
        input_names=["pixels"],
        output_names=["features", "conse"],
        dynamic_axes={
            "pixels": {0: "n", 2: "height", 3: "width"},
            "features": {0: "n"},
            "conse": {0: "n"},
        },
        opset_version=17,
        dynamo=False,
    )


def main() -> None:
    """Export, shrink, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("minilm_dir", type=Path)
    parser.add_argument("out_dir", type=Path)
    args = parser.parse_args()
    trunk = ImageTrunk(args.checkpoint, name_vectors(args.minilm_dir)).eval()
    with tempfile.TemporaryDirectory() as folder:
        traced = Path(folder) / "image.onnx"
        export(trunk, traced)
        model = onnx.load(traced)
    compact.store_int8(model)
    compact.store_half(model)
    compact.save(model, args.out_dir / "image-trunk.onnx", METADATA)


if __name__ == "__main__":
    main()
