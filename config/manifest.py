"""The manifest (models.toml): its models, its profiles, and the text reader of each language."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from domain.models import ModelSpec, WeightFile

DEFAULT_LANGUAGE = "default"
"""Value of `text_language` that keeps the profile's own text reader."""


def find_text_reader(models: Iterable[ModelSpec], language: str) -> ModelSpec | None:
    """Return the text reader of a language or script; None for `default`.

    Args:
        models: The models of a manifest.
        language: A name such as `korean` or a code such as `ko`; case does not matter, `_` stands for `-`.

    Raises:
        ValueError: No model reads the language, or two models claim one language.
    """
    readers: dict[str, ModelSpec] = {}
    for model in models:
        for name in model.languages:
            if readers.setdefault(name, model) is not model:
                raise ValueError(
                    f"models.toml: expected one text reader for {name}, "
                    f"but both {readers[name].name} and {model.name} read {name}"
                )
    wanted = language.strip().lower().replace("_", "-")
    if wanted != DEFAULT_LANGUAGE and wanted not in readers:
        known = ", ".join(sorted(readers))
        raise ValueError(f"text_language: expected {DEFAULT_LANGUAGE} or one of {known}, got {language!r}")
    return readers.get(wanted)


@dataclass(frozen=True)
class Profile:
    """The models of a profile, by their role."""

    name: str
    segmenter: ModelSpec
    labeller: ModelSpec
    text: ModelSpec
    depth: ModelSpec

    @property
    def models(self) -> tuple[ModelSpec, ...]:
        """All models of the profile."""
        return self.segmenter, self.labeller, self.text, self.depth


class Manifest:
    """The models and profiles of a manifest file.

    Args:
        path: Path of a models.toml.
        text_language: Language or script of the text reader of every profile; see `find_text_reader`.

    Raises:
        ValueError: The file cannot be read, a key is missing or unknown, a value is invalid, or no text
            reader knows the language.
    """

    def __init__(self, path: Path, text_language: str = DEFAULT_LANGUAGE) -> None:
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ValueError(f"manifest {path}: {error}") from error
        self.models = {name: _parse_model(name, entry) for name, entry in data.get("models", {}).items()}
        _check_file_names(self.models.values())
        reader = find_text_reader(self.models.values(), text_language)
        jobs: Mapping[str, Mapping[str, str]] = data.get("profiles", {})
        profiles = {name: _parse_profile(name, entry, self.models) for name, entry in jobs.items()}
        self._profiles = {
            name: replace(profile, text=reader or profile.text) for name, profile in profiles.items()
        }

    def profile(self, name: str) -> Profile:
        """Return the profile of that name.

        Raises:
            ValueError: There is no profile of that name.
        """
        if name not in self._profiles:
            raise ValueError(f"profile: expected one of {', '.join(self._profiles)}, got {name!r}")
        return self._profiles[name]

    def profiles_of(self, model: str) -> list[str]:
        """Return the names of the profiles that use a model."""
        return [name for name in self._profiles if model in (spec.name for spec in self._members(name))]

    def select(self, names: Iterable[str]) -> list[ModelSpec]:
        """Return the models of those names in order, each once; the name of a profile stands for its models.

        Raises:
            ValueError: A name is neither a model nor a profile; the message suggests the nearest one.
        """
        found = [spec for name in names for spec in self._members(name)]
        return list({spec.name: spec for spec in found}.values())

    def _members(self, name: str) -> list[ModelSpec]:
        if name in self.models:
            return [self.models[name]]
        if name in self._profiles:
            return list(self._profiles[name].models)
        known = [*self.models, *self._profiles]
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise ValueError(f"expected the name of a model or profile, got {name!r}; {hint}")


def _parse_model(name: str, entry: Mapping[str, Any]) -> ModelSpec:
    try:
        if "files" not in entry:
            raise ValueError("expected files; a model without weights has `files = []`")
        files = tuple(_parse_file(file) for file in entry["files"])
        languages = tuple(entry.get("languages", ()))
        spec = ModelSpec(name=name, **{**entry, "files": files, "languages": languages})
        if spec.direction not in ("ltr", "rtl"):
            raise ValueError(f"direction: expected ltr or rtl, got {spec.direction!r}")
        return spec
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"models.toml, models.{name}: {error}") from error


def _parse_file(entry: Mapping[str, Any]) -> WeightFile:
    file = WeightFile(**{"bytes": None, **entry})
    if Path(file.name).name != file.name:
        raise ValueError(f"name: expected a plain file name, got {file.name!r}")
    if not re.fullmatch("[0-9a-f]{64}", file.sha256):
        raise ValueError(f"sha256 of {file.name}: expected 64 hex digits, got {file.sha256!r}")
    if file.bytes is not None and (not isinstance(file.bytes, int) or file.bytes < 1):
        raise ValueError(f"bytes of {file.name}: expected a positive number, got {file.bytes!r}")
    if file.url is not None and not file.url.startswith(("https://", "http://")):
        raise ValueError(f"url of {file.name}: expected an http(s) URL, got {file.url!r}")
    return file


def _parse_profile(name: str, jobs: Mapping[str, str], models: Mapping[str, ModelSpec]) -> Profile:
    try:
        return Profile(name, **{job: models[model] for job, model in jobs.items()})
    except (KeyError, TypeError) as error:
        raise ValueError(f"models.toml, profiles.{name}: {error}") from error


def _check_file_names(models: Iterable[ModelSpec]) -> None:
    """Refuse two different files of one name, which would overwrite each other."""
    taken: dict[str, str] = {}
    for file in (file for model in models for file in model.files):
        if taken.setdefault(file.name, file.sha256) != file.sha256:
            raise ValueError(f"models.toml: two different files are named {file.name}")
