"""Writes the trunk's features of one source's regions to an .npz, so that heads train in minutes.

Usage: python -m tools.training.labeller.features PACKS_DIR TRUNK SOURCE OUT.npz [--view blur]
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from models.lite_labeller.towers import LiteImageTrunk
from models.runtime.onnx import OnnxGraph
from services.labels.views import CROP_VIEWS
from tools.training.labeller.regions import SOURCES, Example
from tools.training.labeller.variations import varied

COLUMNS = ("source", "photo", "name", "kind", "iou")


def _examples(args: argparse.Namespace) -> Iterator[Example]:
    """The examples of the source, or varied ones in their place."""
    rng = np.random.default_rng(args.seed)
    for example in SOURCES[args.source](args.packs):
        if not args.varied:
            yield example
        elif "+" not in example.source:
            yield from (varied(example, rng) for _ in range(args.varied))


def main() -> None:
    """Show every example as the service would, encode it, save all at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packs", type=Path)
    parser.add_argument("trunk", type=Path)
    parser.add_argument("source", choices=list(SOURCES))
    parser.add_argument("out", type=Path)
    parser.add_argument("--view", choices=list(CROP_VIEWS), default="blur")
    parser.add_argument("--varied", type=int, default=0, help="so many varied copies of each example instead")
    parser.add_argument("--seed", type=int, default=1, help="of the variations")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    trunk = LiteImageTrunk(OnnxGraph(args.trunk, threads=1))
    encoded, records = [], []
    for example in tqdm(_examples(args), desc=args.source, mininterval=5):
        encoded.append(trunk.run([CROP_VIEWS[args.view](example.rgb, example.region)]))
        records.append([getattr(example, column) for column in COLUMNS])
    features, conse = (np.concatenate(arrays).astype(np.float16) for arrays in zip(*encoded, strict=True))
    values = [np.array(column) for column in zip(*records, strict=True)]
    columns = dict(zip(COLUMNS, values, strict=True))
    np.savez(args.out, features=features, conse=conse, **columns)
    print(args.out, len(records), "examples")


if __name__ == "__main__":
    main()
