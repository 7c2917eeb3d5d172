"""Trains the depth network step by step, and resumes where a training stopped."""

import math
from pathlib import Path

import torch
from torch import nn

from tools.training.backbone import load_backbone
from tools.training.depth.batches import RENDERED, Batch, Data
from tools.training.depth.losses import ordered_loss, rendered_loss
from tools.training.depth.network import DepthNetwork, freeze

ORDERED_WEIGHT = 0.3
"""Weight of the loss of annotated images; that of rendered scenes has weight 1."""

BODY_RATE, HEAD_RATE = 2e-4, 1e-3
"""Highest learning rates."""

WARM_UP = 100
"""Number of steps in which the learning rate rises."""

DECAY = 0.998
"""Decay per step of the running average of the weights, which is what is exported."""

SAVE_EVERY = 100
"""Number of steps between two checkpoints."""


class Trainer:
    """Trains with AdamW, a warm-up and a cosine schedule, and writes a checkpoint every SAVE_EVERY steps.

    Args:
        backbone: File of the ImageNet weights.
        checkpoint: File to resume from, if it exists, and to save to.
        steps: Number of steps of the whole training.

    Attributes:
        network: The network that is trained.
        average: The running average of its weights.
        step: Number of steps done.
    """

    def __init__(self, backbone: Path, checkpoint: Path, steps: int) -> None:
        self.network, self.average = DepthNetwork(), DepthNetwork()
        load_backbone(self.network.body, backbone)
        freeze(self.network)
        self.network.to(memory_format=torch.channels_last)
        self.average.load_state_dict(self.network.state_dict())
        self._optimizer = _optimizer(self.network)
        self._checkpoint, self._steps, self.step = checkpoint, steps, 0
        if checkpoint.exists():
            self._load()

    def run(self, data: Data) -> None:
        """Do all steps that are left."""
        while self.step < self._steps:
            for group in self._optimizer.param_groups:
                group["lr"] = group["peak"] * _rate(self.step, self._steps)
            torch.manual_seed(self.step)
            losses = self._one(data.batch(self.step))
            self.step += 1
            if self.step % 20 == 0:
                listed = f"loss of rendered scenes {losses[0]:.3f}, of annotated images {losses[1]:.3f}"
                print(f"step {self.step} of {self._steps}: {listed}", flush=True)
            if self.step % SAVE_EVERY == 0 or self.step == self._steps:
                self._save()

    def _one(self, batch: Batch) -> tuple[float, float]:
        predicted = self.network(batch.pixels)[:, 0]
        rendered = rendered_loss(predicted[:RENDERED], batch.inverse)
        ordered = ordered_loss(predicted[RENDERED:], batch.nearer, batch.farther, batch.weight)
        (rendered + ORDERED_WEIGHT * ordered).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self._optimizer.step()
        self._optimizer.zero_grad()
        decay = min(DECAY, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for average, trained in zip(self.average.parameters(), self.network.parameters(), strict=True):
                average.lerp_(trained, 1 - decay)
        return rendered.item(), ordered.item()

    def _save(self) -> None:
        partial = self._checkpoint.with_suffix(".part")
        torch.save({"step": self.step, "parts": [part.state_dict() for part in self._parts()]}, partial)
        partial.rename(self._checkpoint)

    def _load(self) -> None:
        saved = torch.load(self._checkpoint, map_location="cpu", weights_only=True)
        self.step = saved["step"]
        for part, state in zip(self._parts(), saved["parts"], strict=True):
            part.load_state_dict(state)

    def _parts(self) -> list[nn.Module | torch.optim.Optimizer]:
        return [self.network, self.average, self._optimizer]


def _optimizer(network: DepthNetwork) -> torch.optim.Optimizer:
    trained = [(name, value) for name, value in network.named_parameters() if value.requires_grad]
    body = [value for name, value in trained if name.startswith("body.")]
    head = [value for name, value in trained if not name.startswith("body.")]
    groups = [{"params": body, "peak": BODY_RATE}, {"params": head, "peak": HEAD_RATE}]
    return torch.optim.AdamW(groups, lr=HEAD_RATE, weight_decay=0.01)


def _rate(step: int, steps: int) -> float:
    cosine = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
    return min(1.0, (step + 1) / WARM_UP) * cosine
