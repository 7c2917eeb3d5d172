"""Trains the edge network on images segmented by several people (BSDS500).

python -m training.contour.train_edges --pack bsds_trainval.zip --backbone efficientnet_lite0.pth \
    --steps 2200 --out edges.pt
"""

import argparse
import math
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from training.contour.edge_maps import Example, augmented, edges_of
from training.contour.network import EdgeNetwork, load_backbone
from training.packs import Pack

BATCH = 2
AGREED = 0.3
"""Where fewer annotators than this share drew an edge, a pixel is neither edge nor background."""

SIDE_WEIGHT = 0.4
BACKGROUND_WEIGHT = 1.1
BODY_RATE, HEAD_RATE = 1.5e-4, 1e-3
WARM_UP = 100


def balanced_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Class-balanced cross-entropy of Xie and Tu (ICCV 2015), per edge pixel."""
    edge = (target >= AGREED).float()
    background = (target == 0).float()
    share = background.sum() / (edge.sum() + background.sum())
    weight = edge * share + background * (1 - share) * BACKGROUND_WEIGHT
    loss = functional.binary_cross_entropy_with_logits(logits, edge, reduction="none")
    return (loss * weight).sum() / (2 * edge.sum() + 1)


def total_loss(network: EdgeNetwork, pixels: Tensor, target: Tensor) -> Tensor:
    """Of the fused logits and, less heavily, of every side output."""
    sides, fused = network(pixels)
    side_losses = torch.stack([balanced_loss(side, target) for side in sides])
    return balanced_loss(fused, target) + SIDE_WEIGHT * side_losses.sum()


def batches(examples: list[Example], seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless random batches of pixels [BATCH, 3, h, w] and edges [BATCH, 1, h, w]."""
    rng = np.random.default_rng(seed)
    while True:
        chosen = [augmented(examples[rng.integers(len(examples))], rng) for _ in range(BATCH)]
        pixels, edges = (torch.from_numpy(np.stack(column)) for column in zip(*chosen, strict=True))
        yield pixels, edges


def train(network: EdgeNetwork, examples: list[Example], steps: int, seed: int) -> None:
    """AdamW with a warm-up and a cosine; batch norms keep their ImageNet statistics."""
    freeze_norms(network)
    optimiser = _optimiser(network)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps))
    for step, (pixels, target) in zip(range(1, steps + 1), batches(examples, seed), strict=False):
        loss = total_loss(network, pixels, target)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
        if step % 20 == 0 or step == steps:
            print(f"step {step} of {steps}, loss {loss.item():.3f}", flush=True)


def freeze_norms(network: nn.Module) -> None:
    """Let batch norms use their stored statistics while everything else trains."""
    network.train()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def _optimiser(network: EdgeNetwork) -> torch.optim.Optimizer:
    head = [value for name, value in network.named_parameters() if not name.startswith("body.")]
    groups = [{"params": network.body.parameters(), "lr": BODY_RATE}, {"params": head, "lr": HEAD_RATE}]
    return torch.optim.AdamW(groups, weight_decay=0.01)


def _rate(step: int, steps: int) -> float:
    cosine = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
    return min(1.0, (step + 1) / WARM_UP) * cosine


def _halved(network: EdgeNetwork) -> dict[str, Tensor]:
    """State with floats in fp16; counters stay integers."""
    state = network.state_dict().items()
    return {name: value.half() if value.is_floating_point() else value for name, value in state}


def main() -> None:
    """Read the pack, train, save a state dictionary in fp16."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, required=True, help="zip with the maps of several annotators")
    parser.add_argument("--backbone", type=Path, required=True, help="ImageNet weights of the backbone")
    parser.add_argument("--out", type=Path, required=True, help="the state dictionary to write")
    parser.add_argument("--steps", type=int, default=2200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(1)
    pack = Pack(arguments.pack)
    examples = [Example(pack.image(key), edges_of(pack.annotator_maps(key))) for key in pack.index]
    network = EdgeNetwork()
    load_backbone(network, arguments.backbone)
    train(network, examples, arguments.steps, arguments.seed)
    torch.save(_halved(network), arguments.out)


if __name__ == "__main__":
    main()
