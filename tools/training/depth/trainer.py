"""Trains the depth network step by step, and picks up where it stopped."""

import math
from pathlib import Path

import torch
from torch import nn

from tools.training.depth.batches import RENDERED, Batch, Data
from tools.training.depth.losses import ordered_loss, rendered_loss
from tools.training.depth.network import DepthNetwork, freeze, load_backbone

PHOTOGRAPH_WEIGHT = 0.3
BODY_RATE, HEAD_RATE = 2e-4, 1e-3
WARM_UP = 100
AVERAGE = 0.998
"""The exported weights are a running average of the trained ones, with this decay a step."""

SAVE_EVERY = 100


class Trainer:
    """AdamW with a warm-up and a cosine; a checkpoint every SAVE_EVERY steps.

    Args:
        backbone: ImageNet weights.
        checkpoint: Read if it is there.
        steps: In all.
    """

    def __init__(self, backbone: Path, checkpoint: Path, steps: int) -> None:
        self.network, self.average = DepthNetwork(), DepthNetwork()
        load_backbone(self.network, backbone)
        freeze(self.network)
        self.network.to(memory_format=torch.channels_last)
        self.average.load_state_dict(self.network.state_dict())
        self._optimiser = _optimiser(self.network)
        self._checkpoint, self._steps, self.step = checkpoint, steps, 0
        if checkpoint.exists():
            self._load()

    def run(self, data: Data) -> None:
        """All steps that are left."""
        while self.step < self._steps:
            for group in self._optimiser.param_groups:
                group["lr"] = group["peak"] * _rate(self.step, self._steps)
            torch.manual_seed(self.step)
            losses = self._one(data.batch(self.step))
            self.step += 1
            if self.step % 20 == 0:
                shown = f"rendered {losses[0]:.3f}, photographs {losses[1]:.3f}"
                print(f"step {self.step} of {self._steps}, {shown}", flush=True)
            if self.step % SAVE_EVERY == 0 or self.step == self._steps:
                self._save()

    def _one(self, batch: Batch) -> tuple[float, float]:
        predicted = self.network(batch.pixels)[:, 0]
        rendered = rendered_loss(predicted[:RENDERED], batch.inverse)
        ordered = ordered_loss(predicted[RENDERED:], batch.nearer, batch.farther, batch.real)
        (rendered + PHOTOGRAPH_WEIGHT * ordered).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self._optimiser.step()
        self._optimiser.zero_grad()
        decay = min(AVERAGE, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for ours, theirs in zip(self.average.parameters(), self.network.parameters(), strict=True):
                ours.lerp_(theirs, 1 - decay)
        return rendered.item(), ordered.item()

    def _save(self) -> None:
        partial = self._checkpoint.with_suffix(".part")
        parts = (self.network, self.average, self._optimiser)
        torch.save({"step": self.step, "parts": [part.state_dict() for part in parts]}, partial)
        partial.rename(self._checkpoint)

    def _load(self) -> None:
        saved = torch.load(self._checkpoint, map_location="cpu", weights_only=True)
        self.step = saved["step"]
        for part, state in zip((self.network, self.average, self._optimiser), saved["parts"], strict=True):
            part.load_state_dict(state)


def _optimiser(network: DepthNetwork) -> torch.optim.Optimizer:
    trained = [(name, value) for name, value in network.named_parameters() if value.requires_grad]
    body = [value for name, value in trained if name.startswith("body.")]
    head = [value for name, value in trained if not name.startswith("body.")]
    groups = [{"params": body, "peak": BODY_RATE}, {"params": head, "peak": HEAD_RATE}]
    return torch.optim.AdamW(groups, lr=HEAD_RATE, weight_decay=0.01)


def _rate(step: int, steps: int) -> float:
    cosine = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
    return min(1.0, (step + 1) / WARM_UP) * cosine
