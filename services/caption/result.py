"""What may be asked of a caption, and what is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from domain.labels import Vocabulary
from domain.models import ModelInfo
from domain.text import Caption
from services.images.photo import Photo
from services.progress import Progress

CaptionMethod = Literal["composed", "generated"]
"""From what other models found, by rules; or by a model that was trained to write."""

DEFAULT_CAPTIONS = 3


@dataclass(frozen=True)
class CaptionOptions:
    """One caption.

    Attributes:
        vocabulary: What things may be called; None: the default. A generative model has words of its own.
        text: Whether to read text; None: as the writer sees fit. A generative model cannot be told.
        candidates: How many sentences to tell at most, the chosen one included.
    """

    vocabulary: Vocabulary | None = None
    text: bool | None = None
    candidates: int = DEFAULT_CAPTIONS


@dataclass(frozen=True)
class CaptionResult:
    """The answer, before it is put into JSON.

    Attributes:
        candidates: The chosen one first; at least one.
        method: Who wrote them.
        models: Which models answered, by job.
        errors: Why something could not be had although it was asked for, by the job of the model.
    """

    candidates: tuple[Caption, ...]
    method: CaptionMethod
    models: Mapping[str, ModelInfo]
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def chosen(self) -> Caption:
        """The sentence to answer with."""
        return self.candidates[0]


class CaptionWriter(Protocol):
    """Says in a sentence what a photograph shows."""

    def check(self, options: CaptionOptions) -> None:
        """Refuse at once what this writer cannot do.

        Raises:
            InvalidRequest: An option means nothing to it.
        """

    def caption(self, photo: Photo, options: CaptionOptions, progress: Progress) -> CaptionResult:
        """The best sentence, and others that were considered.

        Raises:
            ModelUnavailable: A model that it cannot do without does not work.
        """
