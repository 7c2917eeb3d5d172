"""The networks behind the port, small and on the CPU."""

import numpy as np
import pytest
import torch

from domain.arrays import Rgb
from tools.compare.classifier import LinearHead, TrainingSchedule
from tools.compare.cnn.network import CNN_BUILDERS
from tools.compare.cnn.pixels import augment, normalize_imagenet, resize_to_squares
from tools.compare.cnn.trainer import CnnTrainer
from tools.compare.cnn.training import TRAINING_BATCH_SIZE, fit_linear_probe

SIDE = 32
WIDTHS = {"resnet18": 512, "vgg16": 4096, "efficientnet-lite0": 1280}


def trainer(name: str = "resnet18", seed: int = 0) -> CnnTrainer:
    return CnnTrainer.load(name, None, "random", SIDE, seed, torch.device("cpu"), 1)


def colored(count: int) -> list[Rgb]:
    """Half of them dark, half bright, of different sizes."""
    random = np.random.default_rng(0)
    return [
        random.integers(0, 60, (20 + number, 40, 3)).astype(np.uint8) + np.uint8(150 * (number % 2))
        for number in range(count)
    ]


@pytest.mark.parametrize("name", list(CNN_BUILDERS))
def test_every_network_gives_its_features(name: str) -> None:
    network = trainer(name)
    features = network.features(colored(2))
    assert features.shape == (2, WIDTHS[name])
    assert features.dtype == np.float32
    assert network.facts.parameters > 3_000_000


def test_features_of_an_image_do_not_depend_on_the_others() -> None:
    network, images = trainer(), colored(5)
    alone = np.concatenate([network.features([image]) for image in images])
    assert network.features(images) == pytest.approx(alone, abs=1e-5)


def test_the_seed_makes_the_random_weights() -> None:
    first, again, other = (trainer(seed=seed).features(colored(1)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_probe_separates_what_can_be_separated() -> None:
    random = np.random.default_rng(0)
    targets = np.repeat(np.arange(3), 20)
    features = (random.normal(size=(60, 8)) + 9 * np.eye(8)[targets] + 100).astype(np.float32)
    head = fit_linear_probe(features, targets, 3)
    assert (head.logits(features).argmax(axis=1) == targets).all()
    assert head.parameters == 8 * 3 + 3


def test_fine_tuning_learns_and_leaves_the_network_as_it_was() -> None:
    network, images = trainer(), colored(16)
    targets = np.arange(16) % 2
    before = network.features(images)
    head = network.probe(before, targets, 2)
    steps: list[tuple[int, int]] = []
    tuned = network.fine_tune(images, targets, head, TrainingSchedule(3, 0), lambda *step: steps.append(step))
    assert steps == [(1, 3), (2, 3), (3, 3)]
    probabilities = tuned.probabilities(images)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(16), abs=1e-5)
    assert np.array_equal(network.features(images), before)
    assert not np.allclose(probabilities, _shares(head.logits(before)), atol=1e-3)


def test_a_last_batch_of_one_is_left_out() -> None:
    """Batch norm cannot train on one photograph that has come down to one pixel."""
    network, count = trainer(), TRAINING_BATCH_SIZE + 1
    targets = np.arange(count) % 2
    head = LinearHead(np.zeros((WIDTHS["resnet18"], 2), np.float32), np.zeros(2, np.float32))
    steps: list[tuple[int, int]] = []
    network.fine_tune(colored(count), targets, head, TrainingSchedule(2, 0), lambda *step: steps.append(step))
    assert steps == [(1, 2), (2, 2)]


def test_the_same_seed_trains_the_same_network() -> None:
    network, images = trainer(), colored(8)
    targets = np.arange(8) % 2
    head = network.probe(network.features(images), targets, 2)
    first, again, other = (
        network.fine_tune(images, targets, head, TrainingSchedule(2, seed), lambda *_: None).probabilities(
            images
        )
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def _shares(logits: np.ndarray) -> np.ndarray:
    return torch.from_numpy(logits).softmax(1).numpy()


def test_varied_photographs_stay_within_the_photograph() -> None:
    pixels = torch.arange(SIDE, dtype=torch.float32).repeat(4, 3, SIDE, 1)
    shown = augment(pixels, torch.Generator().manual_seed(0))
    assert shown.shape == pixels.shape
    assert shown.min() >= 0
    assert shown.max() <= SIDE - 1
    assert len({float(row[0, 0, 0]) for row in shown}) == 4


def test_pixels_are_squashed_and_brought_to_imagenets_scale() -> None:
    pixels = resize_to_squares([np.full((10, 90, 3), 255, np.uint8), np.zeros((64, 64, 3), np.uint8)], SIDE)
    assert pixels.shape == (2, 3, SIDE, SIDE)
    scaled = normalize_imagenet(pixels)[:, :, 0, 0].tolist()
    assert scaled[0] == pytest.approx([(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225])
    assert scaled[1] == pytest.approx([-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225])
