"""Captions that a generative model writes."""

from domain.errors import InvalidRequest
from domain.ports.models import Captioner, ModelProvider
from services.caption.result import CaptionOptions, CaptionResult
from services.images.photo import Photo
from services.progress import Progress


class GeneratedCaptioner:
    """CaptionWriter over a generative model. It is stateless and shared by threads.

    Args:
        captioner: The model.
    """

    def __init__(self, captioner: ModelProvider[Captioner]) -> None:
        self._captioner = captioner

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
        """Return the sentences that the model writes, best first.

        Raises:
            ModelUnavailable: The model is unavailable.
        """
        captioner = self._captioner.get()
        rgb = photo.rgb(progress)
        with progress.stage("caption"):
            captions = captioner.caption(rgb, options.candidates)
        return CaptionResult(tuple(captions), "generated", {"captioner": captioner.info})
