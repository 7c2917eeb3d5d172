"""How fast and how large the published models are on this machine, in both runtimes.

Weights are random: they cost what trained ones cost. Each figure comes from a process of its own, on a
photograph of 12 megapixels, so that peaks of memory can be told apart.

python -m tools.benchmarks.checkpoints [--models sam2.1-tiny,clip-vit-b-32] [--runs 3]
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
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
from models.registry import EXPORTERS
from services.masks.grid import point_grid_prompts
from tools.benchmarks.table import machine, show

HEIGHT, WIDTH = 3000, 4000
PROMPTS, CROPS, TEXTS = 16, 10, 10
WORDS = "words.json"
"""Name of the tokenizer for models that read other tokens than CLIP's."""


def write_checkpoint(spec: ModelSpec, path: Path) -> None:
    """Save random weights of the model's architecture in a format that is read as published files are."""
    if spec.adapter == "sam2":
        from models.sam2.torch import build_sam2_model

        torch.save(
            {"model": build_sam2_model(spec.architecture, None, torch.device("cpu")).state_dict()}, path
        )
    else:
        from models.clip.torch_weights import build_open_clip

        torch.save(build_open_clip(spec.architecture, "openai").state_dict(), path)


def write_tokenizer(path: Path) -> None:
    """Save a tokenizer.json with one token a word: which token it is does not change what it costs."""
    tokenizer = Tokenizer(WordLevel({"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    tokenizer.save(str(path))


def seconds(call: Callable[[], object], runs: int) -> float:
    """The median of `runs` calls, after one that is not counted."""
    call()
    spent = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent)


def peak_mb() -> float:
    """The most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def segmenter(spec: ModelSpec, runtime: str, files: Path, rgb: Rgb, runs: int) -> dict[str, float]:
    """Seconds of an encode, of a click, and of a grid point in a batch."""
    from models.sam2.onnx import OnnxSam2
    from models.sam2.segmenter import Sam2Segmenter

    threads = Settings().model_threads
    if runtime == "onnx":
        sam = Sam2Segmenter(spec.info, OnnxSam2.load(files, threads))
    else:
        from models.sam2.torch import TorchSam2

        checkpoint = files / "checkpoint.pt"
        sam = Sam2Segmenter(
            spec.info, TorchSam2.load(spec.architecture, checkpoint, torch.device("cpu"), threads)
        )
    loaded = peak_mb()
    first = seconds(lambda: sam.encode(rgb), runs)
    encoded, embedding = peak_mb(), sam.encode(rgb)
    prompts = point_grid_prompts(WIDTH, HEIGHT, 4)
    one = seconds(lambda: sam.decode(embedding, prompts[:1]), runs)
    batch = sam.defaults.prompts_per_batch
    many = seconds(lambda: sam.decode(embedding, prompts[:batch]), runs) / batch
    peaks = {"loaded": loaded, "encoding": encoded, "decoding": peak_mb()}
    return {"first": first, "one": one, "many": many, **peaks}


def labeller(spec: ModelSpec, runtime: str, files: Path, rgb: Rgb, runs: int) -> dict[str, float]:
    """Seconds of a batch of crops, of one crop alone, and of a text in a batch."""
    if runtime == "onnx":
        from models.clip.onnx import load_onnx_clip

        clip = load_onnx_clip(spec.info, files, Settings().model_threads)
    else:
        from models.clip.torch import load_torch_clip

        torch.set_num_threads(Settings().model_threads)
        words = files / WORDS if spec.has("tokenizer") else None
        clip = load_torch_clip(
            spec.info, files / "checkpoint.pt", spec.architecture, "", "cpu", tokenizer=words
        )
    loaded = peak_mb()
    crops = [rgb[:1000, :1000]] * CROPS
    first = seconds(lambda: clip.encode_images(crops), runs) / CROPS
    encoded = peak_mb()
    one = seconds(lambda: clip.encode_images(crops[:1]), runs)
    many = seconds(lambda: clip.encode_texts(["a photo of a dog"] * TEXTS), runs) / TEXTS
    return {
        "first": first,
        "one": one,
        "many": many,
        "loaded": loaded,
        "encoding": encoded,
        "decoding": peak_mb(),
    }


def measure(spec: ModelSpec, runtime: str, files: Path, runs: int) -> dict[str, float]:
    """The figures of one model in one runtime, in this process."""
    rgb = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    return (segmenter if spec.adapter == "sam2" else labeller)(spec, runtime, files, rgb, runs)


def prepare(spec: ModelSpec, files: Path) -> None:
    """Write the checkpoint and its export into `files`."""
    write_checkpoint(spec, files / "checkpoint.pt")
    plain = ModelSpec(spec.name, spec.adapter, spec.files, spec.architecture, "")
    write_tokenizer(files / WORDS)
    made = {"checkpoint": files / "checkpoint.pt", "tokenizer": files / WORDS}
    EXPORTERS[spec.adapter](plain, made, files)


def in_a_process(*arguments: str) -> Any:
    """What this script prints as its last line when it is run with these arguments."""
    run = subprocess.run(
        [sys.executable, "-m", "tools.benchmarks.checkpoints", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout.splitlines()[-1])


def rows(spec: ModelSpec, runs: int) -> list[list[str]]:
    """A row for each runtime."""
    made = []
    with tempfile.TemporaryDirectory() as files:
        in_a_process("--models", spec.name, "--prepare", files)
        for runtime in ("torch", "onnx"):
            got = in_a_process("--models", spec.name, "--runs", str(runs), "--measure", runtime, files)
            times = [f"{got[name] * 1e3:,.0f}" for name in ("first", "one", "many")]
            made.append(
                [spec.name, runtime, *times, *(f"{got[n]:,.0f}" for n in ("loaded", "encoding", "decoding"))]
            )
    return made


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--models", default="sam2.1-tiny,sam2.1-small,sam2.1-base-plus,sam2.1-large")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--prepare", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    specs = Manifest(Settings().manifest).select(arguments.models.split(","))
    if arguments.prepare:
        prepare(specs[0], arguments.prepare)
        print("{}")
    elif arguments.measure:
        runtime, files = arguments.measure
        print(json.dumps(measure(specs[0], runtime, Path(files), arguments.runs)))
    else:
        print(machine())
        for adapter, (first, one, many) in {
            "sam2": ("encode", "a click", "a grid point in a batch"),
            "clip": ("a crop of 10", "a crop alone", "a text of 10"),
        }.items():
            found = [row for spec in specs if spec.adapter == adapter for row in rows(spec, arguments.runs)]
            head = ["model", "runtime", f"{first}, ms", f"{one}, ms", f"{many}, ms"]
            if found:
                show(adapter, [*head, "loaded, MB", "peak encoding, MB", "peak after all, MB"], found)


if __name__ == "__main__":
    main()
