"""models.toml and what it says of the files, here and elsewhere."""

import re
from pathlib import Path

import pytest

from config.manifest import Manifest, find_text_reader
from config.settings import Settings
from domain.models import ModelSpec, WeightFile
from models.store.weights import WeightStore

FILE = f'[[models.x.files]]\nrole = "r"\nlicence = "MIT"\norigin = "o"\nsha256 = "{"a" * 64}"\n'

MODEL = '[models.x]\nadapter = "a"\n' + FILE


@pytest.fixture
def manifest() -> Manifest:
    return Manifest(Settings.model_fields["manifest"].default)


@pytest.fixture
def weights_dir() -> Path:
    return Path(Settings.model_fields["weights_dir"].default)


def test_every_embedded_file_is_what_the_manifest_says(manifest: Manifest, weights_dir: Path) -> None:
    profile = manifest.profile("embedded")
    store = WeightStore(weights_dir, Path("unused"))
    for model in profile.models:
        assert model.files
        for file in model.files:
            assert store.problem(file) is None
            assert file.licence
            assert file.origin


def test_no_weight_file_is_left_out_of_the_manifest(manifest: Manifest, weights_dir: Path) -> None:
    known = {file.name for model in manifest.models.values() for file in model.files}
    assert {path.name for path in weights_dir.iterdir()} <= known


def test_published_files_are_complete(manifest: Manifest) -> None:
    adapters = ("sam2", "clip", "depth-anything")
    published = {name: model for name, model in manifest.models.items() if model.adapter in adapters}
    assert len(published) == 15
    for name, model in published.items():
        assert model.architecture
        roles = ["checkpoint", "tokenizer"] if name.startswith("clip-xlm") else ["checkpoint"]
        assert [file.role for file in model.files] == roles
        for file in model.files:
            assert file.url is not None
            assert file.url.startswith("https://")
            # Where it has another name, `origin` ends with the one it has there.
            assert file.url.split("/")[-1] in (file.name, file.origin.split()[-1])
            assert file.licence == ("MIT" if name.startswith("clip-") else "Apache-2.0")
            if model.tag == "openai":
                assert file.url.split("/")[-2] == file.sha256


@pytest.mark.parametrize(
    ("profile", "segmenter", "labeller"),
    [
        ("base", "sam2.1-tiny", "clip-vit-b-32"),
        ("large", "sam2.1-large", "clip-vit-l-14"),
        ("multilingual", "sam2.1-tiny", "clip-xlm-r-vit-b-32"),
    ],
)
def test_profiles(manifest: Manifest, profile: str, segmenter: str, labeller: str) -> None:
    found = manifest.profile(profile)
    names = [segmenter, labeller, "pp-ocrv6-small", "depth-anything-v2-small"]
    assert [model.name for model in found.models] == names
    assert profile in manifest.profiles_of(segmenter)
    assert manifest.profiles_of(labeller) == [profile]
    assert manifest.profiles_of("clip-rn50") == []
    assert manifest.profiles_of("pp-ocrv6-small") == ["embedded", "base", "large", "multilingual"]


def test_a_selection_takes_models_and_profiles_once_each(manifest: Manifest) -> None:
    chosen = [model.name for model in manifest.select(["clip-vit-b-32", "base", "sam2.1-small"])]
    depth = "depth-anything-v2-small"
    assert chosen == ["clip-vit-b-32", "sam2.1-tiny", "pp-ocrv6-small", depth, "sam2.1-small"]


def test_unknown_names_get_a_hint(manifest: Manifest) -> None:
    with pytest.raises(ValueError, match="embedded"):
        manifest.profile("huge")
    with pytest.raises(ValueError, match=r"did you mean sam2\.1-tiny\?"):
        manifest.select(["sam2-tiny"])
    with pytest.raises(ValueError, match=r"there are contour, .*large"):
        manifest.select(["???"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[models.x]\nadapter = "a"\n[[models.x.files]]\nname = "f"\n', r"models\.x: .*missing"),
        (MODEL + 'name = "f"\nbytes = 1\nmd5 = "0"\n', r"models\.x: .*md5"),
        (MODEL.replace("adapter", "arch") + 'name = "f"\nbytes = 1\n', r"models\.x: .*arch"),
        (MODEL + 'name = "../f"\nbytes = 1\n', "expected a plain file name"),
        (MODEL + 'name = "f"\nbytes = 0\n', "expected a positive number"),
        (MODEL.replace("[[", 'direction = "up"\n[[') + 'name = "f"\n', "expected ltr or rtl, got 'up'"),
        (MODEL + 'name = "f"\nbytes = 1\nurl = "ftp://x/f"\n', "expected http"),
        (MODEL.replace("aaaa", "zzzz") + 'name = "f"\nbytes = 1\n', "expected 64 hex digits"),
        ('[profiles.p]\nsegmenter = "gone"\nlabeller = "gone"\n', r"profiles\.p: .*gone"),
        ("not toml", "manifest .*models.toml"),
        (
            MODEL
            + 'name = "f"\nbytes = 1\n'
            + (MODEL + 'name = "f"\nbytes = 1\n').replace("models.x", "models.y").replace("a" * 64, "b" * 64),
            "two different files are named f",
        ),
    ],
)
def test_a_broken_manifest_says_where(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "models.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=problem):
        Manifest(path)


def test_a_size_may_be_unstated(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(MODEL + 'name = "f"\n')
    assert Manifest(path).select(["x"])[0].files[0].bytes is None


def test_a_manifest_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(MODEL + 'name = "f"\nbytes = 1\n')
    assert Manifest(path).select(["x"])[0].files == (WeightFile("r", "f", 1, "a" * 64, "MIT", "o"),)


MANIFEST: Path = Settings.model_fields["manifest"].default

READERS = [
    ModelSpec("east", "any", (), languages=("korean", "ko")),
    ModelSpec("west", "any", (), languages=("latin", "zh-cn")),
]


@pytest.mark.parametrize(
    ("language", "name"), [("korean", "east"), ("KO", "east"), (" latin ", "west"), ("zh_CN", "west")]
)
def test_several_names_mean_one_reader(language: str, name: str) -> None:
    found = find_text_reader(READERS, language)
    assert found is not None
    assert found.name == name


def test_default_means_none_of_them() -> None:
    assert find_text_reader(READERS, "default") is None


def test_an_unknown_language_is_refused_with_those_known() -> None:
    known = "expected default or one of ko, korean, latin, zh-cn, got 'klingon'"
    with pytest.raises(ValueError, match=known):
        find_text_reader(READERS, "klingon")


def test_two_readers_of_one_language_are_refused() -> None:
    with pytest.raises(ValueError, match="both east and other read ko"):
        find_text_reader([*READERS, ModelSpec("other", "any", (), languages=("ko",))], "default")


@pytest.mark.parametrize("profile", ["embedded", "base", "large", "multilingual"])
def test_every_profile_takes_the_reader_of_the_language(profile: str) -> None:
    plain, korean = Manifest(MANIFEST).profile(profile), Manifest(MANIFEST, "korean").profile(profile)
    assert korean.text.name == "pp-ocrv5-korean"
    assert korean.segmenter == plain.segmenter
    assert plain.text.name == "pp-ocrv6-small"
    assert Manifest(MANIFEST, "en").profile(profile) == plain
    profiles = ["embedded", "base", "large", "multilingual"]
    assert Manifest(MANIFEST, "korean").profiles_of("pp-ocrv5-korean") == profiles
    assert korean.text in Manifest(MANIFEST, "korean").select([profile])


def test_published_recognizers_are_complete() -> None:
    readers = {name: model for name, model in Manifest(MANIFEST).models.items() if model.languages}
    assert len(readers) == 12
    detector = readers["pp-ocrv6-small"].file("detector")
    for name, model in readers.items():
        assert model.adapter == "pp-ocr"
        assert model.file("detector") == detector
        assert all(re.fullmatch("[a-z][a-z-]+", language) for language in model.languages)
        recognizer = model.file("recognizer")
        assert recognizer.licence == "Apache-2.0"
        assert (recognizer.url is None) == (name == "pp-ocrv6-small")
        assert recognizer.url is None or recognizer.url.endswith(f"/{recognizer.name}")
        assert model.direction == ("rtl" if name == "pp-ocrv5-arabic" else "ltr")
