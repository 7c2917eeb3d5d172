"""Convolutional networks that are fitted to folders of photographs."""

from models.runtimes.torch.cnn.trainer import TorchTrainer

__all__ = ["TorchTrainer"]
