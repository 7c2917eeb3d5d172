"""Trains the embedded depth network on scenes it renders itself, exports it, evaluates it.

python -m tools.training.depth.train PACKS_DIR --backbone efficientnet_lite0.pth --work DIR --out depth.onnx

Run again with the same arguments it goes on where it stopped.
"""

import argparse
from pathlib import Path

import cv2
import torch

from tools.training.depth.batches import Data
from tools.training.depth.cache import Scenes, fill
from tools.training.depth.evaluate import report
from tools.training.depth.export import export
from tools.training.depth.materials import load_materials
from tools.training.depth.photographs import Photographs
from tools.training.depth.trainer import Trainer


def main() -> None:
    """Render, train, export, evaluate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("packs", type=Path, help="folder of the image packs")
    parser.add_argument("--backbone", type=Path, required=True, help="ImageNet weights of the backbone")
    parser.add_argument("--work", type=Path, required=True, help="folder for scenes and the checkpoint")
    parser.add_argument("--out", type=Path, required=True, help="the .onnx file to write")
    parser.add_argument("--shards", type=int, default=36, help="of 100 scenes")
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    cv2.setNumThreads(1)
    folder = arguments.work / "scenes"
    fill(folder, load_materials(arguments.packs), arguments.shards, arguments.seed)
    trainer = Trainer(arguments.backbone, arguments.work / "checkpoint.pt", arguments.steps)
    trainer.run(Data(Scenes(folder), Photographs(arguments.packs), arguments.seed))
    export(trainer.average, arguments.out)
    report(arguments.out, arguments.packs / "depth_eval.zip")


if __name__ == "__main__":
    main()
