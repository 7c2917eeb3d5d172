"""Writes text-tower.onnx and text-tokenizer.json from the published all-MiniLM-L6-v2.

python -m tools.training.labeller.export_text MODEL_DIR OUT_DIR
"""

import argparse
import json
from pathlib import Path

import onnx
import torch

from tools.training.labeller import compact
from tools.training.labeller.text_tower import TextTower
from tools.training.tracing import traced

MAX_TOKENS = 128
"""Number of tokens to which the adapter truncates a text."""


def exported(tower: TextTower) -> onnx.ModelProto:
    """Return the graph of the tower, for any number of texts of any length."""
    ids = torch.arange(32).view(2, 16)
    axes = {"ids": {0: "n", 1: "t"}, "mask": {0: "n", 1: "t"}, "sentence": {0: "n"}}
    return traced(tower, (ids, torch.ones_like(ids)), ["ids", "mask"], ["sentence"], axes)


def table_of(model: onnx.ModelProto) -> str:
    """Return the name of the largest initializer, which is the embedding table."""
    return str(max(model.graph.initializer, key=lambda tensor: tensor.ByteSize()).name)


def tokenizer_json(source: Path) -> str:
    """Return the published tokenizer without fixed padding and truncation, which the adapter does itself."""
    content = json.loads(source.read_text())
    content["truncation"] = content["padding"] = None
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def main() -> None:
    """Export the tower, store its weights in fewer bits and write both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("model_dir", type=Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("out_dir", type=Path, help="folder for the files")
    args = parser.parse_args()
    model = exported(TextTower(args.model_dir / "model.safetensors"))
    compact.store_int8(model, table_of(model))
    compact.save(model, args.out_dir / "text-tower.onnx", {"max_tokens": str(MAX_TOKENS)})
    tokenizer = tokenizer_json(args.model_dir / "tokenizer.json")
    (args.out_dir / "text-tokenizer.json").write_text(tokenizer)


if __name__ == "__main__":
    main()
