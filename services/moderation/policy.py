"""Moderation policies: categories with prompts, thresholds and actions, read from TOML files."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from domain.errors import InvalidRequest
from domain.labels import MAX_LABEL_LENGTH, Label, Vocabulary, label_key
from services.vocabularies.characters import usable_text

PolicyAction = Literal["allow", "review", "block"]
ACTION_SEVERITY: dict[PolicyAction, int] = {"allow": 0, "review": 1, "block": 2}

NEUTRAL_LABEL = "neutral"
PolicyText = Annotated[str, Field(min_length=1, max_length=MAX_LABEL_LENGTH), AfterValidator(usable_text)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PolicyCategory(_Strict):
    """A category of images that a policy does not allow.

    Attributes:
        name: The name of the category in answers.
        prompts: Descriptions of such images for the text encoder.
        threshold: Lowest probability of the whole image against the neutral prompts that fires, 0..1.
        region_threshold: The same for one region; it is higher because parts of objects are ambiguous.
        action: The action for an image of the category.
    """

    name: PolicyText
    prompts: tuple[PolicyText, ...] = Field(min_length=1)
    threshold: float = Field(gt=0, le=1)
    region_threshold: float = Field(gt=0, le=1)
    action: Literal["review", "block"]


class Policy(_Strict):
    """Categories and the neutral prompts they are compared with.

    Attributes:
        neutral: Descriptions of images that are allowed.
        categories: At least one, with distinct names.
    """

    neutral: tuple[PolicyText, ...] = Field(min_length=1)
    categories: tuple[PolicyCategory, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_distinct(self) -> "Policy":
        names = [category.name for category in self.categories]
        if len({*map(label_key, (*names, NEUTRAL_LABEL))}) != len(names) + 1:
            raise ValueError(f"expected distinct category names, none of them {NEUTRAL_LABEL!r}, got {names}")
        return self

    def binary_vocabulary(self, category: PolicyCategory) -> Vocabulary:
        """Return a vocabulary of two labels: the category and NEUTRAL_LABEL."""
        return Vocabulary(
            "policy", (Label(category.name, category.prompts), Label(NEUTRAL_LABEL, self.neutral))
        )


class Policies:
    """The policies of a directory, read when it is constructed.

    Args:
        directory: Contains the files NAME.toml.
        default: Name of the policy used when a request names none.

    Raises:
        ValueError: A file is not a valid policy, or there is no file for the default.
    """

    def __init__(self, directory: Path, default: str) -> None:
        self._by_name = {path.stem: _read_policy(path) for path in sorted(directory.glob("*.toml"))}
        self._default = default
        if default not in self._by_name:
            raise ValueError(f"expected a policy {default!r} among {[*self._by_name]} in {directory}")

    def get(self, name: str | None) -> Policy:
        """Return the policy with that name, or the default for None.

        Raises:
            InvalidRequest: There is no such policy.
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
