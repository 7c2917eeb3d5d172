"""Writes the features of the regions of one source to an .npz file, so that heads train in minutes.

python -m tools.training.labeller.features PACKS_DIR TRUNK SOURCE OUT.npz [--view blur] [--varied 4 --seed 1]
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

COLUMNS = ("source", "key", "label", "kind", "iou")
"""Attributes of an example that are written beside its features."""


def _examples(args: argparse.Namespace) -> Iterator[Example]:
    """Yield the examples of the source, or varied copies in their place."""
    rng = np.random.default_rng(args.seed)
    for example in SOURCES[args.source](args.packs):
        if not args.varied:
            yield example
        elif "+" not in example.source:
            yield from (varied(example, rng) for _ in range(args.varied))


def main() -> None:
    """Encode every example as the service does, and write all of them at the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("packs", type=Path, help="folder of the image packs")
    parser.add_argument("trunk", type=Path, help="the exported trunk")
    parser.add_argument("source", choices=list(SOURCES), help="source of the examples")
    parser.add_argument("out", type=Path, help="the .npz file to write")
    parser.add_argument("--view", choices=list(CROP_VIEWS), default="blur", help="view of the regions")
    parser.add_argument("--varied", type=int, default=0, help="varied copies that replace each example")
    parser.add_argument("--seed", type=int, default=1, help="seed of the variations")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    trunk = LiteImageTrunk(OnnxGraph(args.trunk, threads=1))
    encoded, records = [], []
    for example in tqdm(_examples(args), desc=args.source, mininterval=5):
        encoded.append(trunk.run([CROP_VIEWS[args.view](example.rgb, example.region)]))
        records.append([getattr(example, column) for column in COLUMNS])
    features, conse = (np.concatenate(arrays).astype(np.float16) for arrays in zip(*encoded, strict=True))
    source, key, label, kind, iou = (np.array(column) for column in zip(*records, strict=True))
    np.savez(
        args.out, features=features, conse=conse, source=source, key=key, label=label, kind=kind, iou=iou
    )
    print(f"{args.out}: {len(records)} examples")


if __name__ == "__main__":
    main()
