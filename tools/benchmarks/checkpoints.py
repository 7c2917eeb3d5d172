"""Measures speed and memory of the published models on this machine, in both runtimes.

Weights are random, because their values do not change the costs. Each row is measured in a process of its
own, so that peaks of memory can be told apart.

python -m tools.benchmarks.checkpoints [--models sam2.1-tiny,clip-vit-b-32] [--runs 3]
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from config.manifest import Manifest
from config.settings import Settings
from domain.arrays import Rgb
from domain.models import ModelSpec
from models.registry import ADAPTERS
from services.masks.grid import point_grid_prompts
from tools.benchmarks.clock import median_seconds
from tools.benchmarks.photographs import parse_size
from tools.benchmarks.table import machine, show

LARGE_SIZE = (4000, 3000)
"""Width and height of the image in pixels."""

CROP, CROPS, TEXTS = 1000, 10, 10
"""Largest side of a crop in pixels, and sizes of a batch of crops and of texts."""

CHECKPOINT, WORDS = "checkpoint.pt", "words.json"
"""Names of the weight file, and of the tokenizer for models that do not read CLIP's own tokens."""

RUNTIMES = ("torch", "onnx")
"""Runtimes that are measured."""

MODULE = "tools.benchmarks.checkpoints"
"""Name of this module."""


@dataclass(frozen=True)
class Figures:
    """The figures of one model in one runtime.

    Attributes:
        first: Seconds of an encoded image, or of a crop in a batch.
        one: Seconds of a click, or of a crop alone.
        many: Seconds of a grid point in a batch, or of a text in a batch.
        loaded: MiB of the process with the model.
        encoding: Peak of the process after images were encoded, in MiB.
        all: Peak of the process after everything, in MiB.
    """

    first: float
    one: float
    many: float
    loaded: float
    encoding: float
    all: float


COLUMNS: Mapping[str, tuple[str, str, str]] = {
    "sam2": ("encode", "a click", "a grid point in a batch"),
    "clip": (f"a crop of {CROPS}", "a crop alone", f"a text of {TEXTS}"),
}
"""Titles of the times of a model, by the adapter of the model."""


def write_checkpoint(spec: ModelSpec, path: Path) -> None:
    """Write random weights of the architecture of a model, in the format of published files."""
    if spec.adapter == "sam2":
        from models.sam2.torch import build_sam2_model

        model = build_sam2_model(spec.architecture, None, torch.device("cpu"))
        torch.save({"model": model.state_dict()}, path)
    else:
        from models.clip.torch_weights import build_open_clip

        torch.save(build_open_clip(spec.architecture, "openai").state_dict(), path)


def write_tokenizer(path: Path) -> None:
    """Write a tokenizer.json with one token per word; which token it is does not change the costs."""
    tokenizer = Tokenizer(WordLevel({"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    tokenizer.save(str(path))


def peak_mb() -> float:
    """Return the largest memory that this process has had so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_segmenter(spec: ModelSpec, runtime: str, files: Path, rgb: Rgb, runs: int) -> Figures:
    """Measure an encoded image, a click, and a grid point in a batch, in this process."""
    from models.sam2.onnx import OnnxSam2
    from models.sam2.segmenter import Sam2Segmenter

    threads = Settings().model_threads
    if runtime == "onnx":
        sam = Sam2Segmenter(spec.info, OnnxSam2.load(files, threads))
    else:
        from models.sam2.torch import TorchSam2

        network = TorchSam2.load(spec.architecture, files / CHECKPOINT, torch.device("cpu"), threads)
        sam = Sam2Segmenter(spec.info, network)
    loaded, embedding = peak_mb(), sam.encode(rgb)
    first = median_seconds(lambda: sam.encode(rgb), runs, warm_up=0)
    encoding, prompts = peak_mb(), point_grid_prompts(rgb.shape[1], rgb.shape[0], 4)
    one = median_seconds(lambda: sam.decode(embedding, prompts[:1]), runs)
    batch = sam.defaults.prompts_per_batch
    many = median_seconds(lambda: sam.decode(embedding, prompts[:batch]), runs) / batch
    return Figures(first, one, many, loaded, encoding, peak_mb())


def measure_labeller(spec: ModelSpec, runtime: str, files: Path, rgb: Rgb, runs: int) -> Figures:
    """Measure a crop in a batch, a crop alone, and a text in a batch, in this process."""
    if runtime == "onnx":
        from models.clip.onnx import load_onnx_clip

        clip = load_onnx_clip(spec.info, files, Settings().model_threads)
    else:
        from models.clip.torch import load_torch_clip

        torch.set_num_threads(Settings().model_threads)
        words = files / WORDS if spec.has("tokenizer") else None
        clip = load_torch_clip(spec.info, files / CHECKPOINT, spec.architecture, "", "cpu", tokenizer=words)
    loaded, crops, texts = peak_mb(), [rgb[:CROP, :CROP]] * CROPS, ["a photo of a dog"] * TEXTS
    first = median_seconds(lambda: clip.encode_images(crops), runs) / CROPS
    encoding = peak_mb()
    one = median_seconds(lambda: clip.encode_images(crops[:1]), runs)
    many = median_seconds(lambda: clip.encode_texts(texts), runs) / TEXTS
    return Figures(first, one, many, loaded, encoding, peak_mb())


def measure(spec: ModelSpec, runtime: str, files: Path, size: tuple[int, int], runs: int) -> Figures:
    """Measure one model in one runtime on noise of that width and height, in this process."""
    rgb = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    measured = measure_segmenter if spec.adapter == "sam2" else measure_labeller
    return measured(spec, runtime, files, rgb, runs)


def prepare(spec: ModelSpec, files: Path) -> None:
    """Write the checkpoint of a model and its export into a folder."""
    write_checkpoint(spec, files / CHECKPOINT)
    plain = ModelSpec(spec.name, spec.adapter, spec.files, spec.architecture, "")
    write_tokenizer(files / WORDS)
    written = {"checkpoint": files / CHECKPOINT, "tokenizer": files / WORDS}
    export = ADAPTERS[spec.adapter].export
    assert export is not None
    export(plain, written, files)


def in_a_process(*args: str) -> Any:
    """Run this module with arguments in a process of its own, and return its last line, which is JSON."""
    command = [sys.executable, "-m", MODULE, *args]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(run.stdout.splitlines()[-1])


def rows(spec: ModelSpec, args: argparse.Namespace) -> list[list[str]]:
    """Measure one model in each runtime, and return a row of the table for each."""
    found, size = [], "{}x{}".format(*args.size)
    with tempfile.TemporaryDirectory() as files:
        in_a_process("--models", spec.name, "--prepare", files)
        for runtime in RUNTIMES:
            given = ["--models", spec.name, "--runs", str(args.runs), "--size", size]
            figures = Figures(**in_a_process(*given, "--measure", runtime, files))
            times = [f"{seconds * 1e3:,.0f}" for seconds in (figures.first, figures.one, figures.many)]
            peaks = [f"{mb:,.0f}" for mb in (figures.loaded, figures.encoding, figures.all)]
            found.append([spec.name, runtime, *times, *peaks])
    return found


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--models", default="sam2.1-tiny,sam2.1-small,sam2.1-base-plus,sam2.1-large")
    parser.add_argument("--runs", type=int, default=3, help="number of calls whose median is printed")
    parser.add_argument("--size", type=parse_size, default=LARGE_SIZE, help="width and height of the image")
    parser.add_argument("--prepare", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    args = arguments()
    specs = Manifest(Settings().manifest).select(args.models.split(","))
    if args.prepare:
        prepare(specs[0], args.prepare)
        print("{}")
    elif args.measure:
        runtime, files = args.measure
        print(json.dumps(asdict(measure(specs[0], runtime, Path(files), args.size, args.runs))))
    else:
        print(machine())
        for adapter in COLUMNS:
            _report(adapter, [row for spec in specs if spec.adapter == adapter for row in rows(spec, args)])


def _report(adapter: str, found: Sequence[Sequence[str]]) -> None:
    if found:
        head = ["model", "runtime", *(f"{title}, ms" for title in COLUMNS[adapter])]
        show(adapter, [*head, "loaded, MB", "peak encoding, MB", "peak after all, MB"], found)


if __name__ == "__main__":
    main()
