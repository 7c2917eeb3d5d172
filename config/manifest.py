"""Reads models.toml: which models a profile uses, and every weight file's size, hash and licence."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import ROOT
from domain.types import ModelSpec, WeightFile

MANIFEST = ROOT / "config" / "models.toml"


@dataclass(frozen=True)
class Profile:
    """Which model does which job."""

    name: str
    segmenter: ModelSpec
    labeller: ModelSpec


class Manifest:
    """The models and profiles of a manifest file.

    Args:
        path: A models.toml.

    Raises:
        ValueError: A key is missing or unknown.
    """

    def __init__(self, path: Path = MANIFEST) -> None:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        self.models = {name: _model(name, entry) for name, entry in data["models"].items()}
        self._profiles: Mapping[str, Mapping[str, str]] = data["profiles"]

    def profile(self, name: str) -> Profile:
        """The profile of that name.

        Raises:
            ValueError: There is none.
        """
        if name not in self._profiles:
            raise ValueError(f"profile: expected one of {', '.join(self._profiles)}, got {name!r}")
        return Profile(name, **{job: self.models[model] for job, model in self._profiles[name].items()})


def _model(name: str, entry: Mapping[str, Any]) -> ModelSpec:
    try:
        return ModelSpec(name, entry["adapter"], tuple(WeightFile(**file) for file in entry["files"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"models.toml, models.{name}: {error}") from error
