"""Writes text-tower.onnx and text-tokenizer.json from the published all-MiniLM-L6-v2.

Usage: python -m tools.training.labeller.export_text MODEL_DIR OUT_DIR
"""

import argparse
import json
import tempfile
from pathlib import Path

import onnx
import torch

from tools.training.labeller import compact
from tools.training.labeller.text_tower import TextTower

MAX_TOKENS = 128


def export(tower: TextTower, path: Path) -> None:
    """Trace the tower with a free batch size and length."""
    ids = torch.randint(1000, 2000, (2, 16))
    torch.onnx.export(
        tower,
        (ids, torch.ones_like(ids)),
        str(path),
        input_names=["ids", "mask"],
        output_names=["sentence"],
        dynamic_axes={"ids": {0: "n", 1: "t"}, "mask": {0: "n", 1: "t"}, "sentence": {0: "n"}},
        opset_version=17,
        dynamo=False,
    )


def table_of(model: onnx.ModelProto) -> str:
    """Name of the largest initialiser: the embedding table."""
    return str(max(model.graph.initializer, key=lambda tensor: tensor.ByteSize()).name)


def tokenizer_json(source: Path) -> str:
    """The published tokenizer without its fixed padding and truncation; the adapter does both."""
    content = json.loads(source.read_text())
    content["truncation"] = content["padding"] = None
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def main() -> None:
    """Export, shrink, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model_dir", type=Path)
    parser.add_argument("out_dir", type=Path)
    args = parser.parse_args()
    tower = TextTower(args.model_dir / "model.safetensors").eval()
    with tempfile.TemporaryDirectory() as folder:
        traced = Path(folder) / "text.onnx"
        export(tower, traced)
        model = onnx.load(traced)
    compact.store_int8(model, table_of(model))
    compact.save(model, args.out_dir / "text-tower.onnx", {"max_tokens": str(MAX_TOKENS)})
    tokenizer = tokenizer_json(args.model_dir / "tokenizer.json")
    (args.out_dir / "text-tokenizer.json").write_text(tokenizer)


if __name__ == "__main__":
    main()
