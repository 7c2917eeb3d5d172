"""Writes the trunk's features of one source's regions to an .npz, so that heads train in minutes.

Usage: python -m training.labeller.features PACKS_DIR TRUNK SOURCE OUT.npz [--view blur]
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from models.encoders.embedded.image_trunk import ImageTrunk
from models.runtimes.onnx import OnnxGraph
from services.views import VIEWS
from training.labeller.regions import SOURCES

COLUMNS = ("source", "photo", "name", "kind", "iou")


def main() -> None:
    """Show every example as the service would, encode it, save all at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packs", type=Path)
    parser.add_argument("trunk", type=Path)
    parser.add_argument("source", choices=list(SOURCES))
    parser.add_argument("out", type=Path)
    parser.add_argument("--view", choices=list(VIEWS), default="blur")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    trunk = ImageTrunk(OnnxGraph(args.trunk, threads=1))
    encoded, records = [], []
    for example in SOURCES[args.source](args.packs):
        encoded.append(trunk.run([VIEWS[args.view](example.rgb, example.region)]))
        records.append([getattr(example, column) for column in COLUMNS])
    features, conse = (np.concatenate(arrays).astype(np.float16) for arrays in zip(*encoded, strict=True))
    values = [np.array(column) for column in zip(*records, strict=True)]
    columns = dict(zip(COLUMNS, values, strict=True))
    np.savez(args.out, features=features, conse=conse, **columns)
    print(args.out, len(records), "examples")


if __name__ == "__main__":
    main()
