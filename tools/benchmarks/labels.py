"""Measures the time in which CLIP labels regions one by one, in batches and in one forward.

CLIP has random weights, because their values do not change the time. All rows are measured in one process, on
the same photograph and regions, in turn. This needs requirements-torch.txt.

python -m tools.benchmarks.labels [--runs 5] [--regions 30] [--photo FILE]
"""

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import open_clip
import torch
from PIL import Image

from adapters.memory_cache import ByteBudgetCache
from adapters.threads import ThreadWorkerPool
from bootstrap import build_services
from config.settings import Settings
from domain.arrays import Rgb
from domain.labels import Vocabulary
from domain.masks import Region
from domain.models import ModelInfo, View
from models.clip.encoder import ClipEncoder
from models.clip.export import export_clip
from models.clip.onnx import load_onnx_clip
from models.clip.torch import load_torch_clip
from models.clip.torch_weights import build_open_clip
from services.images.photo import Photo
from services.labels.confidence import LabelOptions, label_regions
from services.labels.encode import encode_region_views, resolve_view
from services.labels.vectors import VocabularyEncoder
from services.labels.views import CROP_VIEWS
from services.masks.options import MaskOptions, PointGrid
from services.progress import Progress
from tools.benchmarks.clock import medians_in_turn
from tools.benchmarks.photographs import SIZE, examples, jpeg
from tools.benchmarks.table import machine, show

TAG = "laion2b_s34b_b79k"
"""open_clip's name of the training, which decides on the activation function."""

INFO = ModelInfo("clip, random", "0" * 64)
"""Name and hash of the model."""

VIEW: View = "blur"
"""View of the regions, where a row does not name another."""

NAIVE_REGIONS = 2
"""Number of regions on which the slowest row is measured; its time is scaled up."""

NAIVE = f"open_clip, one by one, texts encoded again for each region (measured on {NAIVE_REGIONS}, scaled)"
ONE_BY_ONE = "open_clip, one by one, texts encoded before"

Rows = Mapping[str, Callable[[], object]]
"""Ways to label the regions, by their titles."""


@dataclass(frozen=True)
class Task:
    """An image, its regions and the vocabulary to choose from.

    Attributes:
        rgb: uint8 [H, W, 3].
        regions: The regions.
        vocabulary: The vocabulary.
    """

    rgb: Rgb
    regions: Sequence[Region]
    vocabulary: Vocabulary


def task_of(photo: Path, count: int) -> Task:
    """Return the photograph with at most `count` regions that the embedded segmenter finds."""
    services = build_services(Settings())
    rgb = services.images.read(jpeg(photo, *SIZE))
    options = MaskOptions(PointGrid(32), count, 0.0, 0.0, 1)
    regions = services.finder.find(Photo.of(rgb, "photo"), options, Progress()).regions
    return Task(rgb, regions, services.vocabularies.default)


class Script:
    """Labels one region after another as a short script with open_clip does: crop, transform, `encode_image`.

    Args:
        model: An open_clip model.
        task: The task.
    """

    def __init__(self, model: Any, task: Task) -> None:
        self._model = model
        self._task = task
        self._transform = open_clip.image_transform(model.visual.image_size, is_train=False)
        self._prompts = open_clip.tokenize([f"a photo of a {name}" for name in task.vocabulary.names])
        self._texts = self._encode_texts()

    @torch.inference_mode()
    def _encode_texts(self) -> torch.Tensor:
        texts: torch.Tensor = self._model.encode_text(self._prompts, normalize=True)
        return texts

    @torch.inference_mode()
    def one_by_one(self) -> None:
        """Label all regions with texts that were encoded before."""
        for region in self._task.regions:
            self._label(region, self._texts)

    @torch.inference_mode()
    def naive(self) -> None:
        """Label NAIVE_REGIONS regions and encode the texts for each, as the example in CLIP's README does."""
        for region in self._task.regions[:NAIVE_REGIONS]:
            self._label(region, self._encode_texts())

    def _label(self, region: Region, texts: torch.Tensor) -> int:
        crop = Image.fromarray(CROP_VIEWS[VIEW](self._task.rgb, region))
        image = self._model.encode_image(self._transform(crop)[None], normalize=True)
        return int((100.0 * image @ texts.T).softmax(dim=-1).argmax())


def in_batches(encoder: ClipEncoder, task: Task, view: View) -> Callable[[], object]:
    """Return the labelling of this service; its texts are encoded before the time is taken."""
    texts, pool = VocabularyEncoder(ByteBudgetCache(1 << 24)), ThreadWorkerPool(1)
    texts.of(task.vocabulary, encoder)
    options = LabelOptions(task.vocabulary, view)

    def labelled() -> object:
        chosen = resolve_view(view, encoder)
        vectors = encode_region_views(task.rgb, task.regions, encoder, chosen, pool, Progress())
        return label_regions(vectors, encoder, texts, options)

    return labelled


def one_by_one(encoder: ClipEncoder, task: Task) -> Callable[[], object]:
    """Return calls of the encoder of this service for one region after another."""
    return lambda: [encoder.encode_images([CROP_VIEWS[VIEW](task.rgb, region)]) for region in task.regions]


def rows(directory: Path, architecture: str, task: Task, threads: int) -> Rows:
    """Return all ways to label the regions; the weights are written into the directory."""
    torch.manual_seed(0)
    model = build_open_clip(architecture, TAG).eval()
    checkpoint, graphs = directory / "clip.pt", directory / "graphs"
    torch.save(model.state_dict(), checkpoint)
    graphs.mkdir()
    export_clip(checkpoint, architecture, TAG, graphs)
    by_torch = load_torch_clip(INFO, checkpoint, architecture, TAG, "cpu")
    by_onnx = load_onnx_clip(INFO, graphs, threads)
    script = Script(model, task)
    return {
        NAIVE: script.naive,
        ONE_BY_ONE: script.one_by_one,
        "this service, torch: one by one": one_by_one(by_torch, task),
        "this service, torch: batches of 10": in_batches(by_torch, task, VIEW),
        "this service, torch: `attention`, one forward": in_batches(by_torch, task, "attention"),
        "this service, ONNX: one by one": one_by_one(by_onnx, task),
        "this service, ONNX: batches of 10": in_batches(by_onnx, task, VIEW),
        "this service, ONNX: `attention`, one forward": in_batches(by_onnx, task, "attention"),
    }


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="number of runs whose median is printed")
    parser.add_argument("--warm-up", type=int, default=1, help="number of runs before them")
    parser.add_argument("--regions", type=int, default=30, help="largest number of regions")
    parser.add_argument("--photo", type=Path, default=examples()[0])
    parser.add_argument("--architecture", default="ViT-B-32", help="open_clip's name of a ViT")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    args, threads = arguments(), Settings().model_threads
    torch.set_num_threads(threads)
    task = task_of(args.photo, args.regions)
    with tempfile.TemporaryDirectory() as directory:
        ways = rows(Path(directory), args.architecture, task, threads)
        medians = medians_in_turn(ways, args.runs, args.warm_up)
    count = len(task.regions)
    medians[NAIVE] *= count / NAIVE_REGIONS
    print(machine())
    print(f"torch {version('torch')}, open_clip {version('open_clip_torch')}, {threads} threads")
    print(f"{count} regions, {len(task.vocabulary.labels)} labels, medians of {args.runs} runs")
    show(
        f"{args.architecture}, regions of a photograph {SIZE[0]}x{SIZE[1]}, view `{VIEW}` unless noted",
        ["how", "seconds", "ms per region", "times faster than open_clip one by one"],
        [
            [name, f"{median:.2f}", f"{median / count * 1e3:.1f}", f"{medians[ONE_BY_ONE] / median:.2f}"]
            for name, median in medians.items()
        ],
    )


if __name__ == "__main__":
    main()
