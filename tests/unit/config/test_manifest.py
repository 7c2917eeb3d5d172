"""models.toml and what it says of the files in the repository."""

from pathlib import Path

import pytest

from config.manifest import Manifest
from config.settings import Settings
from models.store import WeightStore, sha256_of


def test_every_embedded_file_is_what_the_manifest_says() -> None:
    profile = Manifest().profile("embedded")
    store = WeightStore(Settings.model_fields["weights_dir"].default)
    for model in (profile.segmenter, profile.labeller):
        assert model.files
        for file in model.files:
            assert sha256_of(store.ensure(file)) == file.sha256
            assert store.path(file).stat().st_size == file.bytes
            assert file.licence
            assert file.origin


def test_no_weight_file_is_left_out_of_the_manifest() -> None:
    known = {file.name for model in Manifest().models.values() for file in model.files}
    there = {path.name for path in Path(Settings.model_fields["weights_dir"].default).iterdir()}
    assert there <= known


def test_an_unknown_profile_lists_the_known() -> None:
    with pytest.raises(ValueError, match="embedded"):
        Manifest().profile("huge")


def test_a_broken_manifest_names_the_model(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text('[profiles]\n[models.x]\nadapter = "a"\n[[models.x.files]]\nname = "f"\n')
    with pytest.raises(ValueError, match=r"models\.x"):
        Manifest(path)
