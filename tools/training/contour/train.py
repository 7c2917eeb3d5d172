"""Trains the embedded segmenter: the contour network, then the rankers; exports and evaluates them.

python -m tools.training.contour.train PACKS_DIR --backbone efficientnet_lite0.pth --work DIR --out DIR

Run again with the same arguments the network's training goes on where it stopped; the rankers take minutes.
"""

import argparse
from pathlib import Path

import cv2
import torch

from models.runtime.onnx import OnnxGraph
from tools.training.contour.evaluate import report
from tools.training.contour.export_edges import export_edges
from tools.training.contour.packs_used import HELD_OUT, OBJECTS, RANKED, REGIONS
from tools.training.contour.ranker import train_ranker
from tools.training.contour.scenes import Scenes
from tools.training.contour.trainer import Data, Trainer


def main() -> None:
    """Train, export, evaluate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("packs", type=Path, help="folder of the image packs")
    parser.add_argument("--backbone", type=Path, required=True, help="ImageNet weights of the backbone")
    parser.add_argument("--work", type=Path, required=True, help="folder for the checkpoint")
    parser.add_argument("--out", type=Path, required=True, help="folder for the two .onnx files")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(1)
    for folder in (arguments.work, arguments.out):
        folder.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(arguments.backbone, arguments.work / "contour.ckpt", arguments.steps)
    objects = [(Scenes(*source.opened(arguments.packs)), source.weight) for source in OBJECTS]
    trainer.run(Data(Scenes(*REGIONS.opened(arguments.packs)), objects))
    edges, ranker = (arguments.out / name for name in ("contour-edges.onnx", "contour-ranker.onnx"))
    export_edges(trainer.average, edges)
    train_ranker(OnnxGraph(edges, arguments.threads), arguments.packs, RANKED, ranker)
    report(edges, ranker, arguments.packs, HELD_OUT)


if __name__ == "__main__":
    main()
