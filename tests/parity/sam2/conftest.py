"""SAM 2.1 at full size with random weights, built once: ours, in both runtimes, and Meta's."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from sam2.build_sam import build_sam2
from sam2.sam2_image_predictor import SAM2ImagePredictor
from skimage import data

from domain.arrays import Rgb
from domain.masks import Embedding
from domain.models import ModelInfo
from models.sam2.export import export_sam2
from models.sam2.onnx import OnnxSam2
from models.sam2.segmenter import Sam2Segmenter
from models.sam2.torch import TorchSam2, build_sam2_model
from tests.parity.sam2.checkpoints import write_checkpoint

SIZES = (
    "sam2.1_hiera_t",
    *(pytest.param(f"sam2.1_hiera_{size}", marks=pytest.mark.all_sizes) for size in ("s", "b+", "l")),
)
INFO = ModelInfo("sam2.1", "0" * 64)


@dataclass(frozen=True)
class Sam2:
    """One checkpoint, loaded by Meta's code and by ours.

    Attributes:
        predictor: Meta's, with the photograph set.
        segmenters: Ours, by runtime.
        embeddings: The photograph, encoded by each.
    """

    predictor: SAM2ImagePredictor
    segmenters: dict[str, Sam2Segmenter]
    embeddings: dict[str, Embedding]


@pytest.fixture(scope="session")
def coffee() -> Rgb:
    """A photograph, 400 x 600."""
    return np.ascontiguousarray(data.coffee())


@pytest.fixture(scope="session", params=SIZES)
def sam2(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, coffee: Rgb) -> Sam2:
    """SAM 2.1 from one file, in Meta's predictor and behind our port in both runtimes."""
    folder = tmp_path_factory.mktemp("sam2")
    checkpoint = folder / "checkpoint.pt"
    write_checkpoint(request.param, checkpoint)
    predictor = SAM2ImagePredictor(
        build_sam2(f"configs/sam2.1/{request.param}.yaml", str(checkpoint), device="cpu")
    )
    predictor.set_image(coffee)
    export_sam2(build_sam2_model(request.param, checkpoint, torch.device("cpu")), folder)
    networks = {
        "torch": TorchSam2.load(request.param, checkpoint, torch.device("cpu"), torch.get_num_threads()),
        "onnx": OnnxSam2.load(folder, 2),
    }
    segmenters = {runtime: Sam2Segmenter(INFO, network) for runtime, network in networks.items()}
    embeddings = {runtime: segmenter.encode(coffee) for runtime, segmenter in segmenters.items()}
    return Sam2(predictor, segmenters, embeddings)
