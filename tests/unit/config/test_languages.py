"""Which text reader a language asks for."""

import re
from pathlib import Path

import pytest

from config.languages import find_reader
from config.manifest import Manifest
from config.settings import Settings
from domain.models import ModelSpec

MANIFEST: Path = Settings.model_fields["manifest"].default

READERS = [
    ModelSpec("east", "any", (), languages=("korean", "ko")),
    ModelSpec("west", "any", (), languages=("latin", "zh-cn")),
]


@pytest.mark.parametrize(
    ("language", "name"), [("korean", "east"), ("KO", "east"), (" latin ", "west"), ("zh_CN", "west")]
)
def test_several_names_mean_one_reader(language: str, name: str) -> None:
    found = find_reader(READERS, language)
    assert found is not None
    assert found.name == name


def test_default_means_none_of_them() -> None:
    assert find_reader(READERS, "default") is None


def test_an_unknown_language_is_refused_with_those_known() -> None:
    known = "expected default or one of ko, korean, latin, zh-cn, got 'klingon'"
    with pytest.raises(ValueError, match=known):
        find_reader(READERS, "klingon")


def test_two_readers_of_one_language_are_refused() -> None:
    with pytest.raises(ValueError, match="both east and other read ko"):
        find_reader([*READERS, ModelSpec("other", "any", (), languages=("ko",))], "default")


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
