"""Tests of the table of models: roles, captioners and exporters."""

from pathlib import Path

import pytest

from config.manifest import Manifest
from config.settings import Settings
from domain.errors import ModelUnavailable
from models.exports import OnnxExportStore
from models.registry import ADAPTERS, ComputeOptions, ModelRegistry, can_export, is_captioner
from models.store.weights import WeightStore


@pytest.fixture
def manifest() -> Manifest:
    settings = Settings()
    return Manifest(settings.manifest, settings.text_language)


def test_the_models_of_the_default_profile_have_their_roles(manifest: Manifest) -> None:
    profile = manifest.profile(Settings().profile)
    roles = [
        ADAPTERS[spec.adapter].role
        for spec in (profile.segmenter, profile.labeller, profile.text, profile.depth)
    ]
    assert roles == ["segmenter", "labeller", "text_reader", "depth_estimator"]


def test_a_model_behind_the_wrong_port_is_refused(manifest: Manifest, tmp_path: Path) -> None:
    registry = ModelRegistry(WeightStore(tmp_path, tmp_path), OnnxExportStore(tmp_path), ComputeOptions(1))
    labeller = manifest.profile(Settings().profile).labeller
    with pytest.raises(ModelUnavailable, match="expected a segmenter, got embedded, which is a labeller"):
        registry.segmenter(labeller).get()


def test_what_captions_and_what_exports(manifest: Manifest) -> None:
    specs = manifest.models.values()
    assert {spec.adapter for spec in specs if is_captioner(spec)} == {"blip"}
    assert {spec.adapter for spec in specs if can_export(spec)} == {"sam2", "clip", "depth-anything"}
