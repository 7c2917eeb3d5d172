"""Trains the contour network step by step, and resumes where a training stopped."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from tools.training.backbone import freeze_norms, load_backbone
from tools.training.contour.crops import Crop, crop_of
from tools.training.contour.losses import PairLoss, boundary_loss, group_loss
from tools.training.contour.network import ContourNetwork, Outputs
from tools.training.contour.scenes import Scenes

OBJECT_CROPS = 2
"""Number of crops with objects in a batch; one more crop is of regions."""

OUTLINE_WEIGHT, GROUP_WEIGHT, PAIR_WEIGHT = 0.6, 0.6, 1.0
"""Weights of the losses; that of edges has weight 1."""

BODY_RATE, HEAD_RATE = 2e-4, 1e-3
"""Highest learning rates."""

WARM_UP = 100
"""Number of steps in which the learning rate rises."""

DECAY = 0.999
"""Decay per step of the running average of the weights, which is what is exported."""

SAVE_EVERY = 250
"""Number of steps between two checkpoints."""


@dataclass(frozen=True)
class Data:
    """The images that batches are drawn from.

    Attributes:
        regions: Images that several people segmented.
        objects: Packs with annotated objects, each with the relative frequency with which it is drawn.
    """

    regions: Scenes
    objects: list[tuple[Scenes, float]]

    def batch(self, step: int) -> list[Crop]:
        """Return one crop of regions and OBJECT_CROPS crops of objects; they depend on the step alone."""
        rng = np.random.default_rng(step)
        share = np.array([weight for _, weight in self.objects])
        drawn = rng.choice(len(self.objects), OBJECT_CROPS, p=share / share.sum())
        packs = [self.regions, *(self.objects[index][0] for index in drawn)]
        return [crop_of(pack.read(int(rng.integers(len(pack.keys)))), rng) for pack in packs]


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
        self.network, self.average, self._pairs = ContourNetwork(), ContourNetwork(), PairLoss()
        load_backbone(self.network.body, backbone)
        freeze_norms(self.network)
        self.network.to(memory_format=torch.channels_last)
        self.average.load_state_dict(self.network.state_dict())
        self._optimizer = _optimizer(self.network, self._pairs)
        self._checkpoint, self._steps, self.step = checkpoint, steps, 0
        if checkpoint.exists():
            self._load()

    def run(self, data: Data) -> None:
        """Do all steps that are left."""
        smoothed = torch.zeros(4)
        bar = tqdm(total=self._steps, initial=self.step, unit="step", mininterval=10)
        while self.step < self._steps:
            for group in self._optimizer.param_groups:
                group["lr"] = group["peak"] * _rate(self.step, self._steps)
            losses = self._one(data.batch(self.step))
            self.step += 1
            smoothed = smoothed.lerp(losses, max(0.02, 1 / self.step))
            bar.update()
            bar.set_postfix_str(
                "edges {:.3f} outlines {:.3f} groups {:.3f} pairs {:.3f}".format(*smoothed.tolist())
            )
            if self.step % SAVE_EVERY == 0 or self.step == self._steps:
                self._save()

    def _one(self, crops: list[Crop]) -> Tensor:
        pixels = torch.from_numpy(np.stack([crop.pixels for crop in crops]))
        outputs = self.network(pixels.contiguous(memory_format=torch.channels_last))
        losses = self._losses(outputs, crops)
        (losses @ torch.tensor([1.0, OUTLINE_WEIGHT, GROUP_WEIGHT, PAIR_WEIGHT])).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self._optimizer.step()
        self._optimizer.zero_grad()
        decay = min(DECAY, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for average, trained in zip(self.average.parameters(), self.network.parameters(), strict=True):
                average.lerp_(trained, 1 - decay)
        return losses.detach()

    def _losses(self, outputs: Outputs, crops: list[Crop]) -> Tensor:
        """Return the losses [4] of edges, outlines, groups and pairs."""
        edge, flat, objects, groups = (
            torch.from_numpy(np.stack([getattr(crop, name) for crop in crops]))
            for name in ("edge", "flat", "objects", "groups")
        )
        generator = torch.Generator().manual_seed(self.step)
        return torch.stack(
            [
                boundary_loss([logits[:1] for logits in outputs.edges], edge[:1], flat[:1]),
                boundary_loss([logits[1:] for logits in outputs.outlines], edge[1:], flat[1:]),
                group_loss(outputs.groups[1:], groups[1:]),
                self._pairs(outputs.vectors[1:], objects[1:], generator),
            ]
        )

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
        return [self.network, self.average, self._pairs, self._optimizer]


def _optimizer(network: ContourNetwork, pairs: PairLoss) -> torch.optim.Optimizer:
    head = [value for name, value in network.named_parameters() if not name.startswith("body.")]
    groups = [
        {"params": [*network.body.parameters()], "peak": BODY_RATE},
        {"params": [*head, *pairs.parameters()], "peak": HEAD_RATE},
    ]
    return torch.optim.AdamW(groups, lr=HEAD_RATE, weight_decay=0.01)


def _rate(step: int, steps: int) -> float:
    cosine = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
    return min(1.0, (step + 1) / WARM_UP) * cosine
