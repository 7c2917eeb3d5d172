"""Policies: what to look for, how surely, and what to do then; read from TOML files."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from domain.errors import InvalidRequest
from domain.labels import MAX_LABEL_LENGTH, Label, Vocabulary

PolicyAction = Literal["allow", "review", "block"]
ACTION_SEVERITY: dict[PolicyAction, int] = {"allow": 0, "review": 1, "block": 2}

NEUTRAL_LABEL = "neutral"
PolicyPrompt = Annotated[str, Field(min_length=1, max_length=MAX_LABEL_LENGTH)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PolicyCategory(_Strict):
    """Something to look for.

    Attributes:
        name: What answers call it.
        prompts: What it looks like, in words for the text tower.
        threshold: Least probability of a whole photograph against the neutral prompts, 0..1.
        region_threshold: The same for one of its regions; parts of things look like many things.
        action: What to do with a photograph that shows it.
    """

    name: str = Field(min_length=1, max_length=MAX_LABEL_LENGTH)
    prompts: tuple[PolicyPrompt, ...] = Field(min_length=1)
    threshold: float = Field(gt=0, le=1)
    region_threshold: float = Field(gt=0, le=1)
    action: Literal["review", "block"]


class Policy(_Strict):
    """Categories and what they are held against.

    Attributes:
        neutral: What photographs show that break no rule.
        categories: At least one, with distinct names.
    """

    neutral: tuple[PolicyPrompt, ...] = Field(min_length=1)
    categories: tuple[PolicyCategory, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_distinct(self) -> "Policy":
        names = [category.name for category in self.categories]
        if len({*names, NEUTRAL_LABEL}) != len(names) + 1:
            raise ValueError(f"expected distinct category names, none of them {NEUTRAL_LABEL!r}, got {names}")
        return self

    def question(self, category: PolicyCategory) -> Vocabulary:
        """The category and what is neutral, as two names to choose from."""
        return Vocabulary(
            "policy", (Label(category.name, category.prompts), Label(NEUTRAL_LABEL, self.neutral))
        )


class Policies:
    """The policies of a directory, read once.

    Args:
        directory: Holds NAME.toml files.
        default: Name of the one used when a request names none.

    Raises:
        ValueError: A file is no policy, or the default is not among them.
    """

    def __init__(self, directory: Path, default: str) -> None:
        self._by_name = {path.stem: _read_policy(path) for path in sorted(directory.glob("*.toml"))}
        self._default = default
        if default not in self._by_name:
            raise ValueError(f"expected a policy {default!r} among {[*self._by_name]} in {directory}")

    def get(self, name: str | None) -> Policy:
        """The policy of that name, or the default.

        Raises:
            InvalidRequest: There is none.
        """
        chosen = self._default if name is None else name
        if chosen not in self._by_name:
            names = [*self._by_name]
            message = f"policy: expected one of {', '.join(names)}, got {chosen!r}"
            raise InvalidRequest(message, {"policies": names})
        return self._by_name[chosen]


def _read_policy(path: Path) -> Policy:
    try:
        return Policy.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path.name}: {error}") from error
