"""Implements the port `ClassifierTrainer` with torch."""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn

from domain.arrays import Floats, Rgb
from tools.compare.classifier import LinearHead, NetworkInfo, Targets, TrainingSchedule
from tools.compare.cnn.baseline import InitialWeights
from tools.compare.cnn.network import Backbone, build_network
from tools.compare.cnn.pixels import normalize_imagenet, resize_to_squares
from tools.compare.cnn.training import fine_tune_network, fit_linear_probe

INFERENCE_BATCH_SIZE = 4
"""Number of images per inference call. With 16 the activations are so large that the C library requests their
memory from the system for each call, which doubles the time on a CPU."""


class CnnTrainer:
    """The port `ClassifierTrainer`.

    Args:
        backbone: The network without its last layer, on its device.
        info: Facts of the network for the report.
        pretrained: Whether the weights are those of a checkpoint, so that fine-tuning takes small steps.
    """

    def __init__(self, backbone: Backbone, info: NetworkInfo, pretrained: bool) -> None:
        self._backbone = backbone.eval()
        self._pretrained = pretrained
        self.info = info

    @classmethod
    def load(
        cls,
        name: str,
        weights: InitialWeights,
        input_size: int,
        device: torch.device,
        threads: int,
    ) -> "CnnTrainer":
        """Load a network of `network.CNN_BUILDERS`.

        Args:
            name: Its name there.
            weights: The weights it starts from.
            input_size: Side of the square input in pixels.
            device: Device that computes.
            threads: Number of threads on the CPU.

        Raises:
            ValueError: The checkpoint does not fit the network.
        """
        torch.set_num_threads(threads)
        backbone = build_network(name, weights.checkpoint, weights.seed).to(device)
        count = sum(parameter.numel() for parameter in backbone.parameters())
        info = NetworkInfo(name, weights.origin, input_size, count)
        return cls(backbone, info, weights.checkpoint is not None)

    def features(self, images: Sequence[Rgb]) -> Floats:
        """Return the features of the untrained network, float32 [N, F]."""
        return _run_batches(self._backbone, resize_to_squares(images, self.info.input_size))

    def probe(self, features: Floats, targets: Targets, classes: int) -> LinearHead:
        """Fit a multinomial logistic regression to features [N, F]."""
        return fit_linear_probe(features, targets, classes)

    def fine_tune(
        self,
        images: Iterable[Rgb],
        targets: Targets,
        head: LinearHead,
        schedule: TrainingSchedule,
        on_step: Callable[[int, int], None],
    ) -> "FineTunedCnn":
        """Return a copy of the network, trained further; see `training.fine_tune_network`."""
        backbone = deepcopy(self._backbone)
        network = nn.Sequential(backbone, _linear_layer(head)).to(_device_of(self._backbone))
        pixels = resize_to_squares(images, self.info.input_size)
        fine_tune_network(network, pixels, torch.from_numpy(targets), schedule, self._pretrained, on_step)
        return FineTunedCnn(network, self.info.input_size)


class FineTunedCnn:
    """The port `PhotoClassifier`.

    Args:
        network: Network from normalised pixels to logits.
        input_size: Side of the square input in pixels.
    """

    def __init__(self, network: nn.Module, input_size: int) -> None:
        self._network = network.eval()
        self._input_size = input_size

    def probabilities(self, images: Sequence[Rgb]) -> Floats:
        """Return the probabilities of the classes for each image, float32 [N, C]."""
        logits = _run_batches(self._network, resize_to_squares(images, self._input_size))
        probabilities: Floats = torch.from_numpy(logits).softmax(1).numpy()
        return probabilities


@torch.inference_mode()
def _run_batches(network: nn.Module, pixels: Tensor) -> Floats:
    device = _device_of(network)
    rows = [
        network(normalize_imagenet(batch.to(device))).float().cpu()
        for batch in pixels.split(INFERENCE_BATCH_SIZE)
    ]
    outputs: Floats = torch.cat(rows).numpy()
    return outputs


def _linear_layer(head: LinearHead) -> nn.Linear:
    layer = nn.Linear(*head.weight.shape)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(head.weight.T))
        layer.bias.copy_(torch.from_numpy(head.bias))
    return layer


def _device_of(network: nn.Module) -> torch.device:
    return next(network.parameters()).device
