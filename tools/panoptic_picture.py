r"""Draws photographs twice: painted by confidence, and as whole objects.

    python -m tools.panoptic_picture examples/photo.jpg examples/astronaut.jpg \
        --out docs/images/whole-objects.jpg

Each row is one photograph: on the left all its labelled regions, the most confident on top, on the right the
segments of `output` panoptic.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from bootstrap import Services, build_services
from config.settings import Settings
from domain.arrays import Mask, Rgb
from domain.labels import UNKNOWN_LABEL, LabelScore
from services.images.decode import decode_image
from services.images.photo import Photo
from services.labels.confidence import LabelOptions
from services.masks.formats import decode_rle, encode_rle
from services.masks.options import DEFAULT_MAX_MASKS, MaskOptions, PointGrid
from services.overlay.draw import draw_overlay
from services.overlay.regions import OverlayRegion
from services.progress import Progress
from services.segment import SegmentOptions, SegmentResult
from services.vocabularies.parse import vocabulary_from_list
from services.vocabularies.split import split_labels

ROW_HEIGHT = 320

MARGIN = 6

JPEG_QUALITY = 82


def painted(rgb: Rgb, result: SegmentResult) -> Rgb:
    """Return the image with its labelled regions painted on it, the most confident on top."""
    chosen = [prediction.chosen for prediction in result.labels.per_region]
    order = [index for index, score in enumerate(chosen) if score.label != UNKNOWN_LABEL]
    order.sort(key=lambda index: chosen[index].confidence)
    ids = np.zeros(rgb.shape[:2], np.int32)
    for index in order:
        ids[decode_rle(result.regions[index].rle)] = index + 1
    visible = [index for index in order if (ids == index + 1).any()]
    return draw_overlay(rgb, [_item(ids == index + 1, chosen[index]) for index in visible])


def _item(mask: Mask, score: LabelScore) -> OverlayRegion:
    x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
    return OverlayRegion(encode_rle(mask), (x, y, width, height), score.label, score.confidence)


def row(services: Services, path: Path, labels: Sequence[str]) -> Rgb:
    """Return the photograph painted by confidence, and beside it as whole objects."""
    rgb = decode_image(path.read_bytes())
    options = SegmentOptions(
        MaskOptions(PointGrid(), DEFAULT_MAX_MASKS),
        LabelOptions(vocabulary_from_list([*labels]) if labels else services.vocabularies.default),
        overlay=False,
    )
    photo = Photo.of(rgb, str(path))
    regions = services.segment.segment(photo, options, Progress())
    whole = services.segment.segment(photo, replace(options, panoptic=True), Progress())
    pair = np.concatenate([painted(rgb, regions), painted(rgb, whole)], axis=1)
    width = round(pair.shape[1] * ROW_HEIGHT / pair.shape[0])
    return np.asarray(cv2.resize(pair, (width, ROW_HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def main() -> None:
    """Draw the rows below one another and write a JPEG file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photographs", type=Path, nargs="+")
    parser.add_argument("--labels", type=split_labels, default=[], help="labels; default: the vocabulary")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    services = build_services(Settings())
    rows = [row(services, path, args.labels) for path in args.photographs]
    width = max(one.shape[1] for one in rows)
    wide = [
        np.pad(one, ((0, MARGIN), (0, width - one.shape[1]), (0, 0)), constant_values=255) for one in rows
    ]
    picture = cv2.cvtColor(np.concatenate(wide)[:-MARGIN], cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(args.out), picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])


if __name__ == "__main__":
    main()
