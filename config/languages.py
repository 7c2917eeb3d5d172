"""Which text reader a language asks for; the manifest says which languages each reads."""

from collections.abc import Iterable

from domain.models import ModelSpec

DEFAULT = "default"
"""The profile's own reader."""


def find_reader(models: Iterable[ModelSpec], language: str) -> ModelSpec | None:
    """The text reader of a language or script; None for `default`.

    Args:
        models: Those of a manifest.
        language: A name such as `korean` or a code such as `ko`; case does not matter, `_` stands for `-`.

    Raises:
        ValueError: No model reads it, or two models claim one language.
    """
    readers: dict[str, ModelSpec] = {}
    for model in models:
        for name in model.languages:
            if readers.setdefault(name, model) is not model:
                raise ValueError(f"models.toml: both {readers[name].name} and {model.name} read {name}")
    wanted = language.strip().lower().replace("_", "-")
    if wanted != DEFAULT and wanted not in readers:
        known = ", ".join(sorted(readers))
        raise ValueError(f"text_language: expected {DEFAULT} or one of {known}, got {language!r}")
    return readers.get(wanted)
