"""How long CLIP takes to name the regions of a photograph: one by one, in batches, by one forward.

CLIP ViT-B/32 at full size with random weights: speed does not depend on the values. All rows in one process,
on the same photograph and regions, run by turns. Needs requirements-torch.txt.

python -m tools.benchmarks.labels [--runs 5] [--regions 30] [--photo FILE]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
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
from tools.benchmarks.photographs import examples, jpeg
from tools.benchmarks.table import machine, show

ARCHITECTURE, TAG = "ViT-B-32", "laion2b_s34b_b79k"
INFO = ModelInfo("clip-vit-b-32, random", "0" * 64)
SIZE = (640, 480)
VIEW: View = "blur"
NAIVE_REGIONS = 2
"""The slowest row is measured on this many and scaled up."""

Rows = Mapping[str, Callable[[], object]]


@dataclass(frozen=True)
class Task:
    """A photograph, its regions and the names to choose from."""

    rgb: Rgb
    regions: Sequence[Region]
    vocabulary: Vocabulary


def task(photo: Path, count: int) -> Task:
    """Regions of the photograph as the embedded segmenter finds them."""
    services = build_services(Settings())
    rgb = services.images.read(jpeg(photo, *SIZE))
    options = MaskOptions(PointGrid(32), count, 0.0, 0.0, 1)
    regions = services.finder.find(Photo.of(rgb, "photo"), options, Progress()).regions
    return Task(rgb, regions, services.vocabularies.default)


class Straightforward:
    """What a short script does with open_clip: crop, transform, `encode_image`, for one region after another.

    Args:
        model: An open_clip model.
        task: What to name.
    """

    def __init__(self, model: torch.nn.Module, task: Task) -> None:
        self._model = model
        self._task = task
        self._transform = open_clip.image_transform(224, is_train=False)
        self._prompts = open_clip.tokenize([f"a photo of a {name}" for name in task.vocabulary.names])
        self._texts = self._encode_texts()

    @torch.inference_mode()
    def _encode_texts(self) -> torch.Tensor:
        texts: torch.Tensor = self._model.encode_text(self._prompts, normalize=True)
        return texts

    @torch.inference_mode()
    def one_by_one(self) -> None:
        """The texts were encoded before."""
        for region in self._task.regions:
            self._name(region, self._texts)

    @torch.inference_mode()
    def naive(self) -> None:
        """The texts are encoded again for each region, as in the example of CLIP's README."""
        for region in self._task.regions[:NAIVE_REGIONS]:
            self._name(region, self._encode_texts())

    def _name(self, region: Region, texts: torch.Tensor) -> int:
        crop = Image.fromarray(CROP_VIEWS[VIEW](self._task.rgb, region))
        image = self._model.encode_image(self._transform(crop)[None], normalize=True)
        return int((100.0 * image @ texts.T).softmax(dim=-1).argmax())


def ours(encoder: ClipEncoder, task: Task, view: View) -> Callable[[], object]:
    """The service's naming; its texts are encoded before the clock runs."""
    texts, pool = VocabularyEncoder(ByteBudgetCache(1 << 24)), ThreadWorkerPool(1)
    texts.of(task.vocabulary, encoder)
    options = LabelOptions(task.vocabulary, view)

    def labelled() -> object:
        seen = resolve_view(view, encoder)
        looks = encode_region_views(task.rgb, task.regions, encoder, seen, pool, Progress())
        return label_regions(looks, encoder, texts, options)

    return labelled


def ours_alone(encoder: ClipEncoder, task: Task) -> Callable[[], object]:
    """The service's encoder, called for one region after another."""
    return lambda: [encoder.encode_images([CROP_VIEWS[VIEW](task.rgb, region)]) for region in task.regions]


def measure(rows: Rows, runs: int) -> dict[str, float]:
    """Median seconds of each row; the rows take turns, after one round that is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(runs + 1):
        for name, call in rows.items():
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(spent[1:]) for name, spent in seconds.items()}


def rows(directory: Path, task: Task, threads: int) -> Rows:
    """Every way to name the regions, by name."""
    torch.manual_seed(0)
    model = build_open_clip(ARCHITECTURE, TAG).eval()
    checkpoint, graphs = directory / "clip.pt", directory / "graphs"
    torch.save(model.state_dict(), checkpoint)
    graphs.mkdir()
    export_clip(checkpoint, ARCHITECTURE, TAG, graphs)
    by_torch = load_torch_clip(INFO, checkpoint, ARCHITECTURE, TAG, "cpu")
    by_onnx = load_onnx_clip(INFO, graphs, threads)
    script = Straightforward(model, task)
    return {
        NAIVE: script.naive,
        ONE_BY_ONE: script.one_by_one,
        "ours, torch: one by one": ours_alone(by_torch, task),
        "ours, torch: batches of 10": ours(by_torch, task, VIEW),
        "ours, torch: `attention`, one forward": ours(by_torch, task, "attention"),
        "ours, ONNX: one by one": ours_alone(by_onnx, task),
        "ours, ONNX: batches of 10": ours(by_onnx, task, VIEW),
        "ours, ONNX: `attention`, one forward": ours(by_onnx, task, "attention"),
    }


NAIVE = f"open_clip, one by one, texts encoded again for each region (measured on {NAIVE_REGIONS}, scaled)"
ONE_BY_ONE = "open_clip, one by one, texts encoded before"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--regions", type=int, default=30)
    parser.add_argument("--photo", type=Path, default=examples()[0])
    arguments = parser.parse_args()
    settings = Settings()
    torch.set_num_threads(settings.model_threads)
    work = task(arguments.photo, arguments.regions)
    with tempfile.TemporaryDirectory() as directory:
        medians = measure(rows(Path(directory), work, settings.model_threads), arguments.runs)
    count = len(work.regions)
    medians[NAIVE] *= count / NAIVE_REGIONS
    print(machine())
    print(
        f"torch {version('torch')}, open_clip {version('open_clip_torch')}, {settings.model_threads} threads"
    )
    print(f"{count} regions, {len(work.vocabulary.labels)} names, medians of {arguments.runs} runs")
    show(
        f"Naming the regions of a photograph {SIZE[0]}x{SIZE[1]}, view `{VIEW}` unless said otherwise",
        ["how", "seconds", "ms a region", "times faster than open_clip one by one"],
        [
            [
                name,
                f"{median:.2f}",
                f"{np.round(median / count * 1e3, 1)}",
                f"{medians[ONE_BY_ONE] / median:.2f}",
            ]
            for name, median in medians.items()
        ],
    )


if __name__ == "__main__":
    main()
