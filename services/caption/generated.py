"""Captions that a generative model writes."""

from dataclasses import dataclass

from domain.errors import InvalidRequest
from domain.ports.models import Captioner, ModelProvider
from domain.ports.stores import Cache
from domain.text import Caption
from services.caption.result import CaptionOptions, CaptionResult
from services.images.photo import Photo
from services.progress import Progress


@dataclass(frozen=True)
class _GeneratedCaptions:
    """What the model wrote about one image, for the cache."""

    captions: tuple[Caption, ...]

    @property
    def nbytes(self) -> int:
        return sum(len(caption.text.encode()) for caption in self.captions)


class GeneratedCaptioner:
    """CaptionWriter over a generative model. It holds no request state, so threads share it.

    Args:
        captioner: The model.
        results: Cache of captions.
    """

    def __init__(self, captioner: ModelProvider[Captioner], results: Cache) -> None:
        self._captioner = captioner
        self._results = results

    def check(self, options: CaptionOptions) -> None:
        """Refuse options that only a composed caption can follow.

        Raises:
            InvalidRequest: A vocabulary or the option `text` was given.
        """
        if options.vocabulary is not None or options.text is not None:
            raise InvalidRequest(
                "labels, vocabulary, text: expected none of these, because the captioner in use chooses its "
                "own words"
            )

    def caption(self, photo: Photo, options: CaptionOptions, progress: Progress) -> CaptionResult:
        """Return the sentences that the model writes, best first; they are cached by image and number.

        Raises:
            ModelUnavailable: The model is unavailable.
        """
        captioner = self._captioner.get()

        def generate() -> _GeneratedCaptions:
            rgb = photo.rgb(progress)
            with progress.stage("caption"):
                return _GeneratedCaptions(tuple(captioner.caption(rgb, options.candidates)))

        key = (photo.key, captioner.info.sha256, "captions", options.candidates)
        generated = self._results.get_or_compute(key, generate, progress.check)
        return CaptionResult(generated.captions, "generated", {"captioner": captioner.info})
