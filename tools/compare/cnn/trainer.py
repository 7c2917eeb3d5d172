"""A convolutional network behind the port ClassifierTrainer."""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from pathlib import Path

import torch
from torch import Tensor, nn

from domain.arrays import Floats, Rgb
from tools.compare.classifier import LinearHead, NetworkInfo, Targets, TrainingSchedule
from tools.compare.cnn.network import Backbone, build_network
from tools.compare.cnn.pixels import normalize_imagenet, resize_to_squares
from tools.compare.cnn.training import fine_tune_network, fit_linear_probe

INFERENCE_BATCH_SIZE = 4
"""Photographs that go through the network at once when nothing is trained. The layers of 16 are so large that
the C library asks the system for their memory anew each time, which doubles the time on a CPU."""


class CnnTrainer:
    """The port `ClassifierTrainer`.

    Args:
        trunk: On the device it shall compute on.
        facts: What it is.
        pretrained: Whether its weights are worth keeping near to.
    """

    def __init__(self, trunk: Backbone, facts: NetworkInfo, pretrained: bool) -> None:
        self._trunk = trunk.eval()
        self._pretrained = pretrained
        self.facts = facts

    @classmethod
    def load(
        cls,
        name: str,
        checkpoint: Path | None,
        weights: str,
        side: int,
        seed: int,
        device: torch.device,
        threads: int,
    ) -> "CnnTrainer":
        """A network of `network.NETWORKS`.

        Args:
            name: Which.
            checkpoint: Its weights; None: random ones.
            weights: Where they are from, for the report.
            side: Pixels of the square that it shall look at.
            seed: Of random weights.
            device: Where it computes.
            threads: Cores it may use.

        Raises:
            ValueError: The checkpoint does not fit the network.
        """
        torch.set_num_threads(threads)
        trunk = build_network(name, checkpoint, seed).to(device)
        count = sum(parameter.numel() for parameter in trunk.parameters())
        return cls(trunk, NetworkInfo(name, weights, side, count), checkpoint is not None)

    def features(self, images: Sequence[Rgb]) -> Floats:
        """What the untrained network sees: float32 [N, F]."""
        return _run_batches(self._trunk, resize_to_squares(images, self.facts.side))

    def probe(self, features: Floats, targets: Targets, classes: int) -> LinearHead:
        """Multinomial logistic regression on features [N, F]."""
        return fit_linear_probe(features, targets, classes)

    def fine_tune(
        self,
        images: Iterable[Rgb],
        targets: Targets,
        head: LinearHead,
        schedule: TrainingSchedule,
        report: Callable[[int, int], None],
    ) -> "FineTunedCnn":
        """A copy of the network, trained on; see `tuning`."""
        network = nn.Sequential(deepcopy(self._trunk), _linear_layer(head)).to(_device_of(self._trunk))
        pixels = resize_to_squares(images, self.facts.side)
        fine_tune_network(network, pixels, torch.from_numpy(targets), schedule, self._pretrained, report)
        return FineTunedCnn(network, self.facts.side)


class FineTunedCnn:
    """The port `PhotoClassifier`.

    Args:
        network: Pixels to logits.
        side: Pixels of the square that it looks at.
    """

    def __init__(self, network: nn.Module, side: int) -> None:
        self._network = network.eval()
        self._side = side

    def probabilities(self, images: Sequence[Rgb]) -> Floats:
        """Of the classes for each image, [N, C]."""
        logits = _run_batches(self._network, resize_to_squares(images, self._side))
        shares: Floats = torch.from_numpy(logits).softmax(1).numpy()
        return shares


@torch.inference_mode()
def _run_batches(network: nn.Module, pixels: Tensor) -> Floats:
    device = _device_of(network)
    rows = [
        network(normalize_imagenet(batch.to(device))).float().cpu()
        for batch in pixels.split(INFERENCE_BATCH_SIZE)
    ]
    found: Floats = torch.cat(rows).numpy()
    return found


def _linear_layer(head: LinearHead) -> nn.Linear:
    layer = nn.Linear(*head.weight.shape)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(head.weight.T))
        layer.bias.copy_(torch.from_numpy(head.bias))
    return layer


def _device_of(network: nn.Module) -> torch.device:
    return next(network.parameters()).device
