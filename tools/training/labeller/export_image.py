"""Writes image-trunk.onnx: EfficientNet-Lite2 without its last layer, and ConSE over that layer.

python -m tools.training.labeller.export_image CHECKPOINT MINILM_DIR OUT_DIR
"""

import argparse
from pathlib import Path

import onnx
import torch
from timm.data import ImageNetInfo
from torch import Tensor

from tools.training.labeller import compact
from tools.training.labeller.image_tower import ImageTrunk
from tools.training.labeller.sentences import Sentences
from tools.training.tracing import traced

SIZE = 260
"""Side in pixels of the images that the trunk was trained on."""

METADATA = {"size": str(SIZE), "mean": "0.485 0.456 0.406", "std": "0.229 0.224 0.225"}
TEMPLATE = "a photo of a {}"


def imagenet_names() -> list[str]:
    """Return the descriptions of the 1,000 ImageNet classes, with synonyms separated by commas."""
    info = ImageNetInfo()
    return [info.index_to_description(index) for index in range(1000)]


def name_vectors(minilm_dir: Path) -> Tensor:
    """Return unit sentence vectors [1000, 384] of the class names."""
    sentences = Sentences(minilm_dir)
    return sentences([TEMPLATE.format(name) for name in imagenet_names()])


def exported(trunk: ImageTrunk) -> onnx.ModelProto:
    """Return the graph of the trunk, for any number of images of any size."""
    axes = {"pixels": {0: "n", 2: "height", 3: "width"}, "features": {0: "n"}, "conse": {0: "n"}}
    return traced(trunk, (torch.zeros(2, 3, SIZE, SIZE),), ["pixels"], ["features", "conse"], axes)


def main() -> None:
    """Export the trunk, store its weights in fewer bits and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("checkpoint", type=Path, help="ImageNet weights of EfficientNet-Lite2")
    parser.add_argument("minilm_dir", type=Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("out_dir", type=Path, help="folder for the file")
    args = parser.parse_args()
    model = exported(ImageTrunk(args.checkpoint, name_vectors(args.minilm_dir)))
    compact.store_int8(model)
    compact.store_half(model)
    compact.save(model, args.out_dir / "image-trunk.onnx", METADATA)


if __name__ == "__main__":
    main()
