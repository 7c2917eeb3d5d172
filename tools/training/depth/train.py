"""Trains the embedded depth network on scenes that it renders, exports it and evaluates it.

python -m tools.training.depth.train PACKS_DIR --backbone efficientnet_lite0.pth --work DIR --out depth.onnx

A second run with the same arguments resumes where the first stopped.
"""

import argparse
from pathlib import Path

import cv2
import torch

from tools.training.depth.batches import Data
from tools.training.depth.cache import SHARD, Scenes, fill
from tools.training.depth.evaluate import report
from tools.training.depth.export import export
from tools.training.depth.materials import load_materials
from tools.training.depth.photographs import LabelledImages
from tools.training.depth.trainer import Trainer


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("packs", type=Path, help="folder of the image packs")
    parser.add_argument("--backbone", type=Path, required=True, help="ImageNet weights of the backbone")
    parser.add_argument("--work", type=Path, required=True, help="folder for scenes and the checkpoint")
    parser.add_argument("--out", type=Path, required=True, help="the .onnx file to write")
    parser.add_argument("--shards", type=int, default=36, help="number of files of rendered scenes")
    parser.add_argument("--shard-size", type=int, default=SHARD, help="number of scenes in a file")
    parser.add_argument("--steps", type=int, default=2500, help="steps of the training")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main() -> None:
    """Render, train, export and evaluate."""
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    cv2.setNumThreads(1)
    folder = args.work / "scenes"
    fill(folder, load_materials(args.packs), args.shards, args.seed, args.shard_size)
    trainer = Trainer(args.backbone, args.work / "checkpoint.pt", args.steps)
    trainer.run(Data(Scenes(folder), LabelledImages(args.packs), args.seed))
    export(trainer.average, args.out)
    report(args.out, args.packs / "depth_eval.zip")


if __name__ == "__main__":
    main()
