"""POST /classify: request, options and answer."""

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.contract.common import (
    EXAMPLE_FILE_ID,
    MAX_INT32,
    READ_AS_DESCRIPTION,
    SCORE_DECIMALS,
    ErrorBody,
    FileId,
    IntegralNumber,
    LabelledAnswer,
    LabelScoreEntry,
    ModelEntry,
    RequestImage,
    VocabularyFields,
    answer_config,
    label_notes,
    label_options,
    label_score_entry,
)
from domain.errors import ModelUnavailable, ServiceError
from services.classify.damage import ImageQuality
from services.classify.service import Classification, ZeroShotClassifier
from services.images.data_url import image_data_url
from services.labels.confidence import LabelOptions
from services.progress import Progress
from services.vocabularies.library import Vocabularies

MAX_CLASSIFY_IMAGES = 100


class ClassifyFields(VocabularyFields):
    """The options of /classify."""

    top_k: IntegralNumber = Field(
        5,
        ge=1,
        le=MAX_INT32,
        description="Number of alternatives to return, at most the size of the vocabulary.",
    )
    plot: bool = Field(False, description="Add a bar chart of the best labels to the answer.")
    robust: bool = Field(
        False,
        description="Average the probabilities over restored views of the image, which helps with blur, "
        "noise, JPEG blocks and darkness.",
    )


class ClassifyRequest(ClassifyFields):
    """A request to classify uploaded images."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"file_id": EXAMPLE_FILE_ID, "labels": ["cat", "dog"]}}
    )

    file_id: FileId | None = Field(None, description="Id of the image, from POST /upload.")
    file_ids: list[FileId] | None = Field(
        None,
        min_length=1,
        max_length=MAX_CLASSIFY_IMAGES,
        description="Ids of several images, instead of `file_id`. If one is invalid, only its entry fails.",
    )

    @model_validator(mode="after")
    def _check_exactly_one(self) -> Self:
        if (self.file_id is None) == (self.file_ids is None):
            got = "neither" if self.file_id is None else "both"
            raise ValueError(f"expected either `file_id` or `file_ids`, got {got}")
        return self


class ImageQualityEntry(BaseModel):
    """Damage of an image, estimated from its pixels."""

    blur: float = Field(
        ge=0,
        description="Sigma, in pixels of the upright image, of the Gaussian that would blur sharp edges to "
        "the width of the edges in the image; about 0.7 for a sharp image, 0 for one without edges.",
    )
    noise: float = Field(ge=0, description="Standard deviation of the noise in grey levels (0 to 255).")

    @classmethod
    def of(cls, quality: ImageQuality) -> Self:
        """Return the entry, rounded."""
        return cls(blur=round(quality.blur, 2), noise=round(quality.noise, 2))


class ClassifyEntry(BaseModel):
    """The result for one image. One of several images that cannot be used has `error` instead of labels."""

    file_id: str | None = Field(
        None, description="Id as it was sent; absent for images that were sent in the request."
    )
    name: str | None = Field(None, description="File name as it was sent; absent for uploaded images.")
    label: str | None = Field(None, description="The best label, or `unknown`.")
    confidence: float | None = Field(
        None, ge=0, le=1, description="Probability over the vocabulary plus the reject class."
    )
    read_as: str | None = Field(None, description=READ_AS_DESCRIPTION)
    alternatives: list[LabelScoreEntry] | None = Field(
        None, description="The `top_k` best labels, best first."
    )
    unknown: float | None = Field(None, ge=0, le=1, description="Probability that no label fits.")
    plot: str | None = Field(None, description="Bar chart as a PNG data URL; absent without `plot`.")
    quality: ImageQualityEntry | None = Field(
        None, description="Damage of the image; absent without `robust`."
    )
    error: ErrorBody | None = Field(None, description="Reason why the image could not be classified.")


class ClassifyAnswer(LabelledAnswer):
    """The labels of each image, in the order of the request."""

    model_config = answer_config(
        {
            "results": [
                {
                    "file_id": EXAMPLE_FILE_ID,
                    "label": "cat",
                    "confidence": 0.98,
                    "alternatives": [{"label": "cat", "confidence": 0.98}],
                    "unknown": 0.02,
                }
            ]
        }
    )

    results: list[ClassifyEntry] = Field(description="Results of the images, in the order of the request.")


def to_options(request: ClassifyFields, vocabularies: Vocabularies) -> LabelOptions:
    """Return the options of a valid request.

    Raises:
        InvalidRequest: Its labels or its vocabulary cannot be used.
    """
    return label_options(request, vocabularies, None, request.top_k)


def classify_images(
    images: Sequence[RequestImage],
    request: ClassifyFields,
    options: LabelOptions,
    classifier: ZeroShotClassifier,
    progress: Progress,
) -> ClassifyAnswer:
    """Classify images one after the other; of several, an invalid one fails only its own entry.

    Raises:
        ModelUnavailable: There is no labeller.
        ServiceError: The only image cannot be used.
    """
    results = [
        _classify_or_fail(image, request, options, classifier, progress, len(images)) for image in images
    ]
    models = {"labeller": ModelEntry.of(classifier.labeller)}
    return ClassifyAnswer(
        results=results, models=models, timings_ms=progress.timings_ms, **label_notes(options.vocabulary)
    )


def _classify_or_fail(
    image: RequestImage,
    request: ClassifyFields,
    options: LabelOptions,
    classifier: ZeroShotClassifier,
    progress: Progress,
    count: int,
) -> ClassifyEntry:
    try:
        with progress.stage("load"):
            photo = image.open()
        prediction = classifier.prediction(photo, options.vocabulary, request.robust, progress)
    except ModelUnavailable:
        raise
    except ServiceError as error:
        if count == 1:
            raise
        return ClassifyEntry(**image.identity, error=ErrorBody.of(error))
    with progress.stage("answer"):
        return _classify_entry(image, classifier.classification(prediction, options, request.plot))


def _classify_entry(image: RequestImage, found: Classification) -> ClassifyEntry:
    return ClassifyEntry(
        **image.identity,
        label=found.label,
        confidence=round(found.confidence, SCORE_DECIMALS),
        **({} if found.read_as is None else {"read_as": found.read_as}),
        alternatives=[label_score_entry(score) for score in found.scores],
        unknown=round(found.unknown, SCORE_DECIMALS),
        **({} if found.plot is None else {"plot": image_data_url(found.plot)}),
        **({} if found.quality is None else {"quality": ImageQualityEntry.of(found.quality)}),
    )
