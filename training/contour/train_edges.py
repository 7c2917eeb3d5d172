"""Trains the contour network on regions drawn by several people and on annotated objects.

python -m training.contour.train_edges --regions bsds_trainval.zip:0:250 \
    --objects coco_train.zip:0:200:0.35 --objects voc2012_aug.zip:0:1700:0.45 \
    --objects coco_person.zip:0:300:0.1 --objects ecssd.zip:0:400:0.1 \
    --backbone efficientnet_lite0.pth --checkpoint contour.ckpt --out contour.pt

Started again with the same checkpoint it goes on where it stopped.
"""

import argparse
from pathlib import Path

import cv2
import torch

from training.contour.scenes import Scenes
from training.contour.trainer import Data, Trainer


def _scenes(text: str) -> Scenes:
    """FILE:FIRST:LAST."""
    path, first, last = text.rsplit(":", 2)
    return Scenes(Path(path), int(first), int(last))


def _weighted(text: str) -> tuple[Scenes, float]:
    """FILE:FIRST:LAST:SHARE."""
    scenes, _, share = text.rpartition(":")
    return _scenes(scenes), float(share)


def main() -> None:
    """Train, save the averaged weights in fp16."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--regions", type=_scenes, required=True, help="zip:first:last, several annotators")
    parser.add_argument(
        "--objects", type=_weighted, action="append", required=True, help="zip:first:last:share"
    )
    parser.add_argument("--backbone", type=Path, required=True, help="ImageNet weights of the backbone")
    parser.add_argument("--checkpoint", type=Path, required=True, help="written as it trains, read if there")
    parser.add_argument("--out", type=Path, required=True, help="the state dictionary to write")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(1)
    trainer = Trainer(arguments.backbone, arguments.checkpoint, arguments.steps)
    trainer.run(Data(arguments.regions, arguments.objects))
    state = trainer.average.state_dict().items()
    halved = {name: value.half() if value.is_floating_point() else value for name, value in state}
    torch.save(halved, arguments.out)


if __name__ == "__main__":
    main()
