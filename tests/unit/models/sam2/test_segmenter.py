"""Tests of the SAM 2.1 adapter over a network whose answers are known."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from domain.masks import Embedding, Prompt
from domain.models import ModelInfo
from models.sam2.segmenter import Sam2Segmenter, logit_stability, order_multimasks
from services.masks.formats import encode_rle
from tests.unit.models.pickling import assert_decoding_survives_pickling

INFO = ModelInfo("net", "0" * 64)


class Net:
    """Network that predicts IoUs of .2, .5, .9 and .7; mask m is m + 1 rows deep, its stability is given."""

    prompts_per_batch = 4
    ious = np.array([0.2, 0.5, 0.9, 0.7], np.float32)

    def __init__(self, margin: float = 5.0) -> None:
        self.margin = margin
        self.coords: list[Floats] = []
        self.labels: list[list[list[int]]] = []
        self.masks: list[Floats | None] = []

    def encode(self, pixels: Floats) -> Mapping[str, Floats]:
        assert pixels.shape == (1, 3, 1024, 1024)
        return {"tokens": pixels[:, :, 0, 0]}

    def decode(
        self,
        features: Mapping[str, Floats],
        coords: Floats,
        labels: NDArray[np.int64],
        select: Callable[[Floats], NDArray[np.bool_]],
        masks: Floats | None = None,
    ) -> tuple[Floats, Floats]:
        self.masks.append(masks)
        assert set(features) == {"tokens"}
        self.coords.append(coords)
        self.labels.append(labels.tolist())
        ious = np.tile(self.ious, (len(coords), 1))
        masks = np.full((len(coords), 4, 256, 256), -self.margin, np.float32)
        for mask in range(4):
            masks[:, mask, : mask + 1] = self.margin
        return ious, masks[select(ious.copy())]


def _embedding(net: Net) -> Embedding:
    return Sam2Segmenter(INFO, net).encode(np.zeros((100, 200, 3), np.uint8))


def _rows(logits: Floats) -> list[int]:
    return [int((mask > 0).any(1).sum()) for mask in logits]


def test_a_click_gets_the_nested_masks_best_first() -> None:
    net = Net()
    found = Sam2Segmenter(INFO, net).decode(_embedding(net), [Prompt.point(50, 50)])
    assert _rows(found.logits) == [3, 4, 2]
    np.testing.assert_allclose(found.quality, [0.9, 0.7, 0.5])
    np.testing.assert_allclose(net.coords[0], [[[256.0, 512.0]]])


def test_what_the_decoder_port_carries_survives_pickling() -> None:
    assert_decoding_survives_pickling(Sam2Segmenter(INFO, Net()), np.zeros((100, 200, 3), np.uint8))


def test_a_threshold_leaves_out_what_is_below_it() -> None:
    net = Net()
    found = Sam2Segmenter(INFO, net).decode(_embedding(net), [Prompt.point(50, 50)] * 2, 0.6)
    assert _rows(found.logits) == [3, 4, 3, 4]
    assert found.prompt_index.tolist() == [0, 0, 1, 1]


def test_a_steady_single_mask_comes_first_for_a_box() -> None:
    net = Net()
    box = Prompt(np.array([[20.0, 30.0]]), np.array([0]), np.array([10.0, 20.0, 110.0, 70.0]))
    found = Sam2Segmenter(INFO, net).decode(_embedding(net), [box])
    assert _rows(found.logits) == [1, 3, 4, 2]
    assert net.labels == [[[2, 3, 0]]]
    np.testing.assert_allclose(net.coords[0][0, :2], [[51.2, 204.8], [563.2, 716.8]], rtol=1e-6)


def test_an_unsteady_single_mask_gives_way() -> None:
    net = Net(margin=0.01)
    box = Prompt(np.empty((0, 2)), np.empty(0, np.int64), np.array([10.0, 20.0, 110.0, 70.0]))
    assert _rows(Sam2Segmenter(INFO, net).decode(_embedding(net), [box]).logits) == [3, 4, 2, 1]


def test_prompts_of_different_lengths_share_a_call_and_keep_their_order() -> None:
    net = Net()
    two = Prompt(np.array([[1.0, 1.0], [2.0, 2.0]]), np.array([1, 1]))
    prompts = [Prompt.point(1, 1), two, Prompt.point(2, 2)]
    found = Sam2Segmenter(INFO, net).decode(_embedding(net), prompts)
    assert found.prompt_index.tolist() == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2]
    assert [len(labels) for labels in net.labels] == [2, 1]


def test_stability_is_the_share_that_both_thresholds_agree_on() -> None:
    logits = np.full((2, 4, 4), -5.0, np.float32)
    logits[0, :2] = 5.0
    logits[0, 2] = 0.5
    np.testing.assert_allclose(logit_stability(logits), [2 / 3, 1.0])


def test_order_of_an_unsteady_mask() -> None:
    logits = np.zeros((4, 4, 4), np.float32)
    logits[0, 0], logits[0, 1] = 1.0, 0.01
    assert order_multimasks(np.array([0.9, 0.1, 0.3, 0.2], np.float32), logits) == [2, 3, 1, 0]


def test_masks_are_logits_of_the_network_and_leave_no_doubt() -> None:
    net = Net()
    guess = np.zeros((100, 200), np.bool_)
    guess[:50] = True
    alone = Prompt(np.empty((0, 2)), np.empty(0, np.int64), mask=encode_rle(guess))
    prompts = [Prompt.point(1, 1), replace(Prompt.point(2, 2), mask=encode_rle(guess)), alone]
    found = Sam2Segmenter(INFO, net).decode(_embedding(net), prompts)
    assert found.prompt_index.tolist() == [0] * 3 + [1] * 4 + [2] * 4
    assert net.masks[0] is None
    assert net.labels == [[[1]], [[1]], [[]]]
    expected = np.full((1, 256, 256), -10.0)
    expected[:, :128] = 10.0
    assert all(np.array_equal(masks, expected) for masks in net.masks[1:])
