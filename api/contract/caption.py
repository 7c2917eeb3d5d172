"""POST /caption and /caption/batch: request, options, answer and task."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import (
    LABELS_LANG_DESCRIPTION,
    SCORE_DECIMALS,
    ImageBatchRequest,
    ImageRequest,
    LabelledAnswer,
    LabelTexts,
    LanguageCode,
    ModelEntry,
    VocabularyName,
    answer_config,
    label_notes,
)
from api.contract.tasks import ImageTask, PublishAnswer, TaskMetrics
from services.caption.result import DEFAULT_CAPTIONS, CaptionOptions, CaptionResult, CaptionWriter
from services.images.photo import Photo
from services.images.upload import ImageService
from services.progress import Progress
from services.vocabularies.library import Vocabularies

MAX_CAPTION_CANDIDATES = 20


class CaptionFields(BaseModel):
    """The options of /caption."""

    model_config = ConfigDict(extra="forbid", strict=True)

    labels: LabelTexts | None = Field(
        None,
        description="English nouns for the objects of the image; for composed captions only.",
    )
    labels_lang: LanguageCode | None = Field(
        None, description=f"{LABELS_LANG_DESCRIPTION} The sentences have the English texts."
    )
    vocabulary: VocabularyName | None = Field(
        None, description="Name of a vocabulary instead of `labels`; for composed captions only."
    )
    text: bool | None = Field(
        None,
        description="Mention the text in the image; true by default. For composed captions only.",
    )
    candidates: int = Field(
        DEFAULT_CAPTIONS,
        ge=1,
        le=MAX_CAPTION_CANDIDATES,
        description="Largest number of candidate sentences in the answer.",
    )


class CaptionRequest(CaptionFields, ImageRequest):
    """A request for a caption of one image."""


class CaptionBatchRequest(CaptionFields, ImageBatchRequest):
    """A request for captions of many images."""


class CaptionCandidateEntry(BaseModel):
    """A candidate sentence."""

    caption: str = Field(description="The sentence, in English.")
    confidence: float = Field(
        ge=0,
        le=1,
        description="Probability of the least certain label in a composed sentence, or geometric mean of the "
        "probabilities of the tokens of a generated one.",
    )
    score: float = Field(
        description="Score by which the sentence was chosen; comparable within one answer only."
    )


class CaptionAnswer(LabelledAnswer):
    """A sentence that describes the image."""

    model_config = answer_config(
        {
            "caption": "A cup on a plate.",
            "confidence": 0.71,
            "method": "composed",
            "candidates": [{"caption": "A cup on a plate.", "confidence": 0.71, "score": 0.64}],
        }
    )

    caption: str = Field(description="The chosen sentence, in English.")
    confidence: float = Field(ge=0, le=1, description="Confidence of the chosen sentence; see `candidates`.")
    method: Literal["composed", "generated"] = Field(
        description="`composed` by rules from the results of other models, or `generated` by a captioning "
        "model."
    )
    candidates: list[CaptionCandidateEntry] = Field(description="Candidate sentences, the chosen one first.")


class CaptionTask(ImageTask[CaptionRequest, CaptionOptions, CaptionAnswer]):
    """The work of POST /caption."""

    name = "caption"
    request_type = CaptionRequest

    def __init__(
        self, images: ImageService, metrics: TaskMetrics, writer: CaptionWriter, vocabularies: Vocabularies
    ) -> None:
        super().__init__(images, metrics)
        self._writer = writer
        self._vocabularies = vocabularies

    def to_options(self, request: CaptionFields) -> CaptionOptions:
        """Resolve the vocabulary and the other options."""
        return to_options(request, self._writer, self._vocabularies)

    def answer_of(
        self,
        photo: Photo,
        request: CaptionRequest,
        options: CaptionOptions,
        progress: Progress,
        publish: PublishAnswer,
    ) -> CaptionAnswer:
        """Write the caption."""
        return caption_answer(self._writer.caption(photo, options, progress), options)


def to_options(request: CaptionFields, writer: CaptionWriter, vocabularies: Vocabularies) -> CaptionOptions:
    """Return the options of a valid request.

    Raises:
        InvalidRequest: Its labels or its vocabulary cannot be used, or this writer takes none.
    """
    members = request.labels, request.vocabulary, request.labels_lang
    vocabulary = None
    if any(member is not None for member in members):
        vocabulary = vocabularies.resolve(request.labels, request.vocabulary, None, request.labels_lang)
    options = CaptionOptions(vocabulary, request.text, request.candidates)
    writer.check(options)
    return options


def caption_answer(result: CaptionResult, options: CaptionOptions) -> CaptionAnswer:
    """Return the answer of /caption."""
    entries = [
        CaptionCandidateEntry(
            caption=one.text,
            confidence=round(one.confidence, SCORE_DECIMALS),
            score=round(one.score, SCORE_DECIMALS),
        )
        for one in result.candidates
    ]
    models = {job: ModelEntry.of(info) for job, info in result.models.items()}
    models |= {job: ModelEntry(error=reason) for job, reason in result.errors.items()}
    return CaptionAnswer(
        caption=entries[0].caption,
        confidence=entries[0].confidence,
        method=result.method,
        candidates=entries,
        models=models,
        **label_notes(options.vocabulary),
    )
