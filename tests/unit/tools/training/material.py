"""Makes what trainings need, small and random: packs, backbones, a text model, features of examples."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.trainers import WordLevelTrainer

from tests.unit.tools.packs import Entry, ellipse, photograph, write_pack
from tools.training.labeller.export_image import imagenet_names
from tools.training.labeller.text_tower import LAYERS, WIDTH

SIZE = (160, 120)
LABELS = ("cat", "dog", "car", "person", "bird")
VOC = ("background", *LABELS)
FACADES = ("various", "building", "car", "door", "pavement", "road", "sky", "vegetation", "window")
CAPTIONS = ("A cat on the grass .", "A grey cat under a blue sky .")


def write_packs(folder: Path, copies: Mapping[str, int] | None = None) -> Path:
    """Write every pack that a training reads, each with two images, or with so many copies of one."""
    disparity = np.linspace(100, 900, SIZE[1]).astype(np.uint16)[:, None].repeat(SIZE[0], 1)
    outlines = np.concatenate([ellipse(*SIZE) + 1, ellipse(*SIZE) + 1], axis=1)
    rgb, cat, person = photograph(*SIZE), ellipse(*SIZE), ellipse(*SIZE, VOC.index("person"))
    on_grass = np.where(cat[..., None] > 0, rgb, _meadow())
    packs: Mapping[str, tuple[Entry, tuple[str, ...]]] = {
        "bsds_trainval": (Entry(rgb, {"annotators": 2}, outlines), ()),
        "caltech101": (Entry(rgb, {"label": "wild cat"}), ()),
        "coco_person": (Entry(rgb, {"regions": {"1": "person"}}, cat), ("person",)),
        "coco_train": (Entry(on_grass, {"regions": {"1": "dog"}}, cat), LABELS),
        "depth_eval": (Entry(rgb, {"kind": "disparity_x100"}, disparity), ()),
        "ecssd": (Entry(rgb, {}, cat), ()),
        "flickr8k_train": (Entry(_meadow(), {"captions": CAPTIONS}), ()),
        "labelmefacade": (Entry(rgb, {}, _street()), FACADES),
        "voc2012_aug": (Entry(on_grass, {"classes": ["sheep"]}, person), VOC),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, (entry, classes) in packs.items():
        keys = [f"{number:04}" for number in range((copies or {}).get(name, 2))]
        write_pack(folder / f"{name}.zip", dict.fromkeys(keys, entry), classes)
    return folder


def _meadow() -> NDArray[np.uint8]:
    """Blue sky over green grass."""
    rgb = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    rgb[:48], rgb[48:] = (90, 150, 230), (70, 150, 60)
    return rgb


def _street() -> NDArray[np.uint8]:
    """A label map of sky, a building, and a road."""
    labels = np.full((SIZE[1], SIZE[0]), FACADES.index("building"), np.uint8)
    labels[:45], labels[95:] = FACADES.index("sky"), FACADES.index("road")
    return labels


def write_backbone(path: Path, architecture: str) -> Path:
    """Save random weights of a classifier of timm."""
    torch.manual_seed(0)
    torch.save(timm.create_model(architecture, pretrained=False).state_dict(), path)
    return path


def write_text_model(folder: Path) -> Path:
    """Save a sentence model of MiniLM's shape, with random weights and one token for a word."""
    folder.mkdir()
    tokenizer = Tokenizer(WordLevel(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    trainer = WordLevelTrainer(special_tokens=["[PAD]", "[UNK]"], show_progress=False)
    tokenizer.train_from_iterator([*imagenet_names(), *CAPTIONS, *LABELS, "a photo of a"], trainer)
    (folder / "tokenizer.json").write_text(json.dumps(json.loads(tokenizer.to_str())))
    save_file(_text_weights(tokenizer.get_vocab_size()), folder / "model.safetensors")
    return folder


def _text_weights(words: int, wide: int = 32) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    state = {"embeddings.word_embeddings.weight": torch.randn(words, WIDTH, generator=generator)}
    state["embeddings.token_type_embeddings.weight"] = torch.zeros(2, WIDTH)
    state["embeddings.position_embeddings.weight"] = torch.randn(128, WIDTH, generator=generator) * 0.1
    norms = ["embeddings.LayerNorm"]
    linears: dict[str, tuple[int, int]] = {}
    for layer in (f"encoder.layer.{number}" for number in range(LAYERS)):
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
        for name in ("self.query", "self.key", "self.value", "output.dense"):
            linears[f"{layer}.attention.{name}"] = WIDTH, WIDTH
        linears |= {f"{layer}.intermediate.dense": (wide, WIDTH), f"{layer}.output.dense": (WIDTH, wide)}
    for name in norms:
        state |= {f"{name}.weight": torch.ones(WIDTH), f"{name}.bias": torch.zeros(WIDTH)}
    for name, (rows, columns) in linears.items():
        state[f"{name}.weight"] = torch.randn(rows, columns, generator=generator) * 0.05
        state[f"{name}.bias"] = torch.zeros(rows)
    return state


def write_features(path: Path, images: int) -> Path:
    """Save random features of examples, in the columns that `training.labeller.features` writes.

    Every image of coco_train has an object, with and without jitter, stuff, segments, and its whole.
    """
    keys = [f"{number:04}" for number in range(images)]
    rows = [row for number, key in enumerate(keys) for row in _examples_of(key, LABELS[number % len(LABELS)])]
    rows += [("flickr8k_train", key, "\n".join(CAPTIONS), "photo", 1.0) for key in keys[:4]]
    rng = np.random.default_rng(0)
    np.savez(
        path,
        features=rng.exponential(size=(len(rows), 1280)).astype(np.float16),
        conse=_unit(rng.normal(size=(len(rows), 384))).astype(np.float16),
        **_columns(rows),
    )
    return path


Row = tuple[str, str, str, str, float]


def _examples_of(key: str, label: str) -> Iterable[Row]:
    yield "coco_train", key, label, "object", 1.0
    yield "coco_train+jitter", key, label, "object", 1.0
    yield "coco_stuff", key, "grass", "stuff", 1.0
    yield from (("coco_segments", key, label, kind, 0.1) for kind in ("part", "mixture", "background"))
    yield "coco_train", key, "", "scene", 1.0


def _columns(rows: list[Row]) -> dict[str, Any]:
    names = ("source", "key", "label", "kind", "iou")
    return {name: np.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
