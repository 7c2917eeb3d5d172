"""Trains, exports and evaluates the embedded segmenter: the contour network, then the rankers.

python -m tools.training.contour.train PACKS_DIR --backbone efficientnet_lite0.pth --work DIR --out DIR

A second run with the same arguments resumes the training of the network where the first stopped. The rankers
take minutes.
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


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("packs", type=Path, help="folder of the image packs")
    parser.add_argument("--backbone", type=Path, required=True, help="ImageNet weights of the backbone")
    parser.add_argument("--work", type=Path, required=True, help="folder for the checkpoint")
    parser.add_argument("--out", type=Path, required=True, help="folder for the two .onnx files")
    parser.add_argument("--steps", type=int, default=2000, help="steps of the training of the network")
    parser.add_argument("--limit", type=int, default=10_000, help="largest number of images of each source")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main() -> None:
    """Train, export and evaluate."""
    args = arguments()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    for folder in (args.work, args.out):
        folder.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(args.backbone, args.work / "contour.ckpt", args.steps)
    trainer.run(data(args.packs, args.limit))
    edges, ranker = (args.out / name for name in ("contour-edges.onnx", "contour-ranker.onnx"))
    export_edges(trainer.average, edges)
    ranked = [source.limited(args.limit) for source in RANKED]
    train_ranker(OnnxGraph(edges, args.threads), args.packs, ranked, ranker)
    report(edges, ranker, args.packs, HELD_OUT.limited(args.limit))


def data(packs: Path, limit: int) -> Data:
    """Return at most `limit` images of each source of the network's training."""
    regions = Scenes(*REGIONS.limited(limit).opened(packs))
    objects = [(Scenes(*source.limited(limit).opened(packs)), source.weight) for source in OBJECTS]
    return Data(regions, objects)


if __name__ == "__main__":
    main()
