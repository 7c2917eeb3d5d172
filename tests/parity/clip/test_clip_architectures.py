"""Every CLIP that OpenAI published, by names and shapes; other trainings and what is refused."""

from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from open_clip.model import build_model_from_openai_state_dict
from safetensors.torch import save_file

from domain.arrays import Rgb
from domain.ports.models import RegionEncoder
from models.clip.export import export_clip
from models.clip.onnx import load_onnx_clip
from models.clip.torch import load_torch_clip
from models.clip.torch_towers import RegionTower, supports_regions
from models.clip.torch_weights import build_open_clip
from tests.parity.clip.checkpoints import write_archive
from tests.parity.clip.conftest import INFO
from tests.parity.clip.test_clip import reference_images, reference_texts

# Millions of parameters as open_clip's docs/model_profile.csv has them; side of the region grid, 0 for none.
PUBLISHED = {
    "RN50": (102.01, 0),
    "RN101": (119.69, 0),
    "RN50x4": (178.3, 0),
    "RN50x16": (290.98, 0),
    "RN50x64": (623.26, 0),
    "ViT-B-32": (151.28, 14),
    "ViT-B-16": (149.62, 14),
    "ViT-L-14": (427.62, 16),
    "ViT-L-14-336": (427.94, 24),
}


@pytest.mark.parametrize("architecture", PUBLISHED)
def test_names_and_shapes(architecture: str) -> None:
    with torch.device("meta"):
        model = build_open_clip(architecture, "openai")
        state = model.state_dict()
        # open_clip reads the architecture back out of nothing but names and shapes.
        again = build_model_from_openai_state_dict(dict(state)).state_dict()
        regions = RegionTower(model.visual).grid if supports_regions(model.visual) else 0
    assert {name: value.shape for name, value in again.items()} == {
        name: value.shape for name, value in state.items()
    }
    millions = sum(parameter.numel() for parameter in model.parameters()) / 1e6
    assert (round(millions, 2), regions) == PUBLISHED[architecture]


def test_all_that_open_clip_lists_are_covered() -> None:
    listed = {name for name, tag in open_clip.list_pretrained() if tag == "openai"}
    assert {name.removesuffix("-quickgelu") for name in listed} == set(PUBLISHED)


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_a_plain_state_dict_with_its_own_activation(clip_files: Path, suffix: str) -> None:
    torch.manual_seed(1)
    model = open_clip.create_model("ViT-B-32", pretrained=None).eval()
    path = (clip_files / "laion").with_suffix(suffix)
    state = {name: value.contiguous() for name, value in model.state_dict().items()}
    save_file(state, path) if suffix == ".safetensors" else torch.save({"state_dict": state}, path)
    encoder = load_torch_clip(INFO, path, "ViT-B-32", "laion2b_s34b_b79k", "cpu")
    with torch.inference_mode():
        expected = model.encode_text(open_clip.tokenize(["a dog"]), normalize=True).numpy()
    np.testing.assert_allclose(encoder.encode_texts(["a dog"]), expected, atol=1e-4)
    path.unlink()


def test_a_resnet_reads_no_regions(clip_files: Path, photographs: list[Rgb]) -> None:
    torch.manual_seed(2)
    model = build_open_clip("RN50", "openai").eval()
    path = clip_files / "rn50.pt"
    torch.save(model.state_dict(), path)
    encoder = load_torch_clip(INFO, path, "RN50-quickgelu", "yfcc15m", "cpu")
    assert not isinstance(encoder, RegionEncoder)
    assert encoder.encode_images(photographs[:1]).shape == (1, 1024)
    path.unlink()


@pytest.mark.parametrize(
    ("architecture", "words"),
    [
        ("ViT-B-99", "expected an architecture of open_clip"),
        ("ViT-B-16-SigLIP", "CLIP's own tokens"),
        ("xlm-roberta-large-ViT-H-14", "CLIP's own tokens"),
        ("coca_ViT-B-32", "CLIP's own tokens"),
    ],
)
def test_what_cannot_be_loaded_is_refused(tmp_path: Path, architecture: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        load_torch_clip(INFO, tmp_path / "none.pt", architecture, "", "cpu")
    with pytest.raises(ValueError, match=words):
        export_clip(tmp_path / "none.pt", architecture, "", tmp_path)


def test_weights_of_another_architecture_are_refused(archive: Path, architecture: str) -> None:
    other = "ViT-B-32" if architecture == "ViT-B-16" else "ViT-B-16"
    with pytest.raises(RuntimeError, match="size mismatch"):
        load_torch_clip(INFO, archive, other, "openai", "cpu")


@pytest.mark.all_sizes
@pytest.mark.parametrize("resnet", [name for name in PUBLISHED if name.startswith("RN")])
def test_a_resnet_equals_open_clips(tmp_path: Path, photographs: list[Rgb], resnet: str) -> None:
    path, exported = tmp_path / f"{resnet}.pt", tmp_path / "exported"
    exported.mkdir()
    write_archive(resnet, path)
    export_clip(path, resnet, "openai", exported)
    reference = open_clip.load_openai_model(str(path), precision="fp32", device="cpu").eval()
    images, texts = (
        reference_images(reference, photographs),
        reference_texts(reference, ["a dog", "a red car"]),
    )
    loaded = load_torch_clip(INFO, path, resnet, "openai", "cpu"), load_onnx_clip(INFO, exported, 2)
    for encoder, tolerance in zip(loaded, (1e-4, 1e-3), strict=True):
        np.testing.assert_allclose(encoder.encode_images(photographs), images, atol=tolerance)
        np.testing.assert_allclose(encoder.encode_texts(["a dog", "a red car"]), texts, atol=tolerance)
