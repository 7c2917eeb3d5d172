"""Concept prompts of /segment: phrases, or examples, of which all instances are found."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.contract.common import (
    EXAMPLE_FILE_ID,
    FileId,
    IntegralNumber,
    LabelText,
    UnitFloat,
    VocabularyFields,
    points_box_prompt,
)
from api.contract.mask_prompts import SentMask
from api.contract.prompts import BoxCorners, PromptFields
from domain.labels import label_key
from services.concepts.examples import ExamplePrompt, ExampleRegion
from services.concepts.text import TextPrompt
from services.images.upload import ImageService
from services.segment import SegmentOptions
from services.vocabularies.library import Vocabularies

MAX_TEXTS = 32

MAX_SHOWN_EXAMPLES = 32

CONCEPT_MEMBERS = {"texts": "text", "examples": "example", "example_file_id": "example"}
"""The `prompt_type` that each member of a concept prompt belongs to."""


class ExampleRegionEntry(BaseModel):
    """A region that shows what is looked for, or something like it that is not looked for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    box: BoxCorners | None = Field(
        None,
        description="Box [x0, y0, x1, y1] around the example, in pixels of the upright image that shows it.",
    )
    mask: SentMask | None = Field(
        None,
        description="Mask of the example, instead of `box`, taken as it is: COCO's run-length code of the "
        "size of the image that shows it, or a PNG data URL.",
    )
    label: IntegralNumber = Field(1, ge=0, le=1, description="1 for what is looked for, 0 for what is not.")

    @model_validator(mode="after")
    def _check_region(self) -> Self:
        if (self.box is None) == (self.mask is None):
            raise ValueError(f"expected either `box` or `mask`, got {'none' if self.box is None else 'both'}")
        return self

    def region(self) -> ExampleRegion:
        """Return the example in the services' terms."""
        mask = None if self.mask is None else self.mask.rle
        return ExampleRegion(points_box_prompt((), self.box, mask), self.label == 1)


class ConceptFields(VocabularyFields, PromptFields):
    """The prompt of /segment, which may be a concept."""

    confidence_threshold: UnitFloat = Field(
        0.0,
        description="Least confidence; if the best label is below it, the label is `unknown`. Of `text` and "
        "`example`, regions below it are left out.",
    )

    texts: Annotated[list[LabelText], Field(min_length=1, max_length=MAX_TEXTS)] | None = Field(
        None,
        description="Phrases for `text`, such as `a red car`. The answer has the regions that each phrase is "
        "about; `labels` or the vocabulary are the other names that phrases compete with.",
    )
    examples: (
        Annotated[list[ExampleRegionEntry], Field(min_length=1, max_length=MAX_SHOWN_EXAMPLES)] | None
    ) = Field(
        None,
        description="Regions for `example`. The answer has the regions that are like those of label 1, "
        "and less like those of label 0.",
    )
    example_file_id: FileId | None = Field(
        None,
        description="Id of the upload that shows `examples`, if it is another one.",
        json_schema_extra={"example": EXAMPLE_FILE_ID},
    )

    def _single_problems(self) -> Iterator[str]:
        yield from super()._single_problems()
        for member, prompt_type in CONCEPT_MEMBERS.items():
            if getattr(self, member) is not None and self.prompt_type != prompt_type:
                meant = f"did you mean prompt_type `{prompt_type}`?"
                yield f"prompt_type `{self.prompt_type}` takes no `{member}`; {meant}"
        if self.prompt_type == "text":
            yield from self._text_problems()
        if self.prompt_type == "example" and not any(one.label == 1 for one in self.examples or ()):
            yield "prompt_type `example` expects `examples` with at least one of label 1, got none"

    def _several_problems(self) -> Iterator[str]:
        yield from super()._several_problems()
        for member in CONCEPT_MEMBERS:
            if getattr(self, member) is not None:
                yield f"`prompts` and `boxes` take no `{member}`, because each prompt has exactly one entry"

    def _text_problems(self) -> Iterator[str]:
        if self.texts is None:
            yield "prompt_type `text` expects `texts`, got none"
        counts = Counter(label_key(text) for text in self.texts or ())
        for text in self.texts or ():
            if counts[label_key(text)] > 1:
                yield f"`texts` expects distinct phrases, got {text!r} {counts[label_key(text)]} times"
        if not getattr(self, "classify", True):
            yield "prompt_type `text` takes no `classify` false, because the phrases are the labels"
        if getattr(self, "view", None) is not None:
            yield "prompt_type `text` takes no `view`, because phrases are compared in the labeller's own"


def without_phrase_language(request: ConceptFields) -> ConceptFields:
    """Return the request without `labels_lang` where that is the language of its phrases alone."""
    if request.texts is None or request.labels is not None:
        return request
    return request.model_copy(update={"labels_lang": None})


def with_concept(
    options: SegmentOptions, request: ConceptFields, vocabularies: Vocabularies, images: ImageService
) -> SegmentOptions:
    """Return the options with the phrases or the examples of the request, if it has any.

    `confidence_threshold` is then about the regions that match, not about their labels.

    Raises:
        InvalidRequest: A phrase cannot be read.
        NotFound: The image of the examples is not stored.
    """
    least, labels = request.confidence_threshold, options.labels
    if request.texts is not None and labels is not None:
        phrases = vocabularies.phrases(request.texts, request.labels_lang)
        return replace(options, concept=TextPrompt(phrases, labels.vocabulary), least_confidence=least)
    if request.examples is None:
        return options
    photo = None if request.example_file_id is None else images.photo(request.example_file_id)
    return replace(
        options,
        labels=labels and replace(labels, confidence_threshold=0.0),
        concept=ExamplePrompt(tuple(one.region() for one in request.examples), photo),
        least_confidence=least,
    )
