"""Prompts of /segment: a grid, one object by points, box and mask, or several objects in one call."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.contract.common import FiniteNumber, PointPrompt, points_box_prompt
from api.contract.mask_prompts import MASK_DESCRIPTION, MaskPrompt, SentMask
from domain.masks import Prompt, PromptList

MAX_PROMPTS = 256

MAX_POINTS = 64

ObjectPoints = Annotated[list[PointPrompt], Field(min_length=1, max_length=MAX_POINTS)]

BoxCorners = Annotated[list[FiniteNumber], Field(min_length=4, max_length=4)]

NO_LIMITS = (
    "points_per_side",
    "adaptive",
    "deduplication",
    "quality_threshold",
    "stability_threshold",
    "min_area",
    "max_area",
)
"""Options that choose among masks. Several prompts take none of them, since each prompt has one mask."""


GRID_TYPES = ("grid", "text", "example")
"""Values of `prompt_type` that search the regions of a grid."""


class ObjectPrompt(BaseModel):
    """One of several prompts: points, a box, a mask or several of these on one object."""

    model_config = ConfigDict(extra="forbid", strict=True)

    points: ObjectPoints | None = Field(
        None,
        description="Points on the object, or beside it. Together with `box` they refine its mask.",
    )
    box: BoxCorners | None = Field(
        None, description="Box [x0, y0, x1, y1] in pixels of the upright image; x1 and y1 are exclusive."
    )
    mask: SentMask | None = Field(None, description=MASK_DESCRIPTION)

    @model_validator(mode="after")
    def _check_object(self) -> Self:
        shown = self.box is not None or self.mask is not None
        if not shown and not any(point.label == 1 for point in self.points or []):
            raise ValueError("expected `box`, `mask`, or `points` with at least one of label 1, got none")
        return self

    @property
    def prompt(self) -> Prompt:
        """The prompt in the service's own terms."""
        return _prompt(self.points, self.box, self.mask)


class PromptFields(BaseModel):
    """The prompt: a grid of points, points on one object, a box around it, its mask, or several of these."""

    model_config = ConfigDict(extra="forbid", strict=True)

    prompt_type: Literal["grid", "point", "box", "mask", "text", "example"] = Field(
        "grid",
        description="`grid` finds everything, `point` the object at `points`, `box` the object in `box`, "
        "`mask` the object that `mask` is a first guess of, `text` what `texts` are about, `example` "
        "everything like `examples`.",
    )
    points: ObjectPoints | None = Field(
        None,
        description="Points on one object, or beside it. Together with `box` they refine its mask.",
    )
    box: BoxCorners | None = Field(
        None, description="Box [x0, y0, x1, y1] in pixels of the upright image; x1 and y1 are exclusive."
    )
    mask: SentMask | None = Field(None, description=MASK_DESCRIPTION)
    prompts: list[ObjectPrompt] | None = Field(
        None,
        min_length=1,
        max_length=MAX_PROMPTS,
        description="Several prompts, instead of `prompt_type`. The answer has one entry for each, in "
        "order, equal to that of a call with this prompt alone.",
    )
    boxes: list[BoxCorners] | None = Field(
        None,
        min_length=1,
        max_length=MAX_PROMPTS,
        description="Several boxes, such as those of a detector: short for `prompts` with a `box` each.",
    )

    @model_validator(mode="after")
    def _check_prompt(self) -> Self:
        several = self.prompts is not None or self.boxes is not None
        for problem in self._several_problems() if several else self._single_problems():
            raise ValueError(problem)
        return self

    @property
    def prompt_list(self) -> PromptList | None:
        """The several prompts; None for a grid or one object."""
        if self.boxes is not None:
            return PromptList(tuple(_prompt(None, box, None) for box in self.boxes))
        return None if self.prompts is None else PromptList(tuple(one.prompt for one in self.prompts))

    @property
    def single_prompt(self) -> Prompt | None:
        """The prompt on one object; None for a grid."""
        return None if self.prompt_type in GRID_TYPES else _prompt(self.points, self.box, self.mask)

    def _single_problems(self) -> Iterator[str]:
        if self.prompt_type == "point" and not any(point.label == 1 for point in self.points or []):
            yield "prompt_type `point` expects `points` with at least one of label 1, got none"
        if self.prompt_type == "box" and self.box is None:
            yield "prompt_type `box` expects `box`, got none"
        if self.prompt_type == "mask" and self.mask is None:
            yield "prompt_type `mask` expects `mask`, got none"
        if self.prompt_type in (*GRID_TYPES, "point") and self.box is not None:
            yield f"prompt_type `{self.prompt_type}` takes no `box`; did you mean prompt_type `box`?"
        if self.prompt_type in GRID_TYPES and self.points is not None:
            yield f"prompt_type `{self.prompt_type}` takes no `points`; did you mean prompt_type `point`?"
        if self.prompt_type in GRID_TYPES and self.mask is not None:
            yield f"prompt_type `{self.prompt_type}` takes no `mask`; did you mean prompt_type `mask`?"

    def _several_problems(self) -> Iterator[str]:
        name, other = ("prompts", "boxes") if self.prompts is not None else ("boxes", "prompts")
        for field in (other, "prompt_type", "points", "box", "mask", *NO_LIMITS):
            if field in self.model_fields_set and getattr(self, field) is not None:
                why = (
                    "each prompt has exactly one entry"
                    if field in NO_LIMITS
                    else "its entries are the prompts"
                )
                yield f"`{name}` takes no `{field}`, because {why}"
        if getattr(self, "max_masks", None) not in (None, 1):
            yield f"`{name}` takes no `max_masks` above 1, because each prompt has exactly one entry"


def _prompt(points: list[PointPrompt] | None, box: list[float] | None, mask: MaskPrompt | None) -> Prompt:
    return points_box_prompt(points or [], box, None if mask is None else mask.rle)
